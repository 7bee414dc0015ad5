"""Tables: files of columns → numbers with gaps, and back."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from keras_vae.data.column import KINDS, Column, recognise
from keras_vae.data.standardize import Standardize
from keras_vae.errors import DataError, DataNotFoundError, UnknownNameError

_GAPS = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "-"]
_SNIFFED = 64 * 1024
_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Table:
    """Columns of several kinds, and their values as numbers.

    Args:
        columns: what each column is.
        matrix: `(n, num_columns)`, float32: classes by number, dates in days, NaN for what is missing.
        unknown: how many entries of a column are categories that it does not know, and count as missing.
    """

    columns: tuple[Column, ...]
    matrix: np.ndarray
    unknown: Mapping[str, int] = field(default_factory=dict)

    @property
    def num_categories(self) -> list[int | None]:
        """For `networks.table_encoder`, how many classes each column has, `None` for numbers."""
        return [len(each.categories) if each.kind == "category" else None for each in self.columns]

    @property
    def likelihoods(self) -> list[str]:
        """For `likelihoods.Mixed`, the likelihood of each column."""
        return [each.likelihood for each in self.columns]

    def standardize(self) -> Standardize:
        """The preprocessing that gives numbers and dates mean 0 and deviation 1, and leaves the rest."""
        return Standardize.of(
            self.matrix, [i for i, column in enumerate(self.columns) if column.is_standardized]
        )

    def like(self, path: str | Path) -> "Table":
        """Another file with the same columns, in any order, as numbers of the same meaning.

        Raises:
            DataError: which names the columns that are missing, or too many.
        """
        arrow = _read(path)
        names = [each.name for each in self.columns]
        missing = [name for name in names if name not in arrow.column_names]
        extra = [name for name in arrow.column_names if name not in names]
        if missing or extra:
            found = [f"missing: {', '.join(missing)}"] * bool(missing) + [
                f"not known: {', '.join(extra)}"
            ] * bool(extra)
            raise DataError(
                f"{path} has other columns than the table it should be like: {'; '.join(found)}."
            )
        return _table(self.columns, arrow)

    def arrow(self, matrix: np.ndarray | None = None) -> pa.Table:
        """The matrix, or another one such as samples, in the types and with the names of the columns."""
        numbers = np.asarray(self.matrix if matrix is None else matrix, "float64")
        if numbers.ndim != 2 or numbers.shape[1] != len(self.columns):
            raise DataError(
                f"This table has {len(self.columns)} columns. Received an array of shape {numbers.shape}."
            )
        return pa.table({each.name: each.decode(numbers[:, i]) for i, each in enumerate(self.columns)})

    def write(self, path: str | Path, matrix: np.ndarray | None = None) -> None:
        """`arrow` as a file: `.csv`, `.csv.gz` or `.parquet`."""
        path, arrow = Path(path), self.arrow(matrix)
        if path.suffix == ".parquet":
            pyarrow.parquet.write_table(arrow, path)
        elif path.name.endswith((".csv", ".csv.gz")):
            with pa.output_stream(path, compression="detect") as file:
                pyarrow.csv.write_csv(arrow, file, pyarrow.csv.WriteOptions(quoting_style="needed"))
        else:
            raise DataError(f"A table is written as .csv, .csv.gz or .parquet. Received: {path}")


def read_table(path: str | Path, kinds: Mapping[str, str] | None = None) -> Table:
    """A CSV file, of any delimiter and also `.gz`, or a Parquet file.

    What each column is, is recognised unless `kinds` says it: text is a category, whole numbers are
    integers, two values 0 and 1 a boolean; a count is only what is called one. Entries that are empty, or
    say NA, NaN, null, None, ? or -, are missing.

    Args:
        path: of the file; CSV files have a line of names.
        kinds: of columns by name: "real", "integer", "count", "boolean", "category" or "date".

    Raises:
        DataNotFoundError: if there is no such file.
        DataError: if it cannot be read, or a column can tell nothing.
        UnknownNameError: if `kinds` names a column that is not there, or no kind.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "people.csv")
        ...     _ = path.write_text("height,born,smokes\\n1.72,1980-02-29,true\\n,1990-12-01,false\\n")
        ...     table = read_table(path)
        >>> [(column.name, column.kind) for column in table.columns]
        [('height', 'real'), ('born', 'date'), ('smokes', 'boolean')]
    """
    arrow = _read(path)
    kinds = kinds or {}
    for name, kind in kinds.items():
        if name not in arrow.column_names:
            raise UnknownNameError("column", name, arrow.column_names)
        if kind not in KINDS:
            raise UnknownNameError("kind of column", kind, KINDS)
    columns = tuple(recognise(name, arrow[name], kinds.get(name)) for name in arrow.column_names)
    return _table(columns, arrow)


def _table(columns: tuple[Column, ...], arrow: pa.Table) -> Table:
    encoded = [each.encode(arrow[each.name]) for each in columns]
    gaps = {each.name: int(np.isnan(numbers).sum()) for each, numbers in zip(columns, encoded, strict=True)}
    unknown = {name: count - arrow[name].null_count for name, count in gaps.items()}
    return Table(
        columns,
        np.stack(encoded, axis=1).astype("float32"),
        {name: count for name, count in unknown.items() if count > 0},
    )


def _read(path: str | Path) -> pa.Table:
    path = Path(path)
    if not path.is_file():
        raise DataNotFoundError(f"No table at {path}.")
    try:
        if path.suffix == ".parquet":
            arrow = pyarrow.parquet.read_table(path)
        else:
            arrow = pyarrow.csv.read_csv(
                path,
                parse_options=pyarrow.csv.ParseOptions(delimiter=_delimiter(path), newlines_in_values=True),
                convert_options=pyarrow.csv.ConvertOptions(null_values=_GAPS, strings_can_be_null=True),
            )
    except (pa.ArrowInvalid, OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as a table: {error}.") from error
    if not arrow.num_rows or not arrow.num_columns:
        raise DataError(f"{path} holds no rows below its line of names.")
    if len(set(arrow.column_names)) < arrow.num_columns:
        raise DataError(f"{path} has several columns of one name. Found: {', '.join(arrow.column_names)}.")
    return arrow


def _delimiter(path: Path) -> str:
    with pa.input_stream(path, compression="detect") as file:
        head = file.read(_SNIFFED).decode(errors="replace")
    try:
        return csv.Sniffer().sniff(head, _DELIMITERS).delimiter
    except csv.Error:
        return ","
