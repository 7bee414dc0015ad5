"""Rows that come one after the other → an array, in memory or on disk."""

from typing import Any

import numpy as np

from keras_vae.data.disk_array import DiskArray

#: What is larger stays on disk.
MOST_IN_MEMORY = 8 * 2**20
# Rows are put together, and written, so many bytes at a time.
_CHUNK = 2**20


class Rows:
    """Collects rows, and moves them to disk by itself once they are more than 8 MiB.

    Args:
        row_shape: the shape of one row.
        dtype: of the numbers; rows of other types are cast to it.

    Example:
        >>> rows = Rows((2,), np.dtype("float32"))
        >>> rows.append([0, 1])
        >>> rows.extend(np.array([[2, 3], [4, 5]]))
        >>> len(rows), rows.array().tolist()
        (3, [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    """

    def __init__(self, row_shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.row_shape = tuple(row_shape)
        self.dtype = np.dtype(dtype)
        self._count = 0
        self._loose: list[np.ndarray] = []
        self._loose_bytes = 0
        self._chunks: list[np.ndarray] = []
        self._disk: DiskArray | None = None

    def __len__(self) -> int:
        return self._count

    def append(self, row: np.ndarray) -> None:
        """Add one row, of `row_shape`."""
        self.extend(np.asarray(row)[None])

    def extend(self, rows: np.ndarray) -> None:
        """Add many, `(n, *row_shape)`. They are copied: the array may be used again."""
        rows = np.array(rows, self.dtype)
        self._count += len(rows)
        self._loose.append(rows)
        self._loose_bytes += rows.nbytes
        if self._loose_bytes >= _CHUNK:
            self._pack()

    def array(self) -> Any:
        """All rows so far, `(n, *row_shape)`, as NumPy's array or a `DiskArray`."""
        self._pack()
        if self._disk is not None:
            return self._disk
        return np.concatenate([np.empty((0, *self.row_shape), self.dtype), *self._chunks])

    def _pack(self) -> None:
        """Make one chunk of the loose rows; all chunks go to disk once they are too large together."""
        if self._loose:
            self._chunks.append(np.concatenate(self._loose))
            self._loose, self._loose_bytes = [], 0
        if self._disk is None and sum(chunk.nbytes for chunk in self._chunks) > MOST_IN_MEMORY:
            self._disk = DiskArray(self.row_shape, self.dtype)
        if self._disk is not None:
            for chunk in self._chunks:
                self._disk.append(chunk)
            self._chunks = []
