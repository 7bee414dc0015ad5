"""IDX files, the format that MNIST came in."""

import gzip
import zlib
from pathlib import Path

import numpy as np

from keras_vae.errors import DataError

_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def is_idx(path: str | Path) -> bool:
    """Whether a file is called like one: `…-idx3-ubyte`, `….idx`, either with `.gz`.

    Example:
        >>> is_idx("train-images-idx3-ubyte.gz"), is_idx("digits.npz")
        (True, False)
    """
    name = Path(path).name.removesuffix(".gz")
    return "-idx" in name or ".idx" in name


def read_idx(path: str | Path) -> np.ndarray:
    """The array in an IDX file, compressed or not.

    Raises:
        DataError: if it is none, or shorter than it says.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES:
        raise DataError(f"{path} is no IDX file: it does not begin as one.")
    dtype, axes = np.dtype(_TYPES[content[2]]), content[3]
    start = 4 + 4 * axes
    shape = tuple(np.frombuffer(content[4:start].ljust(4 * axes, b"\0"), ">u4").tolist())
    size = int(np.prod(shape)) * dtype.itemsize
    if len(content) != start + size:
        raise DataError(
            f"{path} is broken: it should hold {start + size} bytes for an array of shape {shape}. "
            f"Found {len(content)}."
        )
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))
