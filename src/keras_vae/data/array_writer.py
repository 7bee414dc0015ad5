"""An array → an `.npy` file, a batch at a time."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np

from keras_vae.data.whole_file import whole_file
from keras_vae.errors import DataError


def write_array(path: str | Path, batches: Iterable[np.ndarray], num_rows: int) -> None:
    """Rows that come a batch at a time, as an `.npy` file that is there once all of them are written.

    Args:
        path: of the file.
        batches: `(n, *row_shape)` each, of one type.
        num_rows: how many rows there are in all.

    Raises:
        DataError: if there are more or fewer, or their shapes or types differ.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_array(Path(folder, "codes.npy"), [np.eye(2), np.ones((1, 2))], 3)
        ...     np.load(Path(folder, "codes.npy")).tolist()
        [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    """
    remaining = iter(batches)
    first = next(remaining, None)
    if first is None:
        raise DataError(f"{path}: there is no batch, and so nothing to write.")
    header = {
        "descr": np.lib.format.dtype_to_descr(first.dtype),
        "fortran_order": False,
        "shape": (num_rows, *first.shape[1:]),
    }
    count = 0
    with whole_file(path) as partial, partial.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for batch in chain([first], remaining):
            if batch.shape[1:] != first.shape[1:] or batch.dtype != first.dtype:
                raise DataError(
                    f"{path}: each batch must hold rows of shape {first.shape[1:]} and type {first.dtype}. "
                    f"Found shape {batch.shape[1:]} and type {batch.dtype}."
                )
            count += len(batch)
            file.write(np.ascontiguousarray(batch).data)
        if count != num_rows:
            raise DataError(f"{path}: {num_rows} rows were to be written. Found {count}.")
