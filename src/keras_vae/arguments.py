"""Checks of arguments that several parts share."""

import math
from typing import Any

from keras_vae.errors import InvalidArgumentError


def positive_integer(name: str, value: Any) -> int:
    """`value`, if it is a positive integer.

    Raises:
        InvalidArgumentError: if it is none.

    Example:
        >>> positive_integer("num_flows", 4)
        4
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidArgumentError(f"{name} must be a positive integer. Received: {name}={value!r}")
    return value


def positive_number(name: str, value: Any) -> float:
    """`value` as a float, if it is a positive and finite number.

    Raises:
        InvalidArgumentError: if it is none.

    Example:
        >>> positive_number("temperature", 1)
        1.0
    """
    if isinstance(value, bool | str) or not (math.isfinite(value) and value > 0):
        raise InvalidArgumentError(f"{name} must be a positive number. Received: {name}={value!r}")
    return float(value)
