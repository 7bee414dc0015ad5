"""Reversible standardisation of the columns of a table, inside the model."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.errors import InvalidArgumentError


@keras.saving.register_keras_serializable(package="keras_vae.data")
class Standardize(keras.layers.Layer):
    """(x − mean) / scale of each column, with its inverse; in float32. Missing entries, NaN, stay missing.

    Args:
        mean: for each column.
        scale: for each column; positive.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if they differ in number, or a scale is not positive.

    Example:
        >>> table = np.array([[1.0, 0], [3.0, 1], [np.nan, 1]])
        >>> standardize = Standardize.of(table, columns=[0])
        >>> print(ops.convert_to_numpy(standardize(table)))
        [[-1.  0.]
         [ 1.  1.]
         [nan  1.]]
    """

    def __init__(self, mean: Sequence[float], scale: Sequence[float], **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", "autocast": False, **kwargs})
        if len(mean) != len(scale) or not all(each > 0 for each in scale):
            raise InvalidArgumentError(
                "There must be a mean and a positive scale for each column. "
                f"Received: {len(mean)} means, scale={list(scale)}"
            )
        self.mean = [float(each) for each in mean]
        self.scale = [float(each) for each in scale]
        self.built = True

    @classmethod
    def of(cls, x: np.ndarray, columns: Iterable[int] | None = None) -> "Standardize":
        """The one that gives columns of `x` mean 0 and standard deviation 1, by what is known of them.

        Args:
            x: `(n, num_columns)`.
            columns: which; the others, such as classes and counts, stay as they are. All by default.

        Raises:
            InvalidArgumentError: if nothing is known of a column.
        """
        x = np.asarray(x, "float64")
        mean, scale = np.zeros(x.shape[1]), np.ones(x.shape[1])
        for column in range(x.shape[1]) if columns is None else columns:
            known = x[~np.isnan(x[:, column]), column]
            if not len(known):
                raise InvalidArgumentError(f"Column {column} is missing in every row: leave it out.")
            mean[column], scale[column] = known.mean(), known.std() or 1.0
        return cls(mean.tolist(), scale.tolist())

    def call(self, x: Any) -> Any:
        return (ops.cast(x, "float32") - ops.array(self.mean, "float32")) / ops.array(self.scale, "float32")

    def inverse(self, x: Any) -> Any:
        """The way back, to raw units."""
        return ops.cast(x, "float32") * ops.array(self.scale, "float32") + ops.array(self.mean, "float32")

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "mean": self.mean, "scale": self.scale}
