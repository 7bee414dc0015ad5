"""Dense bodies, for tables and for images taken as rows of numbers."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_vae.layers import Dense
from keras_vae.seeds import glorot_uniforms


def dense_encoder(
    units: Sequence[int] = (256, 128), activation: str = "relu", *, seed: int | None = None
) -> keras.Sequential:
    """Flatten, then dense layers.

    Args:
        units: width of each layer; the last is that of the features.
        activation: after each layer.
        seed: of the initial weights; `None` for Keras's global seed.

    Returns:
        A model `(batch, *event)` → `(batch, units[-1])`.

    Example:
        >>> tuple(dense_encoder().compute_output_shape((None, 28, 28, 1)))
        (None, 128)
    """
    return keras.Sequential([layers.Flatten(), *_stack(units, activation, seed)], name="encoder")


def dense_decoder(
    units: Sequence[int] = (128, 256), activation: str = "relu", *, seed: int | None = None
) -> keras.Sequential:
    """Dense layers; the event's shape is the likelihood's affair.

    Args:
        units: width of each layer; the last is that of the features.
        activation: after each layer.
        seed: of the initial weights; `None` for Keras's global seed.

    Returns:
        A model `(batch, latent_dim)` → `(batch, units[-1])`.

    Example:
        >>> tuple(dense_decoder().compute_output_shape((None, 2)))
        (None, 256)
    """
    return keras.Sequential(_stack(units, activation, seed), name="decoder")


def _stack(units: Sequence[int], activation: str, seed: int | None) -> list[keras.layers.Layer]:
    return [
        Dense(width, activation=activation, kernel_initializer=kernel)
        for width, kernel in zip(units, glorot_uniforms(seed), strict=False)
    ]
