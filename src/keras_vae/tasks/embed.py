"""Inputs → latent codes."""

from typing import Any

import numpy as np

from keras_vae.tasks.batching import map_batches
from keras_vae.vae import VAE


def embed(model: VAE, x: Any) -> np.ndarray:
    """The posterior mean of each example: the same every time.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions.

    Returns:
        `(n, latent_dim)`, float32.
    """
    return map_batches(lambda batch: model.encode(batch).mean, x)
