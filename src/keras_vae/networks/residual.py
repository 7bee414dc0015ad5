"""Residual bodies with normalisation, for images of any height, width and number of channels."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_vae.distributions import Tensor
from keras_vae.layers import Conv2D, Conv2DTranspose, Dense
from keras_vae.networks.grid import doubled, grid_sizes
from keras_vae.seeds import child_seeds, glorot_uniforms

_GROUPS = 8


@keras.saving.register_keras_serializable(package="keras_vae.networks")
class ResidualBlock(keras.layers.Layer):
    """x + conv(swish(norm(conv(swish(norm(x)))))), with 3×3 convolutions (He et al., 2016b).

    The normalisation is over groups of channels (Wu & He, 2018): the same in training and outside it,
    and for a batch of any size.

    Args:
        filters: channels, of the input too.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> import numpy as np
        >>> tuple(ResidualBlock(16)(np.zeros((1, 7, 5, 16), "float32")).shape)
        (1, 7, 5, 16)
    """

    def __init__(self, filters: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.seed = seed
        kernels = glorot_uniforms(seed)
        self.body = []
        for _ in range(2):
            self.body += [
                layers.GroupNormalization(math.gcd(_GROUPS, filters), dtype=self.dtype_policy),
                layers.Activation("swish", dtype=self.dtype_policy),
                Conv2D(
                    filters, 3, padding="same", kernel_initializer=next(kernels), dtype=self.dtype_policy
                ),
            ]

    def build(self, input_shape: Sequence[int]) -> None:
        for layer in self.body:
            layer.build(input_shape)

    def call(self, x: Tensor) -> Tensor:
        y = x
        for layer in self.body:
            y = layer(y)
        return x + y

    def compute_output_shape(self, input_shape: Sequence[int]) -> tuple:
        return tuple(input_shape)

    def get_config(self) -> dict:
        return {**super().get_config(), "filters": self.filters, "seed": self.seed}


def residual_encoder(
    filters: Sequence[int] = (32, 64), blocks: int = 1, units: int = 256, *, seed: int | None = None
) -> keras.Sequential:
    """Strided convolutions, residual blocks after each, then a dense layer.

    Args:
        filters: channels of each stage; each halves height and width.
        blocks: residual blocks a stage.
        units: width of the dense layer, and of the features.
        seed: of the initial weights; `None` for Keras's global seed.

    Returns:
        A model `(batch, height, width, channels)` → `(batch, units)`.

    Example:
        >>> tuple(residual_encoder().compute_output_shape((None, 28, 28, 1)))
        (None, 256)
    """
    kernels, seeds = glorot_uniforms(seed), child_seeds(seed)
    body: list[keras.layers.Layer] = []
    for channels in filters:
        body.append(Conv2D(channels, 3, strides=2, padding="same", kernel_initializer=next(kernels)))
        body += [ResidualBlock(channels, seed=next(seeds)) for _ in range(blocks)]
    dense = Dense(units, activation="swish", kernel_initializer=next(kernels))
    return keras.Sequential([*body, layers.Activation("swish"), layers.Flatten(), dense], name="encoder")


def residual_decoder(
    image_shape: Sequence[int],
    filters: Sequence[int] = (64, 32),
    blocks: int = 1,
    *,
    seed: int | None = None,
) -> keras.Sequential:
    """A dense layer, then residual blocks and strided transposed convolutions: the encoder's mirror.

    Args:
        image_shape: `(height, width, channels)` of the images; the channels are the likelihood's affair.
        filters: channels of each stage; each doubles height and width.
        blocks: residual blocks a stage.
        seed: of the initial weights; `None` for Keras's global seed.

    Returns:
        A model `(batch, latent_dim)` → `(batch, height, width, filters[-1])`.

    Example:
        >>> tuple(residual_decoder((30, 45, 3)).compute_output_shape((None, 2)))
        (None, 30, 45, 32)
    """
    (rows, columns), *sizes = grid_sizes(image_shape, halvings=len(filters))
    kernels, seeds = glorot_uniforms(seed), child_seeds(seed)
    body: list[keras.layers.Layer] = [
        Dense(rows * columns * filters[0], kernel_initializer=next(kernels)),
        layers.Reshape((rows, columns, filters[0])),
    ]
    channels_in = filters[0]
    for channels, size in zip(filters, sizes, strict=True):
        body += [ResidualBlock(channels_in, seed=next(seeds)) for _ in range(blocks)]
        convolution = Conv2DTranspose(
            channels, 3, strides=2, padding="same", kernel_initializer=next(kernels)
        )
        body += doubled(convolution, size)
        channels_in = channels
    return keras.Sequential([*body, layers.Activation("swish")], name="decoder")
