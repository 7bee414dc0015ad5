"""Images in a column of Parquet files → what a model takes."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from keras_vae.bulk.parts import Part
from keras_vae.bulk.pieces import Piece, whole_batches
from keras_vae.data.binarize import binarized_images
from keras_vae.data.findings import Findings
from keras_vae.data.image_files import attempted
from keras_vae.data.table_source import parquet_batches
from keras_vae.errors import DataError
from keras_vae.runs import Run
from keras_vae.runs.items import image_reading, parsed

_IMAGE, _BYTES = "image", "bytes"
# Of decoded images, in memory at a time.
_MOST_BYTES = 2**25


class ImageReader:
    """Image files in a column: bytes, or, as Hugging Face's datasets write them, a struct that has them."""

    def __init__(self, folder: Path, run: Run) -> None:
        described = run.description["data"]
        self._folder = folder
        self._run = run
        self._reading = image_reading(described)
        self._way = described["reading"].get("binarize")
        self._conditions = run.model.conditions
        self.event_shape: tuple[int, ...] = self._reading.event_shape

    def check(self, file: str, types: pa.Schema) -> None:
        _image_column(str(self._folder / file), types)

    def pieces(self, part: Part, batch_size: int) -> Iterator[Piece]:
        path = self._folder / part.source.file
        column, known = self._columns(path)
        rows = whole_batches(batch_size, _MOST_BYTES // int(np.prod(self.event_shape)))
        start = part.first_row
        for batch in parquet_batches(path, rows, range(*part.row_groups), [column, *known]):
            yield self._piece(part.source.file, start, batch, column.partition(".")[0], known)
            start += batch.num_rows

    def _columns(self, path: Path) -> tuple[str, list[str]]:
        """The column of the images, and those of conditions."""
        types = pyarrow.parquet.read_schema(path)
        names = () if self._conditions is None else tuple(self._conditions.columns)
        return _image_column(str(path), types), [name for name in names if name in types.names]

    def _piece(self, file: str, start: int, batch: pa.RecordBatch, column: str, known: list[str]) -> Piece:
        values = batch[column]
        if pa.types.is_struct(values.type):
            values = pc.struct_field(values, _BYTES)
        contents = values.to_pylist()
        findings = Findings()

        def decode(place: int) -> np.ndarray:
            name = f"{file}, row {start + place},"
            if contents[place] is None:
                raise DataError(f"{name} cannot be read: it holds no image.")
            return self._reading.decode(io.BytesIO(contents[place]), name)

        decoded = dict(attempted(range(len(contents)), decode, findings))
        places = np.fromiter(decoded, int, len(decoded))
        images = np.array(list(decoded.values()), self._reading.dtype).reshape(-1, *self.event_shape)
        if self._way is not None and len(images):
            images = binarized_images(images, self._way, file)
        self._run.check_images(file, images)
        if self._conditions is None:
            return Piece(start + places, images, findings)
        columns = {
            name: parsed(
                name,
                batch[name].take(pa.array(places)).to_pylist(),
                self._conditions.columns[name],
                findings,
            )
            for name in known
        }
        return Piece(start + places, {"x": images, **columns}, findings)


def _image_column(name: str, types: pa.Schema) -> str:
    """The path of the column with images: the one called image, or the only one of bytes."""
    paths = {each.name: path for each in types if (path := _bytes_in(each)) is not None}
    if _IMAGE in paths:
        return paths[_IMAGE]
    if len(paths) == 1:
        return next(iter(paths.values()))
    found = f"Found: {', '.join(paths)}." if paths else f"Its columns: {', '.join(types.names)}."
    raise DataError(
        f"{name}: the model takes images, which are image files in a column of bytes, or of structs with a "
        f"field {_BYTES!r}. Where there are several, the one called {_IMAGE!r} is taken. {found}"
    )


def _bytes_in(column: pa.Field) -> str | None:
    if _is_binary(column.type):
        return column.name
    if pa.types.is_struct(column.type):
        place = column.type.get_field_index(_BYTES)
        if place >= 0 and _is_binary(column.type.field(place).type):
            return f"{column.name}.{_BYTES}"
    return None


def _is_binary(type_: pa.DataType) -> bool:
    return pa.types.is_binary(type_) or pa.types.is_large_binary(type_)
