"""What the decoder makes of every place in a two-dimensional latent space."""

from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np

from keras_vae.errors import InvalidArgumentError
from keras_vae.tasks.sample import decode
from keras_vae.vae import VAE


def latent_grid(model: VAE, size: int = 20, conditions: Mapping[str, Any] | None = None) -> np.ndarray:
    """Decode a grid over the quantiles of N(0, I): each cell holds the same share of the prior.

    Rows run from the highest z₂ at the top to the lowest, columns from the lowest z₁ to the highest,
    as on a map of the latent space (Kingma & Welling, 2014, figure 4).

    Args:
        model: a trained model with 2 latent units.
        size: cells a side.
        conditions: a value for any of the model's conditions; those left out are unknown.

    Returns:
        `(size, size, *event)`, float32, in the units of the raw data.

    Raises:
        InvalidArgumentError: if the model has not 2 latent units, or `size` is not positive.
    """
    if model.latent_dim != 2:
        raise InvalidArgumentError(
            f"The grid is a picture of 2 latent units, and this model has {model.latent_dim}. "
            "The latent map shows any number of them."
        )
    if size < 1:
        raise InvalidArgumentError(f"A grid has at least one cell. Received: size={size}")
    quantiles = np.array([NormalDist().inv_cdf((i + 0.5) / size) for i in range(size)], "float32")
    z1, z2 = np.meshgrid(quantiles, quantiles[::-1])
    images = decode(model, np.stack([z1.ravel(), z2.ravel()], axis=1), conditions)
    return images.reshape(size, size, *images.shape[1:])
