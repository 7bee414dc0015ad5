"""How examples look on the page: as pixels, or as the rows of a table."""

import tempfile
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from keras_vae.data import Schema
from keras_vae.errors import InvalidArgumentError
from keras_vae.explorer import pixels
from keras_vae.plots.canvas import pixels_of
from keras_vae.runs import Run


class Face(Protocol):
    """What images and rows have in common."""

    kind: str

    def about(self) -> dict[str, Any]:
        """What the page must know to show examples, and to take some."""

    def show(self, x: np.ndarray) -> dict[str, Any]:
        """Examples, `(n, *event)`, as JSON takes them."""

    def show_shares(self, shares: np.ndarray) -> dict[str, Any]:
        """A number from 0 up for each element, `(n, *event)`: where something is strange."""

    def difference(self, x: np.ndarray, found: np.ndarray) -> np.ndarray:
        """How far each element is from what the model makes of it, `(n, *event)`."""

    def read(self, content: Any) -> np.ndarray:
        """One example of a person's own, `(1, *event)`."""


class Images:
    """Images: bytes of grey or of three colours.

    Args:
        run: whose model takes them.
    """

    kind = "images"

    def __init__(self, run: Run) -> None:
        self.run = run
        described = run.description["data"]
        self.value_range = tuple(described["value_range"])
        self.event_shape = tuple(described["event_shape"])

    def about(self) -> dict[str, Any]:
        height, width, channels = self.event_shape
        return {"height": height, "width": width, "is_color": channels in (3, 4)}

    def shades(self, x: np.ndarray) -> np.ndarray:
        """`(n, height, width, 1 or 3)` bytes."""
        return pixels_of(x, self.value_range)

    def show(self, x: np.ndarray) -> dict[str, Any]:
        return pixels.packed(self.shades(x))

    def show_shares(self, shares: np.ndarray) -> dict[str, Any]:
        strength = np.nan_to_num(np.clip(shares, 0.0, None)).mean(axis=-1, keepdims=True)
        top = np.quantile(strength, 0.999, axis=(1, 2, 3), keepdims=True)
        return pixels.packed(
            np.round(255 * np.clip(strength / np.maximum(top, 1e-12), 0, 1)).astype("uint8")
        )

    def difference(self, x: np.ndarray, found: np.ndarray) -> np.ndarray:
        return np.abs(np.asarray(x, "float32") - found)

    def read(self, content: bytes) -> np.ndarray:
        """An image file as it was dropped, or drawn."""
        if not content:
            raise InvalidArgumentError("No image arrived: drop one, or draw something.")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "yours.png"
            path.write_bytes(content)
            return np.asarray(self.run.items(path).x[:])


class Rows:
    """Rows of a table: texts, as they stand in its file.

    Args:
        run: whose model takes them.
        schema: what its columns are.
    """

    kind = "table"

    def __init__(self, run: Run, schema: Schema) -> None:
        self.run = run
        self.schema = schema

    def about(self) -> dict[str, Any]:
        columns = [
            {"name": each.name, "kind": each.kind, "classes": list(each.classes or ()), "start": each.start}
            for each in self.schema.columns
        ]
        return {"columns": columns}

    def show(self, x: np.ndarray) -> dict[str, Any]:
        return {"columns": self.schema.names, "rows": self.schema.texts(np.asarray(x))}

    def show_shares(self, shares: np.ndarray) -> dict[str, Any]:
        strength = np.nan_to_num(np.clip(shares, 0.0, None))
        top = np.maximum(strength.max(axis=-1, keepdims=True), 1e-12)
        return {"columns": self.schema.names, "shares": np.round(strength / top, 3).tolist()}

    def difference(self, x: np.ndarray, found: np.ndarray) -> np.ndarray:
        numbers = np.asarray(x, "float32")
        return np.abs(numbers - found) / np.maximum(np.abs(numbers), 1e-6)

    def read(self, content: dict[str, str]) -> np.ndarray:
        """A row by its columns; what is left out, or empty, is missing."""
        for name in content:
            self.schema[name]
        numbers = [
            [self._number(each.name, content.get(each.name, "").strip()) for each in self.schema.columns]
        ]
        return np.array(numbers, "float32")

    def _number(self, name: str, text: str) -> float:
        if not text:
            return float("nan")
        column = self.schema[name]
        if column.classes is None:
            return column.number_of(text)
        if text not in column.classes:
            raise InvalidArgumentError(f"{name} is one of {', '.join(column.classes)}. Received: {text!r}")
        return float(column.encode(pa.array([text]))[0]) if column.kind == "category" else text == "true"


def face_of(run: Run) -> Face:
    """The one that the examples of a run have."""
    return Images(run) if run.schema is None else Rows(run, run.schema)
