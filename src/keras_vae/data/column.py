"""One column of a table: what kind it is, as numbers, and back."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from keras_vae.errors import DataError

#: What a column can be, and the likelihood that goes with it.
KINDS = {
    "real": "normal:scale=learned",
    "integer": "normal:scale=learned",
    "date": "normal:scale=learned",
    "count": "negative_binomial:total_count=learned",
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
        decimals: how many are written, of a real column.
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
        """The name of the likelihood for such a column."""
        return KINDS[self.kind].format(len(self.categories))

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
        return np.where(np.isnan(numbers), -1, numbers).astype("int64")

    def decode(self, numbers: np.ndarray) -> pa.Array:
        """The way back, in the column's own type; NaN becomes null."""
        values = self._decode(np.asarray(numbers, "float64"))
        return pc.cast(values, pa.type_for_alias(self.type), safe=False) if self.type else values

    def _decode(self, numbers: np.ndarray) -> pa.Array:
        missing = np.isnan(numbers)
        numbers = np.where(missing, 0.0, numbers)
        if self.kind == "category":
            index = np.rint(numbers).astype(int).clip(0, len(self.categories) - 1)
            return pa.array(np.array(self.categories, object)[index], pa.string(), mask=missing)
        if self.kind == "boolean":
            return pa.array(numbers >= 0.5, pa.bool_(), mask=missing)
        if self.kind == "date":
            seconds = numbers * _DAY + self.start
            if not self.has_time:
                days = np.rint(seconds / _DAY).astype("int32")
                return pa.array(days, pa.int32(), mask=missing).cast(pa.date32())
            return pa.array(np.rint(seconds).astype("int64"), pa.timestamp("s"), mask=missing)
        numbers = numbers + self.start
        if self.kind == "real":
            return pa.array(np.round(numbers, self.decimals), pa.float64(), mask=missing)
        whole = np.rint(numbers) if self.kind == "integer" else np.rint(numbers).clip(0)
        return pa.array(whole.astype("int64"), pa.int64(), mask=missing)


@contextlib.contextmanager
def read_as(name: str, kind: str) -> Iterator[None]:
    """What Arrow says of values that are of another kind, as one of our errors."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise DataError(f"The column {name!r} is no {kind}: {error}.") from error


def texts_of(values: Any) -> Any:
    """The values as text."""
    return pc.cast(values, pa.string())


def floats_of(values: Any) -> np.ndarray:
    """The values as float64, NaN for what is missing."""
    return np.array(pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False), "float64")


def seconds_of(values: Any) -> np.ndarray:
    """Dates, or texts that spell them, in seconds since 1970; NaN for what is missing."""
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        values = pc.cast(values, pa.timestamp("s"))
    stamps = pc.cast(values, pa.timestamp("ms"), safe=False).to_numpy(zero_copy_only=False)
    whole = np.array(stamps, "datetime64[ms]")
    return np.where(np.isnat(whole), np.nan, whole.astype("float64") / 1000.0)


def decimals_of(numbers: np.ndarray) -> int:
    """The fewest decimals that write every number, up to six."""
    scale = max(1.0, float(np.abs(numbers).max(initial=0.0)))
    for decimals in range(MOST_DECIMALS):
        if np.abs(np.round(numbers, decimals) - numbers).max(initial=0.0) < 1e-9 * scale:
            return decimals
    return MOST_DECIMALS
