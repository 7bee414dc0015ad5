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
MOST_CATEGORIES = 200
_DAY = 86_400.0
_MOST_DECIMALS = 6


@dataclass(frozen=True)
class Column:
    """A column, and how its values become numbers and come back.

    Args:
        name: of the column.
        kind: one of `KINDS`.
        categories: what the classes are called, of a category.
        decimals: how many are written, of a real column.
        start: day 0 of a date, in seconds since 1970.
        has_time: whether dates have a time of day.
    """

    name: str
    kind: str
    categories: tuple[str, ...] = ()
    decimals: int = _MOST_DECIMALS
    start: float = 0.0
    has_time: bool = False

    @property
    def likelihood(self) -> str:
        """The name of the likelihood for such a column."""
        return KINDS[self.kind].format(len(self.categories))

    @property
    def is_standardized(self) -> bool:
        """Whether it should have mean 0 and deviation 1 before the model sees it."""
        return self.kind in ("real", "integer", "date")

    def encode(self, values: pa.ChunkedArray) -> np.ndarray:
        """Numbers for the values, `(n,)`, with NaN for what is missing, or a category that is not known.

        Raises:
            DataError: if they are of another kind.
        """
        with _read_as(self.name, self.kind):
            return self._encode(values)

    def decode(self, numbers: np.ndarray) -> pa.Array:
        """The way back, in the column's own type; NaN becomes null."""
        missing = np.isnan(numbers)
        whole = np.rint(np.where(missing, 0.0, numbers))
        if self.kind == "category":
            index = whole.astype(int).clip(0, len(self.categories) - 1)
            return pa.array(np.array(self.categories, object)[index], pa.string(), mask=missing)
        if self.kind == "boolean":
            return pa.array(np.where(missing, 0.0, numbers) >= 0.5, pa.bool_(), mask=missing)
        if self.kind == "integer":
            return pa.array(whole.astype("int64"), pa.int64(), mask=missing)
        if self.kind == "count":
            return pa.array(whole.clip(0).astype("int64"), pa.int64(), mask=missing)
        if self.kind == "date":
            seconds = np.where(missing, 0.0, numbers) * _DAY + self.start
            if not self.has_time:
                return pa.array(np.rint(seconds / _DAY).astype("int32"), pa.int32(), mask=missing).cast(
                    pa.date32()
                )
            return pa.array(np.rint(seconds).astype("int64"), pa.timestamp("s"), mask=missing)
        return pa.array(np.round(numbers.astype("float64"), self.decimals), pa.float64(), mask=missing)

    def _encode(self, values: pa.ChunkedArray) -> np.ndarray:
        if self.kind == "category":
            index = {name: number for number, name in enumerate(self.categories)}
            return np.array(
                [index.get(each, np.nan) for each in pc.cast(values, pa.string()).to_pylist()], float
            )
        if self.kind == "date":
            return (_seconds(values) - self.start) / _DAY
        return _floats(values)


def recognise(name: str, values: pa.ChunkedArray, kind: str | None = None) -> Column:
    """The column that values are, unless `kind` says what it is.

    Text is a category, whole numbers are integers, two values 0 and 1 a boolean; a count is only what is
    called one. A column that can tell nothing of another row is refused.

    Raises:
        DataError: if the column is empty, names or numbers the rows, or cannot be of that kind.
    """
    known = values.drop_null()
    if not len(known):
        raise DataError(f"The column {name!r} is missing in every row: leave it out.")
    kind = kind or _kind_of(name, known)
    if kind == "category":
        names = sorted(pc.unique(pc.cast(known, pa.string())).to_pylist())
        if len(names) > MOST_CATEGORIES or (len(names) == len(known) and len(known) > 20):
            raise DataError(
                f"The column {name!r} holds {len(names):,} different texts in {len(known):,} rows: names "
                "or identifiers, from which nothing can be learned. Leave it out."
            )
        return Column(name, kind, categories=tuple(names))
    with _read_as(name, kind):
        if kind == "date":
            seconds = _seconds(known)
            start = float(np.floor(seconds.min() / _DAY) * _DAY)
            return Column(name, kind, start=start, has_time=bool((seconds % _DAY).any()))
        return Column(name, kind, decimals=_decimals(_floats(known)) if kind == "real" else 0)


@contextlib.contextmanager
def _read_as(name: str, kind: str) -> Iterator[None]:
    """What Arrow says of values that are of another kind, as one of our errors."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise DataError(f"The column {name!r} is no {kind}: {error}.") from error


def _kind_of(name: str, known: pa.ChunkedArray) -> str:
    type_ = known.type
    if pa.types.is_boolean(type_):
        return "boolean"
    if pa.types.is_temporal(type_) and not pa.types.is_time(type_):
        return "date"
    if pa.types.is_integer(type_):
        different = pc.unique(known)
        if set(different.to_pylist()) <= {0, 1}:
            return "boolean"
        if (
            len(different) == len(known) > 20
            and pc.max(known).as_py() - pc.min(known).as_py() == len(known) - 1
        ):
            raise DataError(
                f"The column {name!r} numbers the rows, from which nothing can be learned. Leave it out."
            )
        return "integer"
    return "real" if pa.types.is_floating(type_) or pa.types.is_decimal(type_) else "category"


def _floats(values: pa.ChunkedArray) -> np.ndarray:
    return np.array(pc.cast(values, pa.float64()).to_numpy(), "float64")


def _seconds(values: pa.ChunkedArray) -> np.ndarray:
    stamps: Any = pc.cast(values, pa.timestamp("s")) if pa.types.is_date(values.type) else values
    if pa.types.is_string(stamps.type):
        stamps = pc.cast(stamps, pa.timestamp("s"))
    whole = np.array(pc.cast(stamps, pa.timestamp("ms"), safe=False).to_numpy(), "datetime64[ms]")
    return np.where(np.isnat(whole), np.nan, whole.astype("float64") / 1000.0)


def _decimals(numbers: np.ndarray) -> int:
    """The fewest decimals that write every number, up to six."""
    scale = max(1.0, float(np.abs(numbers).max()))
    for decimals in range(_MOST_DECIMALS):
        if np.abs(np.round(numbers, decimals) - numbers).max() < 1e-9 * scale:
            return decimals
    return _MOST_DECIMALS
