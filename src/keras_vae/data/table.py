"""Tables: files of columns → numbers with gaps, and back."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from keras_vae.columns.column import KINDS, missing_in
from keras_vae.columns.schema import Schema
from keras_vae.data.column_profile import ColumnProfile
from keras_vae.data.result_table import write_table
from keras_vae.data.rows import Rows
from keras_vae.data.table_source import TableSource, open_table
from keras_vae.errors import DataError, UnknownNameError

#: The kind of a column that is not looked at.
IGNORE = "ignore"


@dataclass(frozen=True)
class Table:
    """Columns of several kinds, and their values as numbers.

    Args:
        schema: what each column is.
        matrix: `(n, num_columns)`, float32: classes by number, dates in days, NaN for what is missing; a
            `DiskArray` where that is large.
        given: the columns that stand beside the numbers, `(n,)` each, for models that are conditional on
            them.
        unknown: how many entries of a column are categories that it does not know, and count as missing.
    """

    schema: Schema
    matrix: Any
    given: Mapping[str, np.ndarray] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)

    def inputs(self) -> Any:
        """What a model takes: the matrix, or a dict of it and the given columns."""
        return {"x": self.matrix, **self.given} if self.given else self.matrix

    def like(self, source: Any) -> "Table":
        """Another table with the same columns, in any order, as numbers of the same meaning.

        Raises:
            DataError: which names the columns that are missing, or too many.
        """
        return read_table(source, schema=self.schema)

    def arrow(self, matrix: np.ndarray | None = None) -> pa.Table:
        """The matrix, or another one such as samples, in the types and with the names of the columns."""
        return self.schema.decode(self.matrix[:] if matrix is None else matrix)

    def write(self, path: str | Path, matrix: np.ndarray | None = None) -> None:
        """`arrow` as a file: `.csv`, `.csv.gz` or `.parquet`."""
        write_table(path, self.arrow(matrix))


def read_table(source: Any, kinds: Mapping[str, str] | None = None, schema: Schema | None = None) -> Table:
    """A table from a file, pandas, Arrow or NumPy.

    CSV files may have any delimiter and be `.gz`; Parquet files are read a piece at a time, and what is
    large stays on disk. What a column is, is recognised unless `kinds` says it: text is a category, whole
    numbers are integers, two numbers in many rows a category, 0 and 1 a boolean; a count is only what is
    called one.
    Entries of CSV files that are empty, or say NA, NaN, null, None, ? or -, are missing; so are infinities.

    Args:
        source: the path of a file; CSV files have a line of names. Or a pandas or Arrow table, a dict of
            columns, or a NumPy array `(n, num_columns)`.
        kinds: of columns by name: "real", "integer", "count", "boolean", "category", "date" or "ignore".
        schema: what the columns are, where another table has said so.

    Raises:
        DataNotFoundError: if there is no such file.
        DataError: if it cannot be read, or a column can tell nothing, or differs from the schema.
        UnknownNameError: if `kinds` names a column that is not there, or no kind.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "people.csv")
        ...     _ = path.write_text("height,born,smokes\\n1.72,1980-02-29,true\\n,1990-12-01,false\\n")
        ...     table = read_table(path)
        >>> [(column.name, column.kind) for column in table.schema.columns]
        [('height', 'real'), ('born', 'date'), ('smokes', 'boolean')]
    """
    opened = open_table(source)
    if schema is None:
        schema = find_schema(opened, kinds or {})
    else:
        schema.check(opened.name, opened.types.names)
    rows, given, unknown = Rows((len(schema.columns),), np.dtype("float32")), [], Counter[str]()
    for piece in encoded(opened, schema):
        rows.extend(piece.matrix)
        given.append(piece.given)
        unknown.update(piece.unknown)
    return Table(schema, rows.array(), joined(given), dict(unknown))


def find_schema(source: TableSource, kinds: Mapping[str, str]) -> Schema:
    """What the columns of a table are; `kinds` is as for `read_table`."""
    for name, kind in kinds.items():
        if name not in source.types.names:
            raise UnknownNameError("column", name, source.types.names)
        if kind not in (*KINDS, IGNORE):
            raise UnknownNameError("kind of column", kind, [*KINDS, IGNORE])
    ignored = tuple(name for name, kind in kinds.items() if kind == IGNORE)
    profiles = [
        ColumnProfile(each.name, each.type, kinds.get(each.name))
        for each in source.types
        if each.name not in ignored
    ]
    if not profiles:
        raise DataError(f"{source.name}: every column is left out, and nothing to look at remains.")
    for batch in source.batches():
        for profile in profiles:
            profile.update(batch[profile.name])
    return Schema(tuple(profile.column() for profile in profiles), ignored)


@dataclass(frozen=True)
class Piece:
    """Some rows of a table.

    Args:
        batch: as they are.
        matrix: their numbers, `(n, num_columns)`.
        given: the given columns that the table has, `(n,)` each.
        unknown: how many entries of a column are categories that the schema does not know.
    """

    batch: pa.RecordBatch
    matrix: np.ndarray
    given: dict[str, np.ndarray]
    unknown: dict[str, int]


def encoded(source: TableSource, schema: Schema) -> Iterator[Piece]:
    """The rows of a table, a piece at a time."""
    for batch in source.batches():
        matrix, given = schema.encode(batch), schema.encode_given(batch)
        gaps = dict(zip(schema.names, np.isnan(matrix).sum(axis=0), strict=True))
        gaps |= {name: (numbers < 0).sum() for name, numbers in given.items()}
        unknown = {
            each.name: int(gaps[each.name]) - int(missing_in(batch[each.name]).sum())
            for each in (*schema.columns, *schema.given)
            if each.kind == "category" and each.name in gaps
        }
        yield Piece(batch, matrix, given, {name: count for name, count in unknown.items() if count})


def joined(parts: Sequence[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Columns that came in pieces."""
    return {name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if parts else ())}
