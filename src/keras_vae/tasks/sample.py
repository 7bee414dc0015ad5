"""Latent codes → examples, and new examples from the prior."""

import keras
import numpy as np

from keras_vae.errors import InvalidArgumentError
from keras_vae.tasks.batching import map_batches
from keras_vae.vae import VAE


def sample(model: VAE, num_samples: int, seed: int = 0) -> np.ndarray:
    """New examples: z from the prior, then the mean of p(x|z).

    Args:
        model: a trained model.
        num_samples: how many.
        seed: the same seed gives the same examples.

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
    return decode(model, model.prior.distribution().sample(num_samples, seed=generator)[:, 0])


def decode(model: VAE, z: np.ndarray) -> np.ndarray:
    """The mean of p(x|z) for each latent code.

    Args:
        model: a trained model.
        z: `(n, latent_dim)`.

    Returns:
        `(n, *event)`, float32, in the units of the raw data.
    """
    return map_batches(model.generate, z)
