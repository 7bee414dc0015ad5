"""Where tables come from: files, pandas, NumPy, Arrow; read a piece at a time where they are large."""

import contextlib
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from keras_vae.errors import DataError, DataNotFoundError

_GAPS = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "-"]
_SNIFFED = 64 * 1024
_DELIMITERS = ",;\t|"
_ROWS = 16_384
_BUFFER = 64 * 1024
#: How the names of table files end.
SUFFIXES = (".csv", ".tsv", ".parquet", ".csv.gz", ".tsv.gz")


@dataclass(frozen=True)
class TableSource:
    """A table that can be read from the beginning as often as needed.

    Args:
        name: what it is called, or its path.
        types: of its columns, by name.
        batches: its rows, some thousands at a time; Parquet files are never in memory as a whole.
    """

    name: str
    types: pa.Schema
    batches: Callable[[], Iterator[pa.RecordBatch]]


def is_table(source: Any) -> bool:
    """Whether something is a table by its name or its type.

    Example:
        >>> is_table("people.csv.gz"), is_table({"height": [1.7]}), is_table("photos/")
        (True, True, False)
    """
    if isinstance(source, str | Path):
        return str(source).lower().endswith(SUFFIXES)
    return (
        isinstance(source, pa.Table | Mapping)
        or (isinstance(source, np.ndarray) and source.ndim == 2)
        or hasattr(source, "iloc")
    )


def open_table(source: Any) -> TableSource:
    """A CSV or Parquet file, a pandas or Arrow table, a dict of columns, or a NumPy array `(n, columns)`.

    Raises:
        DataNotFoundError: if there is no such file.
        DataError: if it cannot be read as a table with rows and columns that have a name each.
    """
    if isinstance(source, str | Path):
        opened = _open_file(Path(source))
    else:
        arrow = _arrow(source)
        opened = TableSource("table", arrow.schema, lambda: iter(arrow.to_batches(_ROWS)))
    names = opened.types.names
    check_names(opened.name, names)
    if not names or next(opened.batches(), None) is None:
        raise DataError(f"{opened.name} holds no rows below its line of names.")
    return opened


def check_names(name: str, names: Sequence[str]) -> None:
    """Refuse a table of that name in which two columns are called alike.

    Raises:
        DataError: which names them all.
    """
    if len(set(names)) < len(names):
        raise DataError(f"{name} has several columns of one name. Found: {', '.join(names)}.")


def column_names(count: int) -> list[str]:
    """What the columns of an array are called, which has no names.

    Example:
        >>> column_names(2)
        ['column 0', 'column 1']
    """
    return [f"column {number}" for number in range(count)]


def _arrow(source: Any) -> pa.Table:
    try:
        if isinstance(source, pa.Table):
            return source
        if isinstance(source, Mapping):
            return pa.table(dict(source))
        if hasattr(source, "iloc"):
            return pa.Table.from_pandas(source, preserve_index=False).replace_schema_metadata()
        matrix = np.asarray(source)
        if matrix.ndim != 2:
            raise DataError(f"A table is an array (n, columns). Received one of shape {matrix.shape}.")
        return pa.table(dict(zip(column_names(matrix.shape[1]), matrix.T, strict=True)))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError) as error:
        raise DataError(f"This cannot be read as a table: {error}.") from error


def _open_file(path: Path) -> TableSource:
    if not path.is_file():
        raise DataNotFoundError(f"No table at {path}.")
    with reading(path):
        if path.suffix.lower() == ".parquet":
            types = pyarrow.parquet.read_schema(path).remove_metadata()
            return TableSource(str(path.absolute()), types, lambda: parquet_batches(path))
        arrow = pyarrow.csv.read_csv(
            _stream(path),
            parse_options=pyarrow.csv.ParseOptions(delimiter=_delimiter(path), newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(null_values=_GAPS, strings_can_be_null=True),
        )
        arrow.schema.names  # noqa: B018  (which may be no UTF-8)
    return TableSource(str(path.absolute()), arrow.schema, lambda: iter(arrow.to_batches(_ROWS)))


def parquet_batches(
    path: Path,
    rows: int | None = None,
    row_groups: Sequence[int] | None = None,
    columns: Sequence[str] | None = None,
) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file, so many at a time.

    Args:
        path: of the file.
        rows: in a batch, at most; else 16,384.
        row_groups: the numbers of those that are read; else all.
        columns: the names of those that are read; else all.

    Raises:
        DataError: if the file cannot be read.
    """
    # With a buffer, Arrow reads pages as they are needed; without, all of each column at once.
    with reading(path), pyarrow.parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
        yield from file.iter_batches(rows or _ROWS, row_groups, columns)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """What Arrow says of a file that is no table, as one of our errors."""
    try:
        yield
    except (pa.ArrowInvalid, OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as a table: {' '.join(str(error).split())}.") from error


def _stream(path: Path) -> Any:
    return pa.input_stream(path, compression="gzip" if path.suffix.lower() == ".gz" else None)


def _delimiter(path: Path) -> str:
    with _stream(path) as file:
        start = file.read(_SNIFFED)
    if b"\0" in start:
        raise DataError(f"{path} cannot be read as a table: it holds NUL bytes, which is no text in UTF-8.")
    head = start.decode(errors="replace")
    try:
        return csv.Sniffer().sniff(head, _DELIMITERS).delimiter
    except csv.Error:
        return ","
