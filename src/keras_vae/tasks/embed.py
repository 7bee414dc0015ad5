"""Inputs → latent codes."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.arguments import positive_integer
from keras_vae.tasks.batching import BATCH_SIZE, iterate_batches, map_batches
from keras_vae.vae import VAE


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
    return map_batches(_encoder(model, num_samples, seed), x, _batch_size(num_samples), model.built)


def embed_batches(
    model: VAE, x: Any, num_samples: int | None = None, seed: int = 0
) -> Iterator[np.ndarray]:
    """What `embed` gives, some hundred examples at a time; the arguments are the same."""
    return iterate_batches(_encoder(model, num_samples, seed), x, _batch_size(num_samples), model.built)


def _encoder(model: VAE, num_samples: int | None, seed: int) -> Callable[[Any], Any]:
    if num_samples is None:
        return lambda batch: model.encode(batch).mean
    count, generator = positive_integer("num_samples", num_samples), keras.random.SeedGenerator(seed)
    return lambda batch: ops.moveaxis(model.encode(batch).sample(count, seed=generator), 0, 1)


def _batch_size(num_samples: int | None) -> int:
    return max(1, BATCH_SIZE // (num_samples or 1))
