"""Every example of a source, with its name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_vae.data.dataset import Dataset
from keras_vae.data.findings import Findings
from keras_vae.data.interleaved import Interleaved
from keras_vae.data.split import SPLITS
from keras_vae.data.table import Table
from keras_vae.data.table_data import TableData


@dataclass(frozen=True, eq=False)
class Items:
    """Every example of a source, in its order, with its name.

    Args:
        key: what the names are: "file" in a folder, "row" of a table from 1, "number" in an array from 0.
        names: `(n,)` files relative to the folder, or numbers.
        x: raw data, `(n, *event)`: an array, or something else with `len`, `shape`, `dtype` and rows by
            slice or array of numbers.
        columns: what a model may be conditional on, `(n,)` numbers each.
        labels: what each is called where that is known, `(n,)` texts or integers.
        splits: "train" or "test" of each, `(n,)`, where they are a run's own data.
        findings: files that could not be read, and categories that the model does not know.

    Example:
        >>> items = Items("number", range(3), np.zeros((3, 8, 8, 1)), labels=np.array([7, 7, 2]))
        >>> items.identity(slice(1, 3))
        {'number': [1, 2], 'label': [7, 2]}
    """

    key: str
    names: Sequence[Any]
    x: Any
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    labels: np.ndarray | None = None
    splits: np.ndarray | None = None
    findings: Findings = field(default_factory=Findings)

    def __len__(self) -> int:
        return len(self.names)

    def inputs(self, conditions: Iterable[str] = ()) -> Any:
        """What a model with these conditions takes: `x`, or a dict of it and those columns.

        Conditions that nothing is known of are left out: unknown.
        """
        names = list(conditions)
        known = {name: each for name, each in self.columns.items() if name in names}
        return {"x": self.x, **known} if names else self.x

    def identity(self, rows: slice) -> dict[str, Any]:
        """The columns that say which items these are: names, and splits and labels where they are known."""
        columns: dict[str, Any] = {self.key: list(self.names[rows])}
        for name, values in (("split", self.splits), ("label", self.labels)):
            if values is not None:
                columns[name] = values[rows].tolist()
        return columns


def items_of_data(data: Dataset, with_splits: bool = False) -> Items:
    """Every example of a data set, training and test, in the order of its source.

    Labels that tell nothing apart are left out.

    Args:
        data: the data set.
        with_splits: whether to say in which split each is.

    Example:
        >>> from keras_vae.data import load
        >>> items = items_of_data(load("mnist-5k"), with_splits=True)
        >>> len(items), items.x.shape, items.splits[4499:4501].tolist()
        (5000, (5000, 28, 28, 1), ['train', 'test'])
    """
    testing = data.testing
    if testing is None:
        testing = np.repeat([False, True], [len(data.x_train), len(data.x_test)])

    def together(train: Any, test: Any) -> Any:
        return Interleaved(train, test, testing)

    columns = {
        name: together(column, data.columns_test[name])[:] for name, column in data.columns_train.items()
    }
    x = together(data.x_train, data.x_test)
    splits = np.array(SPLITS, object)[testing.astype(int)] if with_splits else None
    if isinstance(data, TableData):
        return Items("row", _row_numbers(x), x, columns, None, splits, data.findings)
    numbers = together(data.y_train, data.y_test)[:]
    return Items(
        "file" if data.names else "number",
        data.names or range(len(x)),
        x,
        {"label": numbers, **columns},
        _called(numbers, data.label_names),
        splits,
        data.findings,
    )


def items_of_table(table: Table) -> Items:
    """Every row of a table, by its number from 1."""
    rows = _row_numbers(table.matrix)
    return Items("row", rows, table.matrix, table.given, findings=Findings(unknown=dict(table.unknown)))


def _row_numbers(rows: Any) -> range:
    return range(1, len(rows) + 1)


def _called(numbers: np.ndarray, names: Sequence[str]) -> np.ndarray | None:
    """Labels by name, where they have names; `None` where they have none and are all alike."""
    if any(names):
        return np.array([name or None for name in names], object)[numbers]
    return numbers if len(np.unique(numbers)) > 1 else None
