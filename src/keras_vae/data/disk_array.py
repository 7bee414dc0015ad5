"""An array that stays on disk."""

import os
import tempfile
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np

# Rows that lie closer than so many bytes are read in one go, with what is between them.
_NEAR = 8192
# So many scattered rows are sought at a time.
_BLOCK = 1024


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
        self._far = max(2, _NEAR // max(1, self._row_bytes))  # rows this far apart are read one by one
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  (open as long as the array lives)
        weakref.finalize(self, self._file.close)
        self._descriptor = self._file.fileno()
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
        if isinstance(rows, slice):
            chosen = range(len(self))[rows]
            if chosen.step == 1:
                return self._as_rows(self._read(chosen.start, len(chosen)))
            return self._scattered(np.array(chosen, "int64"))
        numbers = self._numbers(rows)
        if numbers.ndim == 0:
            return self._as_rows(self._read(int(numbers), 1))[0]
        return self._scattered(numbers)

    def _numbers(self, rows: Any) -> np.ndarray:
        """Row numbers from 0 for what NumPy takes as an index of one axis."""
        numbers = np.asarray(rows)
        if numbers.dtype == bool and numbers.shape == (len(self),):
            return np.flatnonzero(numbers)
        if numbers.ndim > 1 or (numbers.size and numbers.dtype.kind not in "iu"):
            raise IndexError(
                f"Rows are chosen by a number, a slice, or a list of numbers or of {len(self)} booleans. "
                f"Received: shape {numbers.shape}, type {numbers.dtype}"
            )
        numbers = numbers.astype("int64")
        outside = (numbers < -len(self)) | (numbers >= len(self))
        if outside.any():
            raise IndexError(f"There is no row {numbers[outside].flat[0]} among {len(self)}.")
        return np.where(numbers < 0, numbers + len(self), numbers)

    def _scattered(self, numbers: np.ndarray) -> np.ndarray:
        """Rows in any order, many of them block by block in the order of the disk."""
        if len(numbers) <= _BLOCK:
            return self._sought(numbers)
        result = np.empty((len(numbers), *self.shape[1:]), self.dtype)
        order = np.argsort(numbers, kind="stable")
        for start in range(0, len(order), _BLOCK):
            block = order[start : start + _BLOCK]
            result[block] = self._sought(numbers[block])
        return result

    def _sought(self, numbers: np.ndarray) -> np.ndarray:
        """Rows in any order: one read for each run of neighbours."""
        order = np.argsort(numbers, kind="stable")
        ordered = numbers[order]
        begins = np.flatnonzero(np.diff(ordered, prepend=-self._far) >= self._far)
        lengths = np.diff(begins, append=len(ordered))
        firsts = ordered[begins]
        counts = ordered[begins + lengths - 1] - firsts + 1
        content = b"".join(map(self._read, firsts.tolist(), counts.tolist()))
        # Each run stands so much further ahead in what was read than it does on disk.
        shifts = np.cumsum(counts) - counts - firsts
        places = np.empty_like(order)
        places[order] = ordered + np.repeat(shifts, lengths)
        return self._as_rows(content)[places]

    def _read(self, first: int, count: int) -> bytes:
        start, size = first * self._row_bytes, count * self._row_bytes
        if not hasattr(os, "pread"):
            with self._lock:
                self._file.seek(start)
                return self._file.read(size)
        content = os.pread(self._descriptor, size, start)
        while len(content) < size:  # the system reads at most 2 GiB at a time
            more = os.pread(self._descriptor, size - len(content), start + len(content))
            if not more:
                raise OSError("The temporary file of a DiskArray is shorter than what was written to it.")
            content += more
        return content

    def _as_rows(self, content: bytes) -> np.ndarray:
        return np.frombuffer(content, self.dtype).reshape(-1, *self.shape[1:])
