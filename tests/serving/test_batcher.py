"""Requests that are computed together."""

import asyncio
import threading

import numpy as np
import pytest

from keras_vae.serving.batcher import Batcher, FullError


def doubled(arrays):
    return {"y": 2 * arrays["x"]}


def ask(batcher, first, count):
    return batcher({"x": np.arange(first, first + count)}, count)


def test_everybody_gets_their_own_and_those_who_wait_are_computed_together():
    sizes = []
    batcher = Batcher(doubled, most_in_batch=8, most_waiting=1000, watch=sizes.append)

    async def many():
        return await asyncio.gather(*(ask(batcher, 10 * i, 1 + i % 3) for i in range(50)))

    for i, found in enumerate(asyncio.run(many())):
        assert found["y"].tolist() == [2 * each for each in range(10 * i, 10 * i + 1 + i % 3)]
    assert sum(sizes) == sum(1 + i % 3 for i in range(50))
    assert max(sizes) == 8
    assert batcher.waiting == 0


def test_a_request_larger_than_a_batch_is_computed_in_pieces():
    sizes = []
    batcher = Batcher(doubled, 8, 1000, sizes.append)
    assert asyncio.run(ask(batcher, 0, 30))["y"].tolist() == list(range(0, 60, 2))
    assert sizes == [8, 8, 8, 6]


def test_too_many_are_refused_at_once_and_the_others_answered():
    goes_on = threading.Event()

    def slow(arrays):
        goes_on.wait(10)
        return doubled(arrays)

    batcher = Batcher(slow, 4, 10)

    async def crowd():
        first = [asyncio.create_task(ask(batcher, i, 5)) for i in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(FullError):
            await ask(batcher, 9, 1)
        goes_on.set()
        return await asyncio.gather(*first)

    assert [each["y"][0] for each in asyncio.run(crowd())] == [0, 2]
    assert asyncio.run(ask(batcher, 3, 1))["y"].tolist() == [6]


def test_an_error_reaches_those_it_concerns_and_no_others():
    def picky(arrays):
        if (arrays["x"] < 0).any():
            raise ArithmeticError("negative")
        return doubled(arrays)

    batcher = Batcher(picky, 1, 100)

    async def three():
        return await asyncio.gather(*(ask(batcher, i, 1) for i in (1, -5, 3)), return_exceptions=True)

    first, second, third = asyncio.run(three())
    assert (first["y"].tolist(), third["y"].tolist()) == ([2], [6])
    assert isinstance(second, ArithmeticError)


def test_who_goes_away_holds_nobody_up():
    goes_on = threading.Event()

    def slow(arrays):
        goes_on.wait(10)
        return doubled(arrays)

    batcher = Batcher(slow, 2, 100)

    async def some():
        tasks = [asyncio.create_task(ask(batcher, i, 3)) for i in range(3)]
        await asyncio.sleep(0.05)
        tasks[1].cancel()
        await asyncio.sleep(0)
        goes_on.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, gone, last = asyncio.run(some())
    assert isinstance(gone, asyncio.CancelledError)
    assert (first["y"].tolist(), last["y"].tolist()) == ([0, 2, 4], [4, 6, 8])
    assert batcher.waiting == 0
