"""Checks of arguments that several parts share."""

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
