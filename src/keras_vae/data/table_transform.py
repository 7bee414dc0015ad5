"""Raw tables → what a model sees, and back, inside the model."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.columns.schema import Schema
from keras_vae.data.batches import spread
from keras_vae.data.stretch import Stretch, fit_stretch
from keras_vae.errors import InvalidArgumentError

_MOST_ROWS = 100_000


@keras.saving.register_keras_serializable(package="keras_vae.data")
class TableTransform(keras.layers.Layer):
    """The columns of a table, each stretched in its own way, with the inverse; in float32.

    It also holds what the columns are, so that a saved model reads and writes tables by itself: `schema`.
    Missing entries, NaN, stay missing. On the way back, a quantile stretch ends at the largest and the
    smallest value that it has seen.

    Args:
        schema: what the columns are, or its config.
        stretches: for each column, or their configs.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if there is not one stretch for each column.

    Example:
        >>> import pyarrow as pa
        >>> from keras_vae.data import read_table
        >>> table = read_table(pa.table({"height": [1.5, 1.7, None], "pet": ["cat", "dog", "cat"]}))
        >>> transform = TableTransform.of(table.schema, table.matrix)
        >>> print(ops.convert_to_numpy(transform(table.matrix)).round(3))
        [[-1.  0.]
         [ 1.  1.]
         [nan  0.]]
    """

    def __init__(self, schema: Any, stretches: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", "autocast": False, **kwargs})
        self.schema = schema if isinstance(schema, Schema) else Schema.from_config(schema)
        self.stretches = [each if isinstance(each, Stretch) else Stretch(**each) for each in stretches]
        if len(self.stretches) != len(self.schema.columns):
            raise InvalidArgumentError(
                f"There must be a stretch for each of {len(self.schema.columns)} columns. "
                f"Received: {len(self.stretches)}"
            )
        self._is_log = np.array([each.kind == "log" for each in self.stretches])
        is_quantile = np.array([each.kind == "quantile" for each in self.stretches])
        self._quantile = np.flatnonzero(is_quantile)
        self._mean, self._scale = (
            np.where(is_quantile, plain, [getattr(each, name) for each in self.stretches]).astype("float32")
            for name, plain in (("mean", 0.0), ("scale", 1.0))
        )
        self._shift = np.array([each.shift for each in self.stretches], "float32")
        self._is_left_alone = ~self._is_log & (self._mean == 0.0) & (self._scale == 1.0)
        # Where each column comes from: itself, or the quantile stretches behind all of them.
        self._order = np.arange(len(self.stretches))
        self._order[self._quantile] = len(self.stretches) + np.arange(len(self._quantile))
        self._values, self._scores = (
            _padded([getattr(self.stretches[i], name) for i in self._quantile])
            for name in ("values", "scores")
        )
        self._spread = np.array([self.stretches[i].scale for i in self._quantile], "float32")
        self.built = True

    @classmethod
    def of(
        cls, schema: Schema, matrix: Any, kinds: Mapping[str, str] | None = None, **kwargs: Any
    ) -> "TableTransform":
        """The transform that is learned from rows, `(n, num_columns)`, at most 100,000 of them.

        Numbers and dates are stretched until they look normal, see `fit_stretch`; counts, booleans and
        categories stay as they are.

        Args:
            schema: what the columns are.
            matrix: their numbers, NaN for what is missing.
            kinds: of a stretch, for columns by name: "none", "standardize", "log" or "quantile".
            **kwargs: arguments of `keras.layers.Layer`.

        Raises:
            UnknownNameError: if there is no such column or stretch.
        """
        kinds = kinds or {}
        for name in kinds:
            schema[name]
        some = np.asarray(matrix[spread(len(matrix), _MOST_ROWS)])
        stretches = []
        for column, x in zip(schema.columns, some.T, strict=True):
            kind = kinds.get(column.name)
            is_stretched = column.is_continuous or kind is not None
            stretches.append(fit_stretch(x[~np.isnan(x)], kind) if is_stretched else Stretch())
        return cls(schema, stretches, **kwargs)

    @property
    def is_linear(self) -> np.ndarray:
        """For each column, whether the mean of what is stretched is the stretched mean."""
        return np.array([each.is_linear for each in self.stretches])

    def call(self, x: Any) -> Any:
        x = ops.cast(x, "float32")
        tiny = np.finfo("float32").tiny
        shift, mean, scale = _tensors(self._shift, self._mean, self._scale)
        logarithm = ops.log(ops.maximum(x + shift, tiny))
        y = (ops.where(self._is_log, logarithm, x) - mean) / scale
        # Classes and counts stay what they are to the bit: in a graph, TensorFlow divides by one otherwise.
        y = ops.where(self._is_left_alone, x, y)
        return self._with_quantiles(y, x, self._score)

    def inverse(self, x: Any) -> Any:
        """The way back, to raw units."""
        x = ops.cast(x, "float32")
        shift, mean, scale = _tensors(self._shift, self._mean, self._scale)
        y = x * scale + mean
        exponential = ops.exp(ops.minimum(y, 80.0)) - shift
        return self._with_quantiles(ops.where(self._is_log, exponential, y), x, self._value)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict:
        stretches = [each.get_config() for each in self.stretches]
        return {**super().get_config(), "schema": self.schema.get_config(), "stretches": stretches}

    def _with_quantiles(self, others: Any, x: Any, function: Any) -> Any:
        if not len(self._quantile):
            return others
        stretched = function(ops.take(x, self._quantile, axis=-1))
        return ops.take(ops.concatenate([others, stretched], axis=-1), self._order, axis=-1)

    def _score(self, x: Any) -> Any:
        """Normal scores; the middle one of a point mass. Beyond the knots they go on evenly."""
        first, last, spread = _tensors(self._values[:, 0], self._values[:, -1], self._spread)
        inside = ops.clip(x, first, last)
        both = [_interpolated(inside, self._values, self._scores, strict) for strict in (True, False)]
        return (both[0] + both[1]) / 2 + (x - inside) / spread

    def _value(self, y: Any) -> Any:
        first, last = _tensors(self._scores[:, 0], self._scores[:, -1])
        inside = ops.clip(y, first, last)
        return _interpolated(inside, self._scores, self._values, strict=False)


def _tensors(*arrays: np.ndarray) -> list[Any]:
    """PyTorch's tensors do not calculate with NumPy's arrays."""
    return [ops.convert_to_tensor(each) for each in arrays]


def _padded(rows: Sequence[Sequence[float]]) -> np.ndarray:
    """Rows of different lengths as a matrix: the last number of each is repeated."""
    width = max((len(row) for row in rows), default=0)
    return np.array([[*row, *[row[-1]] * (width - len(row))] for row in rows], "float32")


def _interpolated(x: Any, at: np.ndarray, values: np.ndarray, strict: bool) -> Any:
    """Linear interpolation in the last axis of x, each column between knots of its own, `(columns, knots)`.

    `strict` decides on which side of a repeated knot a number lies that equals it.
    """
    columns, knots = at.shape
    flat_at, flat_values = _tensors(at.ravel(), values.ravel())
    firsts = ops.arange(0, columns * knots, knots, dtype="int32")
    above = (ops.greater if strict else ops.greater_equal)(x[..., None], ops.reshape(flat_at, at.shape))
    left = ops.clip(ops.sum(ops.cast(above, "int32"), axis=-1) - 1, 0, knots - 2)
    place = left + firsts
    x0, x1 = (ops.take(flat_at, place + step) for step in (0, 1))
    y0, y1 = (ops.take(flat_values, place + step) for step in (0, 1))
    width = x1 - x0
    # Only at the ends is there no width: a point mass there, of which this is one side or the other.
    side = ops.full_like(x, 0.0 if strict else 1.0)
    part = ops.where(width > 0, (x - x0) / ops.where(width > 0, width, 1.0), side)
    return y0 + part * (y1 - y0)
