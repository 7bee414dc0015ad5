"""One column of a table: what kind it is, as numbers, and back."""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from keras_vae.columns.column_type import ends_of, type_named
from keras_vae.errors import DataError, InvalidArgumentError

#: What a column can be, and the likelihood that goes with it.
KINDS = {
    "real": "normal:scale=learned_each",
    "integer": "normal:scale=learned_each",
    "date": "normal:scale=learned_each",
    "count": "negative_binomial:total_count=learned_each",
    "boolean": "bernoulli",
    "category": "categorical:num_categories={}",
}
MOST_DECIMALS = 6
_DAY = 86_400.0


@dataclass(frozen=True)
class Column:
    """A column, and how its values become numbers and come back.

    Args:
        name: of the column.
        kind: one of `KINDS`.
        categories: what the classes are called, of a category.
        decimals: how many are written, of a real column: six at most, or so many significant digits more
            where all numbers are small.
        start: what is subtracted: of a date, day 0 in seconds since 1970; of numbers, what is common to
            them where they would not fit into float32 otherwise.
        has_time: whether dates have a time of day.
        type: Arrow's name for the type that values come back in; the kind's own if left out.
    """

    name: str
    kind: str
    categories: tuple[str, ...] = ()
    decimals: int = MOST_DECIMALS
    start: float = 0.0
    has_time: bool = False
    type: str = ""

    @property
    def likelihood(self) -> str:
        """The name of the likelihood for such a column; of classes, it has at least two."""
        return KINDS[self.kind].format(max(2, len(self.categories)))

    @property
    def is_continuous(self) -> bool:
        """Whether it lies on a line that may be stretched before the model sees it."""
        return self.kind in ("real", "integer", "date")

    @property
    def classes(self) -> tuple[str, ...] | None:
        """What the numbers of the column stand for, where it has classes."""
        return ("false", "true") if self.kind == "boolean" else self.categories or None

    def encode(self, values: pa.ChunkedArray | pa.Array) -> np.ndarray:
        """Numbers for the values, `(n,)`, float64, NaN for what is missing or no known category.

        Raises:
            DataError: if they are of another kind.
        """
        with read_as(self.name, self.kind):
            if self.kind == "category":
                number = pc.index_in(texts_of(values), pa.array(self.categories, pa.string()))
                return np.array(pc.cast(number, pa.float64()).to_numpy(zero_copy_only=False), "float64")
            if self.kind == "date":
                return (seconds_of(values) - self.start) / _DAY
            return floats_of(values) - self.start

    def as_condition(self, numbers: np.ndarray) -> np.ndarray:
        """Encoded numbers as models take conditions: classes as integers, −1 for unknown."""
        if self.classes is None:
            return numbers.astype("float32")
        return np.where(np.isnan(numbers), -1, numbers).astype("int16")

    def from_condition(self, values: np.ndarray) -> np.ndarray:
        """The way back from `as_condition`: NaN for unknown."""
        return values if self.classes is None else np.where(values < 0, np.nan, values)

    def number_of(self, text: str) -> float:
        """The encoded number of a value that a text spells, not of a class.

        Raises:
            InvalidArgumentError: if it spells none.

        Example:
            >>> Column("born", "date", start=86400.0).number_of("1970-01-31")
            29.0
        """
        try:
            return float(self.encode(pa.array([text]))[0])
        except DataError:
            form = "date, such as 2024-01-31" if self.kind == "date" else "number"
            raise InvalidArgumentError(f"Expected a {form}, or unknown. Received: {text!r}") from None

    def decode(self, numbers: np.ndarray) -> pa.Array:
        """The way back, in the column's own type, as near as that comes; NaN becomes null."""
        own = type_named(self.type) if self.type else self.plain_type
        return pc.cast(self._decode(np.asarray(numbers, "float64"), own), own, safe=False)

    @property
    def plain_type(self) -> pa.DataType:
        """The type of values of its kind."""
        if self.kind == "date":
            return pa.timestamp("s") if self.has_time else pa.date32()
        types = {"real": pa.float64(), "boolean": pa.bool_(), "category": pa.string()}
        return types.get(self.kind, pa.int64())

    def _decode(self, numbers: np.ndarray, own: pa.DataType) -> pa.Array:
        missing = np.isnan(numbers)
        numbers = np.where(missing, 0.0, numbers)
        if self.kind == "category":
            index = np.rint(numbers).astype(int).clip(0, len(self.categories) - 1)
            return pa.array(np.array(self.categories, object)[index], pa.string(), mask=missing)
        if self.kind == "boolean":
            return pa.array(numbers >= 0.5, pa.bool_(), mask=missing)
        if self.kind == "date":
            ends = ends_of(own if pa.types.is_temporal(own) else pa.date32())
            seconds = (numbers * _DAY + self.start).clip(*ends)
            if not self.has_time:
                days = np.rint(seconds / _DAY).astype("int32")
                return pa.array(days, pa.int32(), mask=missing).cast(pa.date32())
            return pa.array(np.rint(seconds).astype("int64"), pa.timestamp("s"), mask=missing)
        numbers = numbers + self.start
        if self.kind == "real":
            fitting = _rounded(numbers, self.decimals).clip(*ends_of(own))
            return pa.array(fitting, pa.float64(), mask=missing)
        numbers = numbers.clip(*ends_of(own))
        type_ = own if pa.types.is_integer(own) else pa.int64()
        whole = np.rint(numbers if self.kind == "integer" else numbers.clip(0)).clip(*ends_of(type_))
        return pa.array(whole.astype(type_.to_pandas_dtype()), type_, mask=missing)


@contextlib.contextmanager
def read_as(name: str, kind: str) -> Iterator[None]:
    """What Arrow says of values that are of another kind, as one of our errors."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise DataError(f"The column {name!r} is no {kind}: {error}.") from error


def missing_in(values: Any) -> np.ndarray:
    """Which values are missing, `(n,)`: those that are null, NaN or infinite."""
    mask = pc.is_null(values)
    if pa.types.is_floating(values.type):
        mask = pc.or_(mask, pc.fill_null(pc.invert(pc.is_finite(values)), True))
    return np.array(mask.to_numpy(zero_copy_only=False), bool)


def texts_of(values: Any) -> Any:
    """The values as text, null for what is missing."""
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, values.type))
    return pc.cast(values, pa.string())


def floats_of(values: Any) -> np.ndarray:
    """The values as float64, NaN for what is missing."""
    is_plain = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    if values.null_count or not is_plain:
        values = pc.cast(values, pa.float64(), safe=False)
    return np.array(values.to_numpy(zero_copy_only=False), "float64")


def seconds_of(values: Any) -> np.ndarray:
    """Dates, or texts that spell them, in seconds since 1970; NaN for what is missing."""
    if is_text(values.type):
        values = pc.cast(pc.cast(values, pa.string()), pa.timestamp("s"))
    stamps = pc.cast(values, pa.timestamp("ms"), safe=False).to_numpy(zero_copy_only=False)
    whole = np.array(stamps, "datetime64[ms]")
    return np.where(np.isnat(whole), np.nan, whole.astype("float64") / 1000.0)


def is_text(type_: pa.DataType) -> bool:
    """Whether values of that type are text."""
    return pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)


def decimals_of(numbers: np.ndarray) -> int:
    """The fewest decimals that write every number, up to `most_decimals`.

    Example:
        >>> decimals_of(np.array([0.5, 1.25])), decimals_of(np.array([1_700_000_000.125]))
        (2, 3)
    """
    scale = float(np.abs(numbers).max(initial=0.0))
    # What rounding leaves of numbers that are written exactly, and of sums of them.
    tolerance = 1e-9 * min(1.0, scale) + 1e-15 * np.abs(numbers)
    most = most_decimals(scale)
    for decimals in range(most):
        if (np.abs(_rounded(numbers, decimals) - numbers) <= tolerance).all():
            return decimals
    return most


def most_decimals(scale: float) -> int:
    """How many decimals are written of numbers up to `scale`: six, or more where all are small.

    Example:
        >>> most_decimals(1e6), most_decimals(2e-8)
        (6, 13)
    """
    return MOST_DECIMALS + (min(200, max(0, math.floor(-math.log10(scale)))) if scale else 0)


def _rounded(numbers: np.ndarray, decimals: int) -> np.ndarray:
    with np.errstate(over="ignore"):
        rounded = np.round(numbers, decimals)
    return np.where(np.isfinite(rounded), rounded, numbers)
