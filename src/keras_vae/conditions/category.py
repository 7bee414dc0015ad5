"""A condition with finitely many values."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_vae.arguments import positive_integer
from keras_vae.conditions.condition import Condition
from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError, UnknownNameError


@keras.saving.register_keras_serializable(package="keras_vae.conditions")
class Category(Condition):
    """A class label 0 … num_categories − 1 as a one-hot vector; −1 is "unknown", the zero vector.

    Args:
        num_categories: how many classes.
        names: what the classes are called, for people who ask for one; none by default.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if `num_categories` is no positive integer, or there are not as many names.

    Example:
        >>> print(keras.ops.convert_to_numpy(Category(3)(keras.ops.array([2, -1]))))
        [[0. 0. 1.]
         [0. 0. 0.]]
    """

    def __init__(self, num_categories: int, names: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", "autocast": False, **kwargs})
        self.num_categories = positive_integer("num_categories", num_categories)
        self.names = tuple(names)
        if len(self.names) not in (0, num_categories):
            raise InvalidArgumentError(
                f"There must be a name for each of the {num_categories} categories, or none. "
                f"Received: {len(self.names)}"
            )
        self.built = True

    @property
    def width(self) -> int:
        return self.num_categories

    @property
    def unknown(self) -> float:
        return -1

    def parse(self, text: str) -> int:
        if text in self.names:
            return self.names.index(text)
        if text == "unknown":
            return -1
        if self.names:
            raise UnknownNameError("category", text, [*self.names, "unknown"])
        if not (text.isdecimal() and int(text) < self.num_categories):
            raise InvalidArgumentError(
                f"A category of this model is an integer from 0 to {self.num_categories - 1}, or unknown. "
                f"Received: {text!r}"
            )
        return int(text)

    def described(self) -> dict[str, Any]:
        return {"values": list(self.names) or [str(value) for value in range(self.num_categories)]}

    def call(self, column: Tensor) -> Tensor:
        classes = ops.arange(self.num_categories, dtype="int32")
        return ops.cast(ops.expand_dims(ops.cast(column, "int32"), -1) == classes, "float32")

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return (*input_shape, self.width)

    def get_config(self) -> dict:
        return {**super().get_config(), "num_categories": self.num_categories, "names": list(self.names)}
