"""Rows of a table that come as batches for `fit`."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from keras_vae.data.fit_batch import FitBatch
from keras_vae.data.rows import Rows
from keras_vae.data.table import IGNORE, find_schema
from keras_vae.data.table_data import TableData, split_table
from keras_vae.data.table_source import TableSource, column_names
from keras_vae.errors import DataError

_ROWS = 16_384
_SPLIT = "split"


class BatchTable:
    """Collects batches of rows, `(batch, num_columns)`, with labels and columns beside them.

    Columns are called as those of a NumPy array are; labels become the category "label", −1 a gap in it.

    Args:
        name: what the data set is called.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._first: FitBatch | None = None
        self._beside: dict[str, list[np.ndarray]] = defaultdict(list)

    def add(self, batch: FitBatch, split: str | None) -> None:
        """Take a batch; `split` says which split its rows are in, where what they hold does not decide.

        Raises:
            DataError: if it is unlike the first one.
        """
        if batch.x.dtype.kind not in "biuf":
            raise DataError(f"{batch.place}: x must hold numbers. Found type {batch.x.dtype}.")
        if self._first is None:
            self._first = batch
            self._rows = Rows(batch.x.shape[1:], batch.x.dtype)
        batch.check_like(self._first)
        self._rows.extend(batch.x)
        beside = dict(batch.columns)
        if self._first.labels is not None:
            beside["label"] = np.full(len(batch.x), -1) if batch.labels is None else batch.labels
        if split is not None:
            beside[_SPLIT] = np.full(len(batch.x), split)
        for name, values in beside.items():
            self._beside[name].append(values)

    def dataset(self) -> TableData:
        """All rows, recognised and split."""
        assert self._first is not None
        rows = self._rows.array()
        beside = {name: np.concatenate(parts) for name, parts in self._beside.items()}
        names = column_names(rows.shape[1])

        def batches() -> Iterator[pa.RecordBatch]:
            for start in range(0, len(rows), _ROWS):
                some = rows[start : start + _ROWS]
                columns = dict(zip(names, np.ascontiguousarray(some.T), strict=True))
                columns |= {
                    name: _values(name, each[start : start + _ROWS]) for name, each in beside.items()
                }
                yield pa.RecordBatch.from_pydict(columns)

        source = TableSource(self._name, next(batches()).schema, batches)
        kinds = {name: kind for name, kind in (("label", "category"), (_SPLIT, IGNORE)) if name in beside}
        return split_table(source, find_schema(source, kinds), _SPLIT if _SPLIT in beside else None)


def _values(name: str, values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=values < 0 if name == "label" else None)
