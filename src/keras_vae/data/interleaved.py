"""Two arrays, seen as one whose rows alternate between them."""

from typing import Any

import numpy as np


class Interleaved:
    """Rows of two arrays in the order in which they once stood together; nothing is copied.

    It has what the package asks of an array of examples: `len`, `shape`, `dtype`, `ndim`, and rows by
    number, slice or array of numbers.

    Args:
        first: `(a, *row_shape)`, an array or a `DiskArray`.
        second: `(b, *row_shape)`, of the same type.
        is_second: `(a + b,)`, which rows come from `second`; in each array they are in order.

    Example:
        >>> rows = Interleaved(np.array([1, 3, 4]), np.array([2]), np.array([False, True, False, False]))
        >>> rows[:].tolist(), rows[[3, 1]].tolist(), int(rows[-1])
        ([1, 2, 3, 4], [4, 2], 4)
    """

    def __init__(self, first: Any, second: Any, is_second: np.ndarray) -> None:
        self._arrays = first, second
        self._is_second = np.asarray(is_second, bool)
        self.shape = (len(first) + len(second), *first.shape[1:])
        self.dtype = first.dtype
        kind = "uint32" if len(self) < 2**32 else "uint64"
        before = np.cumsum(self._is_second, dtype=kind)
        # How many rows of its own array stand before each row.
        self._places = np.where(self._is_second, before - 1, np.arange(len(self), dtype=kind) - before)

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Any:
        is_second, places = self._is_second[rows], self._places[rows]
        if is_second.ndim == 0:
            return self._arrays[int(is_second)][int(places)]
        result = np.empty((len(places), *self.shape[1:]), self.dtype)
        for array, chosen in zip(self._arrays, (~is_second, is_second), strict=True):
            result[chosen] = array[places[chosen]]
        return result
