"""A convolution to few channels, which libraries compute slowly, as matrix products."""

from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Tensor
from keras_vae.layers import Conv2D

_SIDE = 3
_TAPS = [(row, column) for row in range(_SIDE) for column in range(_SIDE)]


class NarrowConv2D(Conv2D):
    """`Conv2D(filters, 3, padding="same")`, in float32 on TensorFlow as products where filters are few.

    The article's last layer has 3 % of the arithmetic of its network, and took a quarter of the time. What
    each pixel gives to its nine neighbours is one matrix product, and shifted sums of it are the outputs;
    the gradients are two products more. The weights are those of `Conv2D`.

    Example:
        >>> import numpy as np
        >>> layer = NarrowConv2D(1)
        >>> tuple(layer(np.zeros((5, 28, 28, 32), "float32")).shape)
        (5, 28, 28, 1)
    """

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(filters, _SIDE, padding="same", **kwargs)

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """The convolution without its bias."""
        # With more, nine numbers for each output are more to move than the convolution takes.
        is_narrow = len(_TAPS) * self.filters <= inputs.shape[-1]
        # In bfloat16, on processors that multiply it themselves, the convolution is the faster one.
        is_whole = self.compute_dtype == "float32"
        if is_narrow and is_whole and keras.config.backend() == "tensorflow":
            matrix = ops.reshape(ops.transpose(kernel, (2, 0, 1, 3)), (inputs.shape[-1], -1))
            return _as_products(inputs, matrix)
        return super().convolution_op(inputs, kernel)


@ops.custom_gradient
def _as_products(x: Tensor, matrix: Tensor) -> tuple[Tensor, Any]:
    """`(n, height, width, channels)` and `(channels, 9 · filters)` → `(n, height, width, filters)`."""
    height, width, channels = x.shape[1:]
    outputs = matrix.shape[-1]
    filters = outputs // len(_TAPS)
    pixels = ops.reshape(x, (-1, channels))
    given = _framed(ops.reshape(ops.matmul(pixels, matrix), (-1, height, width, outputs)))
    parts = [
        given[:, row : row + height, column : column + width, tap * filters : (tap + 1) * filters]
        for tap, (row, column) in enumerate(_TAPS)
    ]

    def gradient(*args: Any, upstream: Any = None) -> tuple[Tensor, Tensor]:
        framed = _framed(args[-1] if upstream is None else upstream)
        # The way back of a shift is the opposite shift.
        shifted = [
            framed[:, 2 - row : 2 - row + height, 2 - column : 2 - column + width] for row, column in _TAPS
        ]
        by_tap = ops.reshape(ops.concatenate(shifted, axis=-1), (-1, outputs))
        to_pixels = ops.reshape(ops.matmul(by_tap, ops.transpose(matrix)), (-1, height, width, channels))
        return to_pixels, ops.matmul(ops.transpose(pixels), by_tap)

    return sum(parts[1:], start=parts[0]), gradient


def _framed(x: Tensor) -> Tensor:
    """With a row or column of zeros on each side."""
    return ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
