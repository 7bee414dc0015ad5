"""The article's convolutional bodies, for images of any height, width and number of channels."""

from collections.abc import Sequence

import keras
from keras import layers

from keras_vae.layers import Conv2D, Conv2DTranspose, Dense
from keras_vae.networks.grid import doubled, grid_sizes
from keras_vae.seeds import glorot_uniforms


def convolutional_encoder(
    filters: Sequence[int] = (32, 64), units: int = 256, *, seed: int | None = None
) -> keras.Sequential:
    """Strided convolutions (3×3, stride 2, same padding, ReLU), then a dense layer.

    Args:
        filters: channels of each convolution; each halves height and width.
        units: width of the dense layer, and of the features.
        seed: of the initial weights; `None` for Keras's global seed.

    Returns:
        A model `(batch, height, width, channels)` → `(batch, units)`.

    Example:
        >>> tuple(convolutional_encoder().compute_output_shape((None, 28, 28, 1)))
        (None, 256)
    """
    kernels = glorot_uniforms(seed)
    convolutions = [
        Conv2D(
            channels,
            3,
            strides=2,
            padding="same",
            activation="relu",
            kernel_initializer=next(kernels),
        )
        for channels in filters
    ]
    dense = Dense(units, activation="relu", kernel_initializer=next(kernels))
    return keras.Sequential([*convolutions, layers.Flatten(), dense], name="encoder")


def convolutional_decoder(
    image_shape: Sequence[int], filters: Sequence[int] = (64, 32), *, seed: int | None = None
) -> keras.Sequential:
    """A dense layer, then strided transposed convolutions (3×3, stride 2, same padding, ReLU).

    The mirror of `convolutional_encoder`, through the same heights and widths: where the encoder rounded
    an odd one up, the doubled one is cropped.

    Args:
        image_shape: `(height, width, channels)` of the images; the channels are the likelihood's affair.
        filters: channels of each transposed convolution; each doubles height and width.
        seed: of the initial weights; `None` for Keras's global seed.

    Returns:
        A model `(batch, latent_dim)` → `(batch, height, width, filters[-1])`.

    Example:
        >>> tuple(convolutional_decoder((28, 28, 1)).compute_output_shape((None, 2)))
        (None, 28, 28, 32)
        >>> tuple(convolutional_decoder((30, 45, 3)).compute_output_shape((None, 2)))
        (None, 30, 45, 32)
    """
    (rows, columns), *sizes = grid_sizes(image_shape, halvings=len(filters))
    kernels = glorot_uniforms(seed)
    start = Dense(rows * columns * filters[0], activation="relu", kernel_initializer=next(kernels))
    body: list[keras.layers.Layer] = [start, layers.Reshape((rows, columns, filters[0]))]
    for channels, size in zip(filters, sizes, strict=True):
        convolution = Conv2DTranspose(
            channels, 3, strides=2, padding="same", activation="relu", kernel_initializer=next(kernels)
        )
        body += doubled(convolution, size)
    return keras.Sequential(body, name="decoder")
