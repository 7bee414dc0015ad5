"""A table, split into training and test."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from keras_vae.columns.column import Column
from keras_vae.columns.schema import Schema
from keras_vae.data.batches import spread
from keras_vae.data.copies import count_copies
from keras_vae.data.dataset import Dataset
from keras_vae.data.findings import Findings
from keras_vae.data.row_digest import row_digests
from keras_vae.data.rows import Rows
from keras_vae.data.split import SPLITS, is_test
from keras_vae.data.table import IGNORE, encoded, find_schema, joined
from keras_vae.data.table_source import TableSource, open_table
from keras_vae.errors import DataError, UnknownNameError

#: What is fewer is refused: nothing could be learned, and less be tested.
FEWEST_ROWS = 20
_MOST_LABELS = 20
_CHUNK = 65_536
_SAMPLE = 100_000


@dataclass(frozen=True, eq=False)
class TableData(Dataset):
    """Rows of a table, with gaps.

    Labels, which only colour pictures, are the classes of the last column that has 20 or fewer, given ones
    first: −1 where it is missing or there is none.

    Args:
        schema: what the columns are.

    The other arguments are those of `Dataset`; `x_train` and `x_test` are `(n, num_columns)`, float32, NaN
    for what is missing.
    """

    schema: Schema = field(default_factory=lambda: Schema(()))
    _taken_names: ClassVar[tuple[str, ...]] = ("x",)

    @property
    def part_options(self) -> dict[str, Any]:
        return {"event_shape": self.event_shape, "columns": self.schema.likelihoods}

    @property
    def label_title(self) -> str:
        column = _label_column(self.schema)
        return column.name if column else ""

    def class_names(self, column: str) -> tuple[str, ...]:
        return self.schema[column].classes or ()

    def columns(self, split: str) -> Mapping[str, np.ndarray]:
        """The columns a model can be conditional on: all of them, each read when it is asked for."""
        return _Columns(self, split)

    def conditioned_on(self, requests: Iterable[str]) -> "TableData":
        """The same rows, with those columns beside what the model models."""
        names = [each.partition("=")[0] for each in requests]
        for name in names:
            self.schema[name]
        if not names:
            return self
        kept = [i for i, each in enumerate(self.schema.columns) if each.name not in names]
        if not kept:
            raise DataError(f"{self.name}: every column is a condition, and none is left to model.")
        schema = self.schema.giving(names)
        x = {split: _with_columns(getattr(self, f"x_{split}"), kept) for split in SPLITS}
        given = {
            split: {
                **getattr(self, f"columns_{split}"),
                **{name: self.columns(split)[name] for name in names},
            }
            for split in SPLITS
        }
        labelled = _label_column(schema)
        return dataclasses.replace(
            self,
            x_train=x["train"],
            y_train=_labels(x["train"], given["train"], schema, labelled),
            x_test=x["test"],
            y_test=_labels(x["test"], given["test"], schema, labelled),
            columns_train=given["train"],
            columns_test=given["test"],
            label_names=(labelled.classes or ()) if labelled else (),
            schema=schema,
        )

    @cached_property
    def value_range(self) -> tuple[float, float]:
        """The smallest and the largest number."""
        some = self.x_train[spread(len(self.x_train), _SAMPLE)]
        return float(np.nanmin(some)), float(np.nanmax(some))

    def _column(self, split: str, column: Column) -> np.ndarray:
        return _one_column(getattr(self, f"x_{split}"), self.schema, column)

    def _checked_labels(self, field: str) -> np.ndarray:
        return getattr(self, field)  # made here, and kept as small as they are

    def _checked_examples(self, field: str) -> Any:
        rows = getattr(self, field)
        if rows.ndim != 2 or rows.shape[1] != len(self.schema.columns) or not len(rows):
            raise DataError(
                f"{self.name}: {field} must be rows of {len(self.schema.columns)} columns, at least one. "
                f"Found shape {rows.shape}."
            )
        return rows


class _Columns(Mapping[str, np.ndarray]):
    """The columns of a split by name; one that is modelled is read from its rows when it is asked for."""

    def __init__(self, data: TableData, split: str) -> None:
        self._data, self._split = data, split
        self._given = getattr(data, f"columns_{split}")

    def __getitem__(self, name: str) -> np.ndarray:
        if name in self._given:
            return self._given[name]
        if name not in self._data.schema.names:
            raise KeyError(name)
        return self._data._column(self._split, self._data.schema[name])

    def __iter__(self) -> Iterator[str]:
        return iter([*self._data.schema.names, *self._given])

    def __len__(self) -> int:
        return len(self._data.schema.names) + len(self._given)


def load_table(source: Any, kinds: Mapping[str, str] | None = None, split: str | None = None) -> TableData:
    """A table, recognised and split.

    A hash of what a row holds decides in which split it is: always alike, whatever else is in the table,
    and copies are never in both.

    Args:
        source: as for `read_table`.
        kinds: likewise.
        split: the name of a column that says train or test of each row, where that should decide.

    Raises:
        DataError: if there are too few rows, or a split is empty, besides what `read_table` raises.
        UnknownNameError: likewise.

    Example:
        >>> data = load_table({"height": np.linspace(1.5, 1.9, 300), "pet": ["cat", "dog", "eel"] * 100})
        >>> data.x_train.shape, data.x_test.shape, data.schema["pet"].kind
        ((273, 2), (27, 2), 'category')
    """
    opened, kinds = open_table(source), dict(kinds or {})
    if split is not None and split in opened.types.names:
        kinds[split] = IGNORE
    _check_some(opened)
    return split_table(opened, find_schema(opened, kinds), split)


def split_table(source: TableSource, schema: Schema, split: str | None = None) -> TableData:
    """The rows of a table whose columns are known, split as `load_table` does.

    Raises:
        DataError: as there, and if columns are missing, or too many.
        UnknownNameError: if there is no column of the split.
    """
    schema.check(source.name, source.types.names)
    if split is not None and split not in source.types.names:
        raise UnknownNameError("column", split, source.types.names)
    rows = {each: Rows((len(schema.columns),), np.dtype("float32")) for each in SPLITS}
    given: dict[str, list[dict[str, np.ndarray]]] = {each: [] for each in SPLITS}
    digests, unknown = Rows((), np.dtype("uint64")), Counter[str]()
    tested = Rows((), np.dtype(bool))
    for piece in encoded(source, schema):
        digest = row_digests(piece.batch, [*schema.names, *piece.given])
        digests.extend(digest)
        testing = is_test(digest) if split is None else _says_test(source.name, piece.batch[split])
        tested.extend(testing)
        for each, chosen in zip(SPLITS, (~testing, testing), strict=True):
            rows[each].extend(piece.matrix[chosen])
            given[each].append({name: column[chosen] for name, column in piece.given.items()})
        unknown.update(piece.unknown)
    parts = {each: rows[each].array() for each in SPLITS}
    _check(source.name, {each: len(part) for each, part in parts.items()})
    labelled = _label_column(schema)
    beside = {each: joined(given[each]) for each in SPLITS}
    labels = {each: _labels(parts[each], beside[each], schema, labelled) for each in SPLITS}
    return TableData(
        source.name,
        parts["train"],
        labels["train"],
        parts["test"],
        labels["test"],
        beside["train"],
        beside["test"],
        label_names=(labelled.classes or ()) if labelled else (),
        findings=Findings(
            duplicates=count_copies(digests.array()),
            unknown=dict(unknown),
        ),
        reading={"split": split},
        testing=tested.array()[:],
        schema=schema,
    )


def chunks(rows: Any) -> Iterable[np.ndarray]:
    """An array, or a `DiskArray`, some thousand rows at a time."""
    return (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))


def _with_columns(rows: Any, kept: list[int]) -> Any:
    collected = Rows((len(kept),), np.dtype("float32"))
    for chunk in chunks(rows):
        collected.extend(chunk[:, kept])
    return collected.array()


def _one_column(rows: Any, schema: Schema, column: Column) -> np.ndarray:
    """A column of rows as models take conditions."""
    place = schema.columns.index(column)
    return np.concatenate([column.as_condition(chunk[:, place]) for chunk in chunks(rows)])


def _says_test(name: str, values: pa.Array) -> np.ndarray:
    found = values.to_pylist()
    odd = {str(each) for each in found if each not in SPLITS}
    if odd:
        raise DataError(
            f"{name}: the column of the split must say train or test in each row. "
            f"Found: {', '.join(sorted(odd)[:5])}."
        )
    return np.array([each == "test" for each in found], bool)


def _label_column(schema: Schema) -> Column | None:
    columns = (*schema.columns, *schema.given)
    with_classes = [each for each in columns if each.classes and len(each.classes) <= _MOST_LABELS]
    return with_classes[-1] if with_classes else None


def _labels(
    rows: Any, given: Mapping[str, np.ndarray], schema: Schema, column: Column | None
) -> np.ndarray:
    if column is not None and column in schema.columns:
        return _one_column(rows, schema, column)
    if column is not None and column.name in given:
        return given[column.name]
    return np.full(len(rows), -1, "int16")


def _check_some(source: TableSource) -> None:
    """Refuse a table of too few rows before each of its columns is looked at, which may be many."""
    rows = 0
    for batch in source.batches():
        rows += batch.num_rows
        if rows >= FEWEST_ROWS:
            return
    _check_count(source.name, rows)


def _check_count(name: str, count: int) -> None:
    if count < FEWEST_ROWS:
        raise DataError(
            f"{name} holds {count} rows, and at least {FEWEST_ROWS} are needed to learn anything from."
        )


def _check(name: str, counts: Mapping[str, int]) -> None:
    _check_count(name, sum(counts.values()))
    for split, found in counts.items():
        if not found:
            raise DataError(
                f"{name}: no row is left for the split {split!r}. Add a column that says train or test of "
                "each row, and name it: --split COLUMN."
            )
