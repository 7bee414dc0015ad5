"""Whole numbers among a likelihood's arguments."""

from typing import Any

from keras_vae.errors import InvalidArgumentError


def checked_count(option: str, value: Any, least: int) -> int:
    """`value`, if it is an integer of `least` or more.

    Raises:
        InvalidArgumentError: if it is not.

    Example:
        >>> checked_count("num_levels", 256, least=2)
        256
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidArgumentError(
            f"{option} must be an integer of {least} or more. Received: {option}={value!r}"
        )
    return value
