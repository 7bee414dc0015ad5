"""Requests that wait are computed together."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]


class FullError(Exception):
    """So much waits already that nothing more is taken."""


@dataclass
class _Waiting:
    arrays: Arrays
    count: int
    done: asyncio.Future
    parts: list[Arrays] = field(default_factory=list)
    start: int = 0


class Batcher:
    """Computes one batch after another, each of all that waits up to a number of examples.

    Nobody waits for others to come: while one batch is computed, the next one gathers. A request larger
    than a batch is computed in several.

    Args:
        function: arrays with the examples in front → arrays likewise; it is called in a thread of its own.
        most_in_batch: examples that are computed together.
        most_waiting: examples that may wait, those that are being computed included.
        watch: is told of each batch how many examples it has.
    """

    def __init__(
        self,
        function: Callable[[Arrays], Arrays],
        most_in_batch: int,
        most_waiting: int,
        watch: Callable[[int], Any] = bool,
    ) -> None:
        self.function = function
        self.most_in_batch = most_in_batch
        self.most_waiting = most_waiting
        self.watch = watch
        self.waiting = 0
        self._queue: deque[_Waiting] = deque()
        self._thread = ThreadPoolExecutor(1)
        self._task: asyncio.Task | None = None

    async def __call__(self, arrays: Arrays, count: int) -> Arrays:
        """What the function gives for these examples.

        Raises:
            FullError: if too many wait.
        """
        if self.waiting + count > self.most_waiting:
            raise FullError
        request = _Waiting(arrays, count, asyncio.get_running_loop().create_future())
        self.waiting += count
        self._queue.append(request)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        try:
            return await request.done
        finally:
            self.waiting -= count

    def close(self) -> None:
        """End its thread, once the batch in it is computed."""
        self._thread.shutdown()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while pieces := self._next():
            batch = _joined([arrays for _, arrays, _ in pieces])
            try:
                found = await loop.run_in_executor(self._thread, self.function, batch)
            except Exception as error:
                _fail([request for request, _, _ in pieces], error)
                continue
            self.watch(sum(count for _, _, count in pieces))
            start = 0
            for request, _, count in pieces:
                request.parts.append({name: each[start : start + count] for name, each in found.items()})
                start += count
                if request.start == request.count and not request.done.done():
                    request.done.set_result(_joined(request.parts))

    def _next(self) -> list[tuple[_Waiting, Arrays, int]]:
        """The next batch: pieces of requests, and how many examples each has."""
        pieces, room = [], self.most_in_batch
        while self._queue and room:
            request = self._queue[0]
            if request.done.done():  # nobody waits for it any more
                self._queue.popleft()
                continue
            end = min(request.count, request.start + room)
            part = {name: each[request.start : end] for name, each in request.arrays.items()}
            pieces.append((request, part, end - request.start))
            room -= end - request.start
            request.start = end
            if end == request.count:
                self._queue.popleft()
        return pieces


def _joined(parts: list[Arrays]) -> Arrays:
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([each[name] for each in parts]) for name in parts[0]}


def _fail(requests: list[_Waiting], error: Exception) -> None:
    for request in requests:
        request.start = request.count
        if not request.done.done():
            request.done.set_exception(error)
