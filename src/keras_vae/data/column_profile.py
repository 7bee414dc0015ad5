"""What a column is, told by its values a piece at a time."""

import math
import shlex
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from keras_vae.columns.column import (
    KINDS,
    Column,
    decimals_of,
    floats_of,
    is_text,
    missing_in,
    most_decimals,
    read_as,
    seconds_of,
    texts_of,
)
from keras_vae.columns.column_type import name_of
from keras_vae.errors import DataError

MOST_CATEGORIES = 200
_FEWEST_TELLING = 20
_DAY = 86_400.0
# float32 tells a ten-thousandth of the spread of numbers apart that lie this many spreads from zero.
_FAR = 1000.0
# What is larger does not fit into float32, and counts as missing.
_LARGEST = float(np.finfo("float32").max)


class ColumnProfile:
    """Looks at the values of one column as they pass, and says what column they are.

    Whole numbers and text are recognised by their type; two numbers in many rows are a category, 0 and 1 a
    boolean; a count is only what is called one. What it keeps does not grow with the number of rows.

    Args:
        name: of the column.
        type_: of its values.
        kind: what it is, where that was said; recognised by default.

    Raises:
        DataError: if values of that type cannot be used.

    Example:
        >>> profile = ColumnProfile("height", pa.float64())
        >>> profile.update(pa.array([1.72, None, 1.655]))
        >>> profile.column().kind, profile.column().decimals, profile.missing
        ('real', 3, 1)
    """

    def __init__(self, name: str, type_: pa.DataType, kind: str | None = None) -> None:
        self.name, self.type = name, type_
        self.known = self.missing = 0
        self.values: set[Any] = set()
        self._kind = kind or _kind_of_type(name, type_)
        self._is_said = kind is not None
        self._low, self._high, self._decimals = math.inf, -math.inf, 0
        self._has_time, self._is_whole = False, True
        # Sums of values and of their squares, modulo 2⁶⁴.
        self._sums = np.zeros(2, "uint64")

    def update(self, values: pa.ChunkedArray | pa.Array) -> None:
        """Look at more values.

        Raises:
            DataError: if they are not of the kind that was said.
        """
        if pa.types.is_string_view(values.type):  # which Arrow cannot filter
            values = pc.cast(values, pa.string())
        with read_as(self.name, self._kind):
            numbers = self._numbers(values)
            is_known = ~missing_in(values)
            if numbers is not None:
                is_known &= np.abs(numbers) <= _LARGEST
                numbers = numbers[is_known]
            if not is_known.all():
                values = values.filter(pa.array(is_known))
            if len(self.values) <= MOST_CATEGORIES:
                self.values.update(pc.unique(texts_of(values)).to_pylist()[: MOST_CATEGORIES + 1])
        self.known += len(values)
        self.missing += len(is_known) - len(values)
        if numbers is not None and len(numbers):
            self._add(numbers)

    def _add(self, numbers: np.ndarray) -> None:
        self._low = min(self._low, float(numbers.min()))
        self._high = max(self._high, float(numbers.max()))
        self._is_whole &= bool((numbers == np.rint(numbers)).all())
        if self._kind == "real":
            self._decimals = max(self._decimals, decimals_of(numbers))
        if self._kind == "date":
            self._has_time |= bool((numbers % _DAY).any())
        if self._kind == "integer":
            with np.errstate(invalid="ignore"):  # where int64 ends, so do numbers of rows
                whole = numbers.astype("int64").astype("uint64")
            self._sums += np.array([whole.sum(dtype="uint64"), (whole * whole).sum(dtype="uint64")])

    def column(self) -> Column:
        """The column that the values are.

        Raises:
            DataError: if it is empty, or names or numbers the rows.
        """
        if not self.known:
            raise DataError(f"The column {self.name!r} is missing in every row. {self._remedy}")
        kind = self._kind
        if not self._is_said:
            kind = self._recognised()
        if kind == "category":
            return self._typed(Column(self.name, kind, categories=self._categories()))
        is_negative = kind in ("boolean", "count") and self._low < 0
        is_broken = kind in ("boolean", "count", "integer") and not self._is_whole
        if is_negative or is_broken or (kind == "boolean" and self._high > 1):
            fractions = " and are no whole numbers" if is_broken else ""
            raise DataError(
                f"The column {self.name!r} is no {kind}: its values lie between {self._low:g} and "
                f"{self._high:g}{fractions}."
            )
        decimals = min(self._decimals, most_decimals(max(abs(self._low), abs(self._high))))
        return self._typed(
            Column(
                self.name,
                kind,
                decimals=decimals if kind == "real" else 0,
                start=self._start(kind),
                has_time=self._has_time,
            )
        )

    @property
    def _remedy(self) -> str:
        return _remedy(self.name)

    def _numbers(self, values: Any) -> np.ndarray | None:
        if self._kind == "category":
            return None
        return seconds_of(values) if self._kind == "date" else floats_of(values)

    def _recognised(self) -> str:
        if self._kind not in ("integer", "real"):
            return self._kind
        if len(self.values) <= 2 and {self._low, self._high} <= {0.0, 1.0}:
            return "boolean"
        if len(self.values) == 2 and self.known > _FEWEST_TELLING:
            return "category"
        if self._kind == "integer" and self._numbers_the_rows():
            raise DataError(
                f"The column {self.name!r} numbers the rows, from which nothing can be learned. "
                f"{self._remedy}"
            )
        return self._kind

    def _numbers_the_rows(self) -> bool:
        """Whether the values are some order of consecutive numbers, by their two sums."""
        low, count = int(self._low), self.known
        if count <= _FEWEST_TELLING or int(self._high) - low != count - 1:
            return False
        pairs, squares = count * (count - 1) // 2, (count - 1) * count * (2 * count - 1) // 6
        expected = count * low + pairs, count * low**2 + 2 * low * pairs + squares
        return all(int(sum_) == each % 2**64 for sum_, each in zip(self._sums, expected, strict=True))

    def _categories(self) -> tuple[str, ...]:
        count = len(self.values)
        if count > MOST_CATEGORIES or (count == self.known > _FEWEST_TELLING):
            different = f"more than {MOST_CATEGORIES}" if count > MOST_CATEGORIES else f"{count:,}"
            raise DataError(
                f"The column {self.name!r} holds {different} different texts in {self.known:,} rows: names "
                f"or identifiers, from which nothing can be learned. {self._remedy}"
            )
        return tuple(sorted(self.values))

    def _start(self, kind: str) -> float:
        if kind == "date":
            return math.floor(self._low / _DAY) * _DAY
        spread = self._high - self._low
        is_far = kind in ("real", "integer") and 0 < spread * _FAR < abs(self._low)
        return float(math.floor(self._low)) if is_far else 0.0

    def _typed(self, column: Column) -> Column:
        """With the values' own type, where that is not its kind's; texts that spell dates become dates."""
        type_ = self.type.value_type if pa.types.is_dictionary(self.type) else self.type
        if column.kind == "date" and is_text(type_):
            return column
        return replace(column, type=name_of(type_, column.plain_type))


def _remedy(name: str) -> str:
    return f"Leave it out: --column {shlex.quote(f'{name}=ignore')}."


def _kind_of_type(name: str, type_: pa.DataType) -> str:
    if pa.types.is_boolean(type_):
        return "boolean"
    if pa.types.is_integer(type_):
        return "integer"
    if pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return "real"
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return "date"
    if pa.types.is_dictionary(type_):
        _kind_of_type(name, type_.value_type)
        return "category"
    if is_text(type_) or pa.types.is_time(type_) or pa.types.is_null(type_):
        return "category"
    raise DataError(
        f"The column {name!r} holds values of type {type_}, and one of {', '.join(KINDS)} is needed. "
        f"{_remedy(name)}"
    )
