"""A table of results → a file, a batch at a time."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from keras_vae.data.whole_file import whole_file
from keras_vae.errors import DataError

#: How the names of table files end that are written.
TABLE_SUFFIXES = (".csv", ".csv.gz", ".parquet")
# So many rows are written at a time: Parquet keeps figures of its own for each group of rows.
_ROWS = 65_536


def write_batches(path: str | Path, batches: Iterable[Mapping[str, Any]]) -> int:
    """Columns as a file, `.csv`, `.csv.gz` or `.parquet`, a batch at a time.

    Memory does not grow with the number of batches. The file is there once all of them are written; after
    an error it is as it was before.

    Args:
        path: of the file.
        batches: the same columns each, by name, in the order of the first batch: `(n,)` texts, integers or
            floating-point numbers, `None` for what is missing. A column has the type that it has in the
            first batch; if there is no value of it there, it is text.

    Returns:
        How many rows were written.

    Raises:
        DataError: if the name ends in something else, there is no batch, or a batch has other columns than
            the first, of other types, or of lengths that differ.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> batches = ({"row": [i, i + 1], "z1": [0.5 * i, -0.25]} for i in (1, 3))
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "codes.csv")
        ...     rows = write_batches(path, batches)
        ...     rows, path.read_text().split()
        (4, ['"row","z1"', '1,0.5', '2,-0.25', '3,1.5', '4,-0.25'])
    """
    _check_ending(path)
    remaining = iter(batches)
    first = next(remaining, None)
    if first is None:
        raise DataError(f"{path}: there is no batch, and so no column to write.")
    types = _types(path, first)
    return write_record_batches(
        path, types, (_record_batch(path, each, types) for each in chain([first], remaining))
    )


def write_record_batches(path: str | Path, types: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """The same for Arrow's batches of those types; there may be none."""
    _check_ending(path)
    count = 0
    with whole_file(path) as partial, _writer(partial, types) as write:
        for table in _gathered(batches):
            write(table)
            count += table.num_rows
    return count


def write_table(path: str | Path, arrow: pa.Table) -> None:
    """A table as a file: `.csv`, `.csv.gz` or `.parquet`.

    Raises:
        DataError: if the name ends in something else.
    """
    write_record_batches(path, arrow.schema, arrow.to_batches())


@contextlib.contextmanager
def _writer(path: Path, types: pa.Schema) -> Iterator[Callable[[pa.Table], None]]:
    if path.suffix.lower() == ".parquet":
        with pyarrow.parquet.ParquetWriter(path, types) as writer:
            yield writer.write_table
    else:
        compression = "gzip" if path.suffix.lower() == ".gz" else None
        options = pyarrow.csv.WriteOptions(quoting_style="needed")
        with (
            pa.output_stream(path, compression=compression) as stream,
            pyarrow.csv.CSVWriter(stream, types, write_options=options) as writer,
        ):
            yield writer.write_table


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(each.num_rows for each in waiting) >= _ROWS:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _types(path: str | Path, columns: Mapping[str, Any]) -> pa.Schema:
    fields = []
    for name, values in columns.items():
        type_ = _array(path, name, values).type
        fields.append((name, pa.string() if pa.types.is_null(type_) else type_))
    return pa.schema(fields)


def _record_batch(path: str | Path, columns: Mapping[str, Any], types: pa.Schema) -> pa.RecordBatch:
    if set(columns) != set(types.names):
        raise DataError(
            f"{path}: each batch must have the columns {', '.join(types.names)}. "
            f"Found: {', '.join(columns) or 'none'}."
        )
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(f"{path}: the columns of a batch must be of one length. Found: {found}.")
    arrays = [_array(path, each.name, columns[each.name], each.type) for each in types]
    return pa.RecordBatch.from_arrays(arrays, schema=types)


def _array(
    path: str | Path, name: str, values: Sequence[Any], type_: pa.DataType | None = None
) -> pa.Array:
    try:
        array = pa.array(values)
        return array if type_ is None else array.cast(type_)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        kind = "one type" if type_ is None else f"the type {type_}"
        raise DataError(f"{path}: the column {name!r} does not hold values of {kind}: {error}.") from error


def _check_ending(path: str | Path) -> None:
    if not Path(path).name.lower().endswith(TABLE_SUFFIXES):
        raise DataError(f"A table is written as {', '.join(TABLE_SUFFIXES)}. Received: {path}")
