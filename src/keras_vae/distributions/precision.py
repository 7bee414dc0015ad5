"""Numbers in float32 or better, whatever the mixed-precision policy."""

from typing import Any

import keras
from keras import ops

Tensor = Any


def as_float(value: Tensor) -> Tensor:
    """`value` as a tensor of float32, or of float64 where it is that already.

    Example:
        >>> import numpy as np
        >>> keras.backend.standardize_dtype(as_float(np.array([0, 255], "uint8")).dtype)
        'float32'
    """
    value = ops.convert_to_tensor(value)
    if keras.backend.standardize_dtype(value.dtype) == "float64":
        return value
    return ops.cast(value, "float32")
