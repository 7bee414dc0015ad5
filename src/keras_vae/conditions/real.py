"""A condition that is a number."""

import math
from typing import Any

import keras
from keras import ops

from keras_vae.conditions.condition import Condition
from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError


@keras.saving.register_keras_serializable(package="keras_vae.conditions")
class Real(Condition):
    """A number as the pair (standardised value, 1); NaN is "unknown", the pair (0, 0).

    Args:
        mean: of the column, in its own units.
        scale: its standard deviation, a positive number.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if `scale` is not positive or `mean` not finite.

    Example:
        >>> print(keras.ops.convert_to_numpy(Real(mean=10, scale=2)(keras.ops.array([14.0, float("nan")]))))
        [[2. 1.]
         [0. 0.]]
    """

    def __init__(self, mean: float = 0.0, scale: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", "autocast": False, **kwargs})
        if not (math.isfinite(mean) and math.isfinite(scale) and scale > 0):
            raise InvalidArgumentError(
                f"mean must be finite and scale a positive number. Received: mean={mean}, scale={scale}"
            )
        self.mean = float(mean)
        self.scale = float(scale)
        self.built = True

    @property
    def width(self) -> int:
        return 2

    @property
    def unknown(self) -> float:
        return math.nan

    def parse(self, text: str) -> float:
        try:
            value = math.nan if text == "unknown" else float(text)
        except ValueError:
            value = math.inf
        if math.isinf(value):
            raise InvalidArgumentError(f"Expected a number, or unknown. Received: {text!r}")
        return value

    def described(self) -> dict[str, Any]:
        return {"mean": self.mean, "scale": self.scale}

    def call(self, column: Tensor) -> Tensor:
        column = ops.cast(column, "float32")
        known = ops.isfinite(column)
        standard = (ops.where(known, column, self.mean) - self.mean) / self.scale
        return ops.stack([standard, ops.cast(known, "float32")], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape, self.width)

    def get_config(self) -> dict:
        return {**super().get_config(), "mean": self.mean, "scale": self.scale}
