"""Several conditions at once."""

from collections.abc import Iterable, Mapping
from typing import Any

import keras
from keras import ops

from keras_vae.conditions.condition import Condition
from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError, UnknownNameError
from keras_vae.seeds import SeededLayer
from keras_vae.specs import build


@keras.saving.register_keras_serializable(package="keras_vae.conditions")
class Conditions(SeededLayer):
    """Named columns, some of them unknown, to one vector for each example.

    While training, each known value is made unknown at random, so that the model can afterwards be
    asked with any of its conditions left open.

    Args:
        columns: a `Condition`, or its name, as in `"category:num_categories=10"`, for each column's name.
        dropout: the probability that a known value is hidden while training, in [0, 1).
        seed: of what is hidden.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if there is no column, one is called "x", or `dropout` is out of range.

    Call arguments:
        inputs: a dict with the tensors `(batch,)` of any of the columns; those left out are unknown.
        batch_size: needed where `inputs` is empty.

    Returns:
        `(batch, width)`, in float32.

    Example:
        >>> conditions = Conditions({"label": "category:num_categories=3", "age": "real:mean=40,scale=10"})
        >>> print(keras.ops.convert_to_numpy(conditions({"label": keras.ops.array([2, 0])})))
        [[0. 0. 1. 0. 0.]
         [1. 0. 0. 0. 0.]]
    """

    def __init__(
        self,
        columns: Mapping[str, Condition | str],
        dropout: float = 0.1,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, **{"dtype": "float32", "autocast": False, **kwargs})
        if not columns or "x" in columns:
            raise InvalidArgumentError(
                "Conditions need at least one column, and none may be called 'x', which is the data. "
                f"Received: {', '.join(columns) or 'none'}"
            )
        if not 0.0 <= dropout < 1.0:
            raise InvalidArgumentError(f"dropout must lie in [0, 1). Received: dropout={dropout}")
        self.columns = {name: build(each, Condition) for name, each in columns.items()}
        self.dropout = dropout

    @property
    def width(self) -> int:
        """How many numbers stand for all the conditions of one example."""
        return sum(each.width for each in self.columns.values())

    def call(
        self, inputs: Mapping[str, Tensor], batch_size: Any = None, training: bool | None = None
    ) -> Tensor:
        if inputs:
            batch_size = ops.shape(next(iter(inputs.values())))[0]
        return ops.concatenate(
            [self._vectors(name, inputs.get(name), batch_size, training) for name in self.columns], axis=-1
        )

    def check(self, names: Any) -> None:
        """Refuse names that are no column's.

        Raises:
            UnknownNameError: which lists the columns.
        """
        for name in names:
            if name not in self.columns:
                raise UnknownNameError("condition", name, self.columns)

    def parse(self, texts: Iterable[str]) -> dict[str, float]:
        """The values that texts such as "label=7" spell.

        Raises:
            UnknownNameError: if a name is no column's.
            InvalidArgumentError: if a text or a value cannot be read.

        Example:
            >>> Conditions({"label": "category:num_categories=10"}).parse(["label=7"])
            {'label': 7}
        """
        values = {}
        for text in texts:
            name, equals, value = text.partition("=")
            self.check([name])
            if not equals:
                raise InvalidArgumentError(f"A condition is written NAME=VALUE. Received: {text!r}")
            values[name] = self.columns[name].parse(value.strip())
        return values

    def described(self) -> list[dict[str, Any]]:
        """What a page must know to ask for values: those of a category, the mean and scale of a number.

        Example:
            >>> Conditions({"label": "category:num_categories=2"}).described()
            [{'name': 'label', 'values': ['0', '1']}]
        """
        return [{"name": name, **each.described()} for name, each in self.columns.items()]

    def _vectors(self, name: str, column: Tensor | None, batch_size: Any, training: bool | None) -> Tensor:
        condition = self.columns[name]
        if column is None:
            return ops.zeros((batch_size, condition.width))
        vectors = condition(column)
        if training and self.dropout > 0.0:
            kept = keras.random.uniform((batch_size, 1), seed=self.seed_generator) >= self.dropout
            vectors = vectors * ops.cast(kept, vectors.dtype)
        return vectors

    def get_config(self) -> dict:
        columns = {name: keras.saving.serialize_keras_object(each) for name, each in self.columns.items()}
        return {**super().get_config(), "columns": columns, "dropout": self.dropout}

    @classmethod
    def from_config(cls, config: dict) -> "Conditions":
        columns = {
            name: keras.saving.deserialize_keras_object(each) for name, each in config["columns"].items()
        }
        return cls(**{**config, "columns": columns})
