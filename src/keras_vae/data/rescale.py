"""Reversible rescaling, inside the model."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_vae.data")
class Rescale(keras.layers.Layer):
    """x·scale + offset, with its inverse; computed in float32 whatever the mixed-precision policy.

    Keeping it in the model lets images stay `uint8` in memory, and makes the saved model take and
    return raw data.

    Args:
        scale: factor; not zero.
        offset: what is added after it.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> import numpy as np
        >>> rescale = Rescale.between((0, 255), (-1, 1))
        >>> print(rescale(np.array([[0, 255]], "uint8")).numpy())
        [[-1.  1.]]
        >>> print(rescale.inverse(np.array([[-1.0, 1.0]], "float32")).numpy())
        [[  0. 255.]]
    """

    def __init__(self, scale: float = 1.0, offset: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.scale = float(scale)
        self.offset = float(offset)

    @classmethod
    def between(cls, source: tuple[float, float], target: tuple[float, float]) -> "Rescale":
        """The rescaling that maps the interval `source` onto the interval `target`."""
        scale = (target[1] - target[0]) / (source[1] - source[0])
        return cls(scale, target[0] - source[0] * scale)

    def call(self, x: Any) -> Any:
        return ops.cast(x, "float32") * self.scale + self.offset

    def inverse(self, x: Any) -> Any:
        """The way back, to raw units."""
        return (ops.cast(x, "float32") - self.offset) * (1.0 / self.scale)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "scale": self.scale, "offset": self.offset}
