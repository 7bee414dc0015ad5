"""An encoder for tables, which is told what is missing."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError
from keras_vae.networks.dense import dense_encoder


@keras.saving.register_keras_serializable(package="keras_vae.networks")
class TableFeatures(keras.layers.Layer):
    """The columns of a table as numbers that a network can use, and which of them are known.

    A number stays itself, a class becomes a one-hot vector; what is missing, NaN, becomes zeros. Beside
    them stands a 1 for each column that is known, so that the network can tell a zero from a gap.

    Args:
        num_categories: for each column the number of its classes, or `None` for numbers.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if there is no column, or a number of classes is not positive.

    Example:
        >>> import numpy as np
        >>> features = TableFeatures([None, 3])(np.array([[0.5, 2.0], [np.nan, np.nan]], "float32"))
        >>> print(ops.convert_to_numpy(features))
        [[0.5 0.  0.  1.  1.  1. ]
         [0.  0.  0.  0.  0.  0. ]]
    """

    def __init__(self, num_categories: Sequence[int | None], **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", "autocast": False, **kwargs})
        if not num_categories or any(each is not None and each < 1 for each in num_categories):
            raise InvalidArgumentError(
                "num_categories must have a positive number, or None, for each column of the table. "
                f"Received: {num_categories!r}"
            )
        self.num_categories = list(num_categories)
        self.built = True

    def call(self, x: Tensor) -> Tensor:
        x = ops.cast(x, "float32")
        known = ops.logical_not(ops.isnan(x))
        observed = ops.cast(known, "float32")
        # A gap is no class, nor any number but zero.
        values = ops.where(known, x, 0.0)
        classes = ops.round(ops.where(known, x, -1.0))
        blocks = [values] + [
            ops.cast(ops.equal(classes[:, column, None], ops.arange(count, dtype="float32")), "float32")
            for column, count in enumerate(self.num_categories)
            if count is not None
        ]
        ordered = ops.take(ops.concatenate(blocks, axis=-1), self._order(), axis=-1)
        return ops.concatenate([ordered, observed], axis=-1)

    def _order(self) -> list[int]:
        """Where the features of each column stand: its value, or its classes behind all values."""
        order: list[int] = []
        behind = len(self.num_categories)
        for column, count in enumerate(self.num_categories):
            order += [column] if count is None else range(behind, behind + count)
            behind += count or 0
        return order

    def compute_output_shape(self, input_shape: Sequence[int]) -> tuple:
        width = sum(1 if each is None else each for each in self.num_categories)
        return (input_shape[0], width + len(self.num_categories))

    def get_config(self) -> dict:
        return {**super().get_config(), "num_categories": self.num_categories}


def table_encoder(
    num_categories: Sequence[int | None],
    units: Sequence[int] = (256, 128),
    activation: str = "relu",
    *,
    seed: int | None = None,
) -> keras.Sequential:
    """`TableFeatures`, then dense layers.

    Args:
        num_categories: for each column the number of its classes, or `None` for numbers.
        units: width of each dense layer; the last is that of the features.
        activation: after each layer.
        seed: of the initial weights; `None` for Keras's global seed.

    Returns:
        A model `(batch, num_columns)` → `(batch, units[-1])`.

    Example:
        >>> tuple(table_encoder([None, None, 4]).compute_output_shape((None, 3)))
        (None, 128)
    """
    dense = dense_encoder(units, activation, seed=seed)
    return keras.Sequential([TableFeatures(num_categories), *dense.layers[1:]], name="encoder")
