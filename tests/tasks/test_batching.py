"""Tasks in batches: a graph gives what its operations give, whatever is left for the last batch."""

import threading
import time

import keras
import numpy as np
import pytest

from keras_vae import recipes, tasks
from keras_vae.data import Dataset
from keras_vae.tasks.batching import BATCH_SIZE, iterate_batches, map_batches


@pytest.fixture(scope="module")
def many():
    """A conditional model of small images, and more of them than four batches."""
    generator = np.random.default_rng(0)
    count = 4 * BATCH_SIZE + 77
    x = generator.integers(0, 256, (count, 6, 6, 1), dtype="uint8")
    labels = generator.integers(0, 3, count)
    data = Dataset("noise", x, labels, x[:5], labels[:5])
    model = recipes.get("article").model(data, conditions=["label"], seed=0)
    inputs = data.inputs("train", model.condition_names)
    model.build({name: (None, *each.shape[1:]) for name, each in inputs.items()})
    return model, inputs


@pytest.mark.parametrize(
    "function",
    [
        lambda model: lambda x: model.encode(x).mean,
        lambda model: model.reconstruct,
        lambda model: lambda x: {"two": [model.encode(x).mean, x["label"]]},
    ],
    ids=["embed", "reconstruct", "nest"],
)
def test_a_graph_gives_what_its_operations_do(function, many):
    model, inputs = many
    in_graph, eager = (map_batches(function(model), inputs, in_graph=graph) for graph in (True, False))
    for one, other in zip(keras.tree.flatten(in_graph), keras.tree.flatten(eager), strict=True):
        assert one.shape == other.shape
        assert len(one) == 4 * BATCH_SIZE + 77
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_a_decoder_does_as_decode_does(many):
    model, _ = many
    decode, codes = tasks.decoder(model), np.random.default_rng(1).normal(size=(7, model.latent_dim))
    for rows, conditions in ((slice(1), {"label": 2}), (slice(7), {}), (slice(1, 2), {"label": 0})):
        expected = tasks.decode(model, codes[rows].astype("float32"), conditions)
        np.testing.assert_allclose(decode(codes[rows], conditions), expected, rtol=1e-5, atol=1e-4)


def test_few_are_scored_as_many_are(many):
    model, inputs = many
    few = {name: each[40:50] for name, each in inputs.items()}
    np.testing.assert_allclose(
        tasks.score(model, inputs).score[40:50], tasks.score(model, few).score, rtol=1e-5
    )


@pytest.mark.parametrize("task", [tasks.embed, tasks.reconstruct, tasks.score])
def test_two_batches_at_once_give_what_one_after_the_other_does(task, many, monkeypatch):
    model, inputs = many
    found = task(model, inputs)
    monkeypatch.setattr("keras_vae.tasks.batching._two_at_once", map)
    expected = task(model, inputs)
    if task is tasks.score:
        found, expected = found.score, expected.score
    np.testing.assert_array_equal(found, expected)


def test_two_batches_are_computed_at_once_and_come_in_order():
    both = threading.Barrier(2, timeout=30)

    def function(batch):
        if batch[0]:
            both.wait()
        time.sleep(0.02 * (batch[0] % 2))
        return batch

    assert map_batches(function, np.arange(9), 1, at_once=True).tolist() == list(range(9))


def test_what_goes_wrong_in_one_of_two_is_told_and_ends_it():
    done = []

    def function(batch):
        if batch[0] == 2:
            raise ValueError("the third")
        done.append(batch[0])
        return batch

    with pytest.raises(ValueError, match="the third"):
        map_batches(function, np.arange(1000), 1, at_once=True)
    assert len(done) < 10


def test_who_takes_no_more_batches_has_no_more_computed():
    started = []

    def function(batch):
        started.append(batch[0])
        return batch

    batches = iterate_batches(function, np.arange(1000), 1, at_once=True)
    assert [next(batches)[0] for _ in range(3)] == [0, 1, 2]
    batches.close()
    assert len(started) < 10
