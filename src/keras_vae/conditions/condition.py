"""The contract of a condition."""

import abc
from typing import Any

import keras

from keras_vae.distributions import Tensor


class Condition(keras.layers.Layer, abc.ABC):
    """A layer from one column, `(batch,)`, to a float32 vector for each example, `(batch, width)`.

    A value that means "unknown" has the zero vector, and no other value has.
    """

    @property
    @abc.abstractmethod
    def width(self) -> int:
        """How many numbers stand for one value."""

    @property
    @abc.abstractmethod
    def unknown(self) -> float:
        """The value that means "unknown"."""

    @abc.abstractmethod
    def parse(self, text: str) -> float:
        """The value that a text spells, as a person writes it; "unknown" is the unknown one.

        Raises:
            InvalidArgumentError: which says what values there are.
        """

    @abc.abstractmethod
    def described(self) -> dict[str, Any]:
        """What a page must know to ask for a value, in types that JSON knows."""

    @abc.abstractmethod
    def call(self, column: Tensor) -> Tensor:
        """The vectors of a column of values."""
