"""Inputs → latent codes."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.arguments import positive_integer
from keras_vae.latent_variable_model import split_inputs
from keras_vae.tasks.batching import BATCH_SIZE, as_graph, filled_up, is_graph, iterate_batches, map_batches
from keras_vae.vae import VAE

_MOST_ROWS, _MOST_ELEMENTS = 2000, 2**17


def embed(model: VAE, x: Any, num_samples: int | None = None, seed: int = 0) -> np.ndarray:
    """The posterior mean of each example, the same every time; or samples of its posterior.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions.
        num_samples: K, how many samples of q(z|x) an example; its mean if left out.
        seed: of the samples: the same seed gives the same ones.

    Returns:
        `(n, latent_dim)`, or `(n, K, latent_dim)` for samples, float32.

    Raises:
        InvalidArgumentError: if `num_samples` is not positive.
    """
    encoder = _encoder(model, num_samples, keras.random.SeedGenerator(seed))
    return map_batches(encoder, x, _batch_size(num_samples), model.built, num_samples is None)


def embed_batches(
    model: VAE, x: Any, num_samples: int | None = None, seed: int = 0
) -> Iterator[np.ndarray]:
    """What `embed` gives, some hundred examples at a time; the arguments are the same."""
    encoder = _encoder(model, num_samples, keras.random.SeedGenerator(seed))
    return iterate_batches(encoder, x, _batch_size(num_samples), model.built, num_samples is None)


class Embedder:
    """`embed_batches` for one piece of data after another: all of them run as one graph.

    Args:
        model: a trained model.
        num_samples: as for `embed`.

    Raises:
        InvalidArgumentError: if `num_samples` is not positive.
    """

    def __init__(self, model: VAE, num_samples: int | None = None) -> None:
        self._num_samples = num_samples
        self._seeds = keras.random.SeedGenerator(0)
        self._encode = as_graph(_encoder(model, num_samples, self._seeds))

    def batch_size(self, event_shape: tuple[int, ...]) -> int:
        """How many examples of that shape are embedded at a time.

        A call costs as much as some hundred rows of a table: 2,000 of them at a time go through in half the
        time of 500.
        """
        few = _batch_size(self._num_samples)
        return max(few, min(_MOST_ROWS, _MOST_ELEMENTS // math.prod(event_shape)) * few // BATCH_SIZE)

    def restart(self, seed: int) -> None:
        """Draw the samples of that seed from here on."""
        self._seeds.state.assign(keras.random.SeedGenerator(seed).state)

    def __call__(self, x: Any) -> Iterator[np.ndarray]:
        """The codes of examples, `(n, *event)` or a dict, some hundred at a time."""
        size = self.batch_size(split_inputs(x)[0].shape[1:])
        at_once = self._num_samples is None and is_graph(self._encode)
        return iterate_batches(filled_up(self._encode, size), x, size, at_once=at_once)


def _encoder(
    model: VAE, num_samples: int | None, seeds: keras.random.SeedGenerator
) -> Callable[[Any], Any]:
    if num_samples is None:
        return lambda batch: model.encode(batch).mean
    count = positive_integer("num_samples", num_samples)
    return lambda batch: ops.moveaxis(model.encode(batch).sample(count, seed=seeds), 0, 1)


def _batch_size(num_samples: int | None) -> int:
    return max(1, BATCH_SIZE // (num_samples or 1))
