"""What there is to do: the parts of a folder of Parquet files."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from keras_vae.bulk.files import parquet_files
from keras_vae.data.table_source import check_names, reading
from keras_vae.errors import DataError

# A part takes some seconds, which is what a killed process loses.
MOST_ROWS = 1_000_000
MOST_BYTES = 2**28


@dataclass(frozen=True)
class Source:
    """A file as it was when the work began.

    Args:
        file: its path, relative to the folder.
        size: in bytes.
        modified: when, in nanoseconds since 1970.
    """

    file: str
    size: int
    modified: int

    @classmethod
    def of(cls, folder: Path, file: str) -> "Source":
        """The file as it is now."""
        found = (folder / file).stat()
        return cls(file, found.st_size, found.st_mtime_ns)


@dataclass(frozen=True)
class Part:
    """Neighbouring groups of rows of one file, which become one file.

    Args:
        name: of the file that it becomes, relative to the folder of the results.
        source: the file that they are in.
        row_groups: the first of them, and the one behind the last.
        first_row: the number of its first row in the file, from 1.
        rows: how many.
    """

    name: str
    source: Source
    row_groups: tuple[int, int]
    first_row: int
    rows: int


def find_parts(folder: Path, check: Callable[[str, pa.Schema], None]) -> list[Part]:
    """The parts of all Parquet files in a folder, in their order; only the ends of files are read.

    A part is a whole file, `a/b.parquet`, or, of a larger one, about a million rows or 256 MiB:
    `a/b.part-0001.parquet`, ….

    Args:
        folder: where the files are, at any depth.
        check: is called with the path of each file, relative to the folder, and the types of its columns,
            to refuse it.

    Raises:
        DataError: if a file is no Parquet, or two would become files of one name, besides what `check`
            raises.
    """

    def look(file: str) -> list[Part]:
        path = folder / file
        with reading(path):
            source = Source.of(folder, file)
            found = pyarrow.parquet.read_metadata(path)
            types = found.schema.to_arrow_schema()
        check_names(str(path), types.names)
        check(file, types)
        return list(_parts(source, found))

    with ThreadPoolExecutor() as threads:
        parts = [part for some in threads.map(look, parquet_files(folder)) for part in some]
    twice = [name for name, count in Counter(part.name for part in parts).items() if count > 1]
    if twice:
        raise DataError(f"{folder}: two files would both become {twice[0]}. Rename one of them.")
    return parts


def _parts(source: Source, found: pyarrow.parquet.FileMetaData) -> Iterator[Part]:
    groups = [found.row_group(i) for i in range(found.num_row_groups)]
    cuts = _cuts([(group.num_rows, group.total_byte_size) for group in groups])
    stem = source.file.removesuffix(Path(source.file).suffix)
    first_row = 1
    for number, (start, stop) in enumerate(cuts, start=1):
        rows = sum(group.num_rows for group in groups[start:stop])
        name = f"{stem}.parquet" if len(cuts) == 1 else f"{stem}.part-{number:04}.parquet"
        yield Part(name, source, (start, stop), first_row, rows)
        first_row += rows


def _cuts(sizes: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbouring groups of rows, each with rows and bytes, put together as far as they may."""
    starts, rows, content = [0], 0, 0
    for i, (more_rows, more_bytes) in enumerate(sizes):
        rows, content = rows + more_rows, content + more_bytes
        if i > starts[-1] and (rows > MOST_ROWS or content > MOST_BYTES):
            starts.append(i)
            rows, content = more_rows, more_bytes
    return list(zip(starts, [*starts[1:], len(sizes)], strict=True))
