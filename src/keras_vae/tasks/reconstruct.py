"""Inputs → latent codes → inputs again."""

from typing import Any

import numpy as np

from keras_vae.tasks.batching import map_batches
from keras_vae.vae import VAE


def reconstruct(model: VAE, x: Any) -> np.ndarray:
    """What the model makes of each example, through the posterior mean: the same every time.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions.

    Returns:
        `(n, *event)`, float32, in the units of the raw data.
    """
    return map_batches(model.reconstruct, x, in_graph=model.built, at_once=True)
