"""Rows of a table in Parquet files → what a model takes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from keras_vae.bulk.files import partition_values
from keras_vae.bulk.parts import Part
from keras_vae.bulk.pieces import Piece, whole_batches
from keras_vae.conditions import Conditions
from keras_vae.data import Items, Schema
from keras_vae.data.findings import Findings
from keras_vae.data.table import encoded
from keras_vae.data.table_source import TableSource, parquet_batches
from keras_vae.errors import DataError
from keras_vae.runs.items import with_conditions

# In memory at a time.
_MOST_ROWS = 16_384


class TableReader:
    """Rows of a table. What folders say in the way of Hive are columns, if the model knows such ones."""

    def __init__(self, folder: Path, schema: Schema, conditions: Conditions | None) -> None:
        self.event_shape: tuple[int, ...] = (len(schema.columns),)
        self._folder = folder
        self._schema = schema
        self._conditions = conditions
        self._kinds = {each.name: each.kind for each in (*schema.columns, *schema.given)}

    def check(self, file: str, types: pa.Schema) -> None:
        self._schema.check(str(self._folder / file), [*types.names, *self._from_folders(file)])

    def pieces(self, part: Part, batch_size: int) -> Iterator[Piece]:
        path, beside = self._folder / part.source.file, self._from_folders(part.source.file)

        def batches() -> Iterator[pa.RecordBatch]:
            rows = whole_batches(batch_size, _MOST_ROWS)
            for batch in parquet_batches(path, rows, range(*part.row_groups), list(self._kinds)):
                for name in beside.keys() - set(batch.schema.names):
                    batch = batch.append_column(name, pa.repeat(beside[name], batch.num_rows))
                yield batch

        start = part.first_row
        # What the file holds is known from its end, and only columns are asked for that the model knows.
        source = TableSource(str(path), pa.schema([]), batches)
        try:
            for piece in encoded(source, self._schema):
                rows = range(start, start + len(piece.matrix))
                start += len(rows)
                items = Items(
                    "row", rows, piece.matrix, piece.given, findings=Findings(unknown=piece.unknown)
                )
                names: tuple[str, ...] = ()
                if self._conditions is not None:
                    items = with_conditions(items, self._conditions)
                    names = tuple(self._conditions.columns)
                yield Piece(np.array(rows), items.inputs(names), items.findings)
        except DataError as error:
            raise _naming(path, error) from error

    def _from_folders(self, file: str) -> dict[str, pa.Scalar]:
        return {
            name: pa.scalar(value, pa.string()).cast(pa.bool_() if kind == "boolean" else pa.string())
            for name, value in partition_values(file).items()
            if (kind := self._kinds.get(name))
        }


def _naming(path: Path, error: DataError) -> DataError:
    return error if str(path) in str(error) else DataError(f"{path}: {error}")
