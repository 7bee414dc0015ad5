"""Inputs → latent codes."""

import numpy as np

from keras_vae.tasks.batching import map_batches
from keras_vae.vae import VAE


def embed(model: VAE, x: np.ndarray) -> np.ndarray:
    """The posterior mean of each example: the same every time.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`.

    Returns:
        `(n, latent_dim)`, float32.
    """
    return map_batches(lambda batch: model.encode(batch).mean, x)
