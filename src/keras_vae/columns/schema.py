"""The columns of a table: values → numbers with gaps, and back into files."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from keras_vae.columns.column import Column
from keras_vae.errors import DataError, UnknownNameError


@dataclass(frozen=True)
class Schema:
    """What the columns of a table are, in their order.

    Args:
        columns: what each column of the numbers is.
        ignored: names of columns that tables have and that are not looked at.
        given: columns that stand beside the numbers, for models that are conditional on them; tables may
            lack them.

    Example:
        >>> pets = Column("pet", "category", categories=("cat", "dog"))
        >>> schema = Schema((Column("height", "real", decimals=2), pets))
        >>> matrix = schema.encode(pa.table({"pet": ["dog", "eel"], "height": [1.75, None]}))
        >>> print(matrix)
        [[1.75 1.  ]
         [ nan  nan]]
        >>> schema.decode(matrix).to_pylist()[0]
        {'height': 1.75, 'pet': 'dog'}
    """

    columns: tuple[Column, ...]
    ignored: tuple[str, ...] = ()
    given: tuple[Column, ...] = ()

    @property
    def names(self) -> list[str]:
        """What the columns are called."""
        return [each.name for each in self.columns]

    @property
    def num_categories(self) -> list[int | None]:
        """For `networks.table_encoder`, how many classes each column has, `None` for numbers."""
        return [len(each.categories) if each.kind == "category" else None for each in self.columns]

    @property
    def likelihoods(self) -> list[tuple[int, str]]:
        """For `likelihoods.Mixed`, how many neighbouring columns have which likelihood."""
        return [(len(list(same)), name) for name, same in groupby(each.likelihood for each in self.columns)]

    def __getitem__(self, name: str) -> Column:
        """The column of that name, also a given one.

        Raises:
            UnknownNameError: if there is none.
        """
        columns = {each.name: each for each in (*self.columns, *self.given)}
        if name not in columns:
            raise UnknownNameError("column", name, columns)
        return columns[name]

    def giving(self, names: Iterable[str]) -> "Schema":
        """The same with those columns beside the numbers."""
        names = list(names)
        given = tuple(self[name] for name in names)
        return Schema(
            tuple(each for each in self.columns if each.name not in names),
            self.ignored,
            (*self.given, *given),
        )

    def check(self, name: str, found: Iterable[str]) -> None:
        """Refuse a table of that name with other columns than these, in whatever order.

        Raises:
            DataError: which names those that are missing, or too many.
        """
        found = dict.fromkeys(found)
        known = {*self.names, *self.ignored, *(each.name for each in self.given)}
        missing = [each for each in self.names if each not in found]
        extra = [each for each in found if each not in known]
        if missing or extra:
            parts = [f"missing: {', '.join(missing)}"] * bool(missing)
            parts += [f"not known: {', '.join(extra)}"] * bool(extra)
            raise DataError(
                f"{name} has other columns than the table it should be like: {'; '.join(parts)}."
            )

    def encode(self, arrow: pa.Table | pa.RecordBatch) -> np.ndarray:
        """The numbers of a table with at least these columns, `(n, num_columns)`, float32.

        Raises:
            DataError: if values are of another kind than their column.
        """
        numbers = np.stack([each.encode(arrow[each.name]) for each in self.columns], axis=1)
        with np.errstate(over="ignore"):
            numbers = numbers.astype("float32")
        return np.where(np.isinf(numbers), np.float32("nan"), numbers)

    def encode_given(self, arrow: pa.Table | pa.RecordBatch) -> dict[str, np.ndarray]:
        """Those of the given columns that a table has, `(n,)` each, as models are conditional on them."""
        return {
            each.name: each.as_condition(each.encode(arrow[each.name]))
            for each in self.given
            if each.name in arrow.schema.names
        }

    def decode(self, matrix: np.ndarray, given: Mapping[str, Any] | None = None) -> pa.Table:
        """Numbers, such as samples, in the types and with the names of the columns; NaN becomes null.

        `given` has a value, or one for each row, for given columns, as `encode_given` gives it; they come
        last.
        """
        numbers = np.asarray(matrix, "float64")
        if numbers.ndim != 2 or numbers.shape[1] != len(self.columns):
            raise DataError(
                f"This table has {len(self.columns)} columns. Received an array of shape {numbers.shape}."
            )
        beside = {name: np.broadcast_to(each, len(numbers)) for name, each in (given or {}).items()}
        return pa.table(
            {each.name: each.decode(numbers[:, i]) for i, each in enumerate(self.columns)}
            | {name: self[name].decode(self[name].from_condition(each)) for name, each in beside.items()}
        )

    def texts(self, matrix: np.ndarray) -> list[list[str]]:
        """Rows of numbers as a person reads, and would write, their values; "" for what is missing.

        Example:
            >>> Schema((Column("age", "real"), Column("smokes", "boolean"))).texts(np.array([[1.5, 1.0]]))
            [['1.5', 'true']]
        """
        columns = self.decode(matrix).to_pydict().values()
        return [[_text(each) for each in row] for row in zip(*columns, strict=True)]

    def get_config(self) -> dict[str, Any]:
        """What `from_config` takes, in types that JSON knows."""
        return {
            "columns": [_config(each) for each in self.columns],
            "ignored": list(self.ignored),
            "given": [_config(each) for each in self.given],
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Schema":
        """The way back from `get_config`."""
        columns, given = (tuple(map(_column, config[name])) for name in ("columns", "given"))
        return cls(columns, tuple(config["ignored"]), given)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _config(column: Column) -> dict[str, Any]:
    return {**asdict(column), "categories": list(column.categories)}


def _column(config: Mapping[str, Any]) -> Column:
    return Column(**{**config, "categories": tuple(config["categories"])})
