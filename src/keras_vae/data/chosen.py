"""Some rows of an array, without a copy of them."""

from typing import Any

import numpy as np


class Chosen:
    """Rows of an array by their numbers, read when they are asked for.

    It has what the package asks of an array of examples: `len`, `shape`, `dtype`, `ndim`, and rows by
    number, slice or array of numbers.

    Args:
        array: `(n, *row_shape)`, an array or a `DiskArray`.
        rows: `(m,)`, numbers of rows.

    Example:
        >>> some = Chosen(np.array([10, 11, 12, 13]), np.array([0, 2, 3]))
        >>> len(some), some[1:].tolist(), int(some[0])
        (3, [12, 13], 10)
    """

    def __init__(self, array: Any, rows: np.ndarray) -> None:
        self._array = array
        self._rows = np.asarray(rows)
        self.shape = (len(self._rows), *array.shape[1:])
        self.dtype = array.dtype

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Any:
        return self._array[self._rows[rows]]


def choose(x: Any, rows: np.ndarray) -> Any:
    """Those rows of an array, or of each array in a dict, without a copy of them."""
    return (
        {name: Chosen(each, rows) for name, each in x.items()} if isinstance(x, dict) else Chosen(x, rows)
    )
