"""What a table holds, and what that suggests."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.columns.column import Column
from keras_vae.data.batches import spread
from keras_vae.data.suggestion import Suggestion, batch_size_for, components_for
from keras_vae.data.table_data import TableData, chunks
from keras_vae.data.table_transform import TableTransform

_SAMPLE = 2000
_MOST_CLASSES = 200


@dataclass(frozen=True)
class ColumnInspection:
    """What was found in a column.

    Args:
        name: of it.
        kind: what it was recognised as, or said to be.
        likelihood: that goes with it.
        stretch: how its numbers are brought near a normal distribution; "none" for classes and counts.
        missing: how many rows lack it.
        low: the smallest value, as it is written; empty for classes.
        high: the largest.
        classes: how many rows have each class.
        is_constant: whether it is the same wherever it is known.
    """

    name: str
    kind: str
    likelihood: str
    stretch: str
    missing: int
    low: str
    high: str
    classes: dict[str, int]
    is_constant: bool


@dataclass(frozen=True)
class TableInspection:
    """What was found in a table.

    Args:
        name: of the data.
        num_train: rows for training.
        num_test: rows for testing.
        columns: what was found in each.
        ignored: columns that were left out.
        missing_share: the part of all entries that is missing.
        duplicates: rows that are copies of another one.
        unknown: entries of categories that are not known, by column.
        suggestions: what this says of how to train.
    """

    name: str
    num_train: int
    num_test: int
    columns: tuple[ColumnInspection, ...]
    ignored: tuple[str, ...]
    missing_share: float
    duplicates: int
    unknown: dict[str, int]
    suggestions: tuple[Suggestion, ...]

    @property
    def settings(self) -> dict[str, Any]:
        """The suggested settings by name."""
        return {each.setting: each.value for each in self.suggestions}


def inspect_table(data: TableData, suggest: bool = True) -> TableInspection:
    """Look at a table before anything is trained on it; see `inspect`.

    Args:
        data: what to look at.
        suggest: whether to suggest settings.

    Example:
        >>> from keras_vae.data import load_table
        >>> found = inspect_table(load_table({"size": np.linspace(1, 2, 100), "pet": ["cat", "dog"] * 50}))
        >>> [(each.name, each.kind, each.high) for each in found.columns], found.settings["recipe"]
        ([('size', 'real', '2'), ('pet', 'category', '')], 'table')
    """
    parts = (data.x_train, data.x_test)
    columns = data.schema.columns
    counts = [_Counts(each) for each in columns]
    for chunk in (chunk for part in parts for chunk in chunks(part)):
        for count, x in zip(counts, chunk.T, strict=True):
            count.add(x)
    some = data.x_train[spread(len(data.x_train), _SAMPLE)]
    transform = TableTransform.of(data.schema, data.x_train)
    rows = sum(map(len, parts))
    return TableInspection(
        name=data.name,
        num_train=len(data.x_train),
        num_test=len(data.x_test),
        columns=tuple(
            count.found(stretch.kind) for count, stretch in zip(counts, transform.stretches, strict=True)
        ),
        ignored=data.schema.ignored,
        missing_share=sum(each.missing for each in counts) / (rows * len(columns)),
        duplicates=data.findings.duplicates,
        unknown=dict(data.findings.unknown),
        suggestions=tuple(_suggestions(data, some)) if suggest else (),
    )


class _Counts:
    """What is counted of a column, chunk by chunk."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.missing = 0
        self.low, self.high = np.inf, -np.inf
        self.classes = np.zeros(len(column.classes or ()), int)

    def add(self, x: np.ndarray) -> None:
        known = x[~np.isnan(x)]
        self.missing += len(x) - len(known)
        if len(known):
            self.low, self.high = min(self.low, float(known.min())), max(self.high, float(known.max()))
        if self.column.classes:
            self.classes += np.bincount(known.astype(int), minlength=len(self.classes))

    def found(self, stretch: str) -> ColumnInspection:
        ends = ["", ""]
        if not self.column.classes:
            ends = [_written(each) for each in self.column.decode(np.array([self.low, self.high]))]
        names = self.column.classes or ()
        order = np.argsort(-self.classes, kind="stable")[:_MOST_CLASSES]
        return ColumnInspection(
            name=self.column.name,
            kind=self.column.kind,
            likelihood=self.column.likelihood,
            stretch=stretch,
            missing=self.missing,
            low=ends[0],
            high=ends[1],
            classes={names[i]: int(self.classes[i]) for i in order},
            is_constant=self.low == self.high,
        )


def _written(value: Any) -> str:
    value = value.as_py()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _suggestions(data: TableData, some: np.ndarray) -> Iterable[Suggestion]:
    kinds = [each.kind for each in data.schema.columns]
    yield Suggestion("recipe", "table", f"rows of {len(kinds)} columns, of {len(set(kinds))} kinds")
    yield Suggestion(
        "likelihood", "mixed", "each column has the likelihood of its kind, and gaps cost nothing"
    )
    yield components_for(_as_numbers(data, some), 0.9, least=2, most=32)
    yield batch_size_for(len(data.x_train))


def _as_numbers(data: TableData, some: np.ndarray) -> np.ndarray:
    """The columns in units of their deviation, a class as a number for each, gaps as zeros."""
    numbers = []
    for column, x in zip(data.schema.columns, some.T, strict=True):
        known = ~np.isnan(x)
        if column.kind == "category":
            numbers += [np.where(known, x == number, 0.0) for number in range(len(column.categories))]
        elif known.any():
            numbers.append(np.where(known, x - x[known].mean(), 0.0) / (x[known].std() or 1.0))
    return np.stack(numbers, axis=1)
