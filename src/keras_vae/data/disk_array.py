"""An array that stays on disk."""

import tempfile
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np


class DiskArray:
    """Rows in a temporary file, read when they are asked for and never kept in memory.

    It has what the package asks of an array of examples: `len`, `shape`, `dtype`, `ndim`, and rows by
    number, slice or array of numbers. The file goes when the array does.

    Args:
        row_shape: the shape of one row.
        dtype: of the numbers.
        folder: where the file is made; the system's place for temporary ones by default.

    Example:
        >>> array = DiskArray((2,), np.dtype("uint8"))
        >>> array.append(np.array([[1, 2], [3, 4]], "uint8"))
        >>> array.shape, array[1].tolist(), array[[1, 0]].tolist()
        ((2, 2), [3, 4], [[3, 4], [1, 2]])
    """

    def __init__(self, row_shape: tuple[int, ...], dtype: np.dtype, folder: Path | None = None) -> None:
        self.shape = (0, *row_shape)
        self.dtype = np.dtype(dtype)
        self._row_bytes = int(np.prod(row_shape)) * self.dtype.itemsize
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (open as long as the array lives)
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()

    def append(self, rows: np.ndarray) -> None:
        """Write rows, `(n, *row_shape)`, behind the others."""
        with self._lock:
            self._file.seek(0, 2)
            self._file.write(np.ascontiguousarray(rows, self.dtype).data)
            self._file.flush()
        self.shape = (len(self) + len(rows), *self.shape[1:])

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> np.ndarray:
        numbers = np.arange(len(self))[rows]
        if numbers.ndim == 0:
            return self._read(int(numbers), 1)[0]
        if isinstance(rows, slice) and rows.step in (None, 1):
            return self._read(int(numbers[0]) if len(numbers) else 0, len(numbers))
        result = np.empty((len(numbers), *self.shape[1:]), self.dtype)
        for place, number in enumerate(numbers):
            result[place] = self._read(int(number), 1)[0]
        return result

    def _read(self, first: int, count: int) -> np.ndarray:
        with self._lock:
            self._file.seek(first * self._row_bytes)
            content = self._file.read(count * self._row_bytes)
        return np.frombuffer(content, self.dtype).reshape(count, *self.shape[1:])
