"""Latent codes → examples, and new examples from the prior."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from keras_vae.errors import InvalidArgumentError
from keras_vae.tasks.batching import map_batches
from keras_vae.vae import VAE


def sample(
    model: VAE, num_samples: int, seed: int = 0, conditions: Mapping[str, Any] | None = None
) -> np.ndarray:
    """New examples: z from the prior, then the mean of p(x|z).

    Args:
        model: a trained model.
        num_samples: how many.
        seed: the same seed gives the same examples.
        conditions: a value, or one for each example, for any of the model's conditions.

    Returns:
        `(num_samples, *event)`, float32, in the units of the raw data.

    Raises:
        InvalidArgumentError: if `num_samples` is not positive.
    """
    if num_samples < 1:
        raise InvalidArgumentError(
            f"At least one example must be asked for. Received: num_samples={num_samples}"
        )
    generator = keras.random.SeedGenerator(seed)
    return decode(model, model.sample_latents(num_samples, generator, conditions), conditions)


def decode(model: VAE, z: np.ndarray, conditions: Mapping[str, Any] | None = None) -> np.ndarray:
    """The mean of p(x|z), or p(x|z, c), for each latent code.

    Args:
        model: a trained model.
        z: `(n, latent_dim)`.
        conditions: a value, or one for each code, for any of the model's conditions.

    Returns:
        `(n, *event)`, float32, in the units of the raw data.
    """
    columns = {name: np.broadcast_to(each, len(z)) for name, each in (conditions or {}).items()}
    return map_batches(lambda batch: model.generate(batch.pop("z"), batch), {"z": z, **columns})
