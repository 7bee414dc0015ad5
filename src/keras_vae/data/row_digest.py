"""What a row of a table holds, as a number."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from keras_vae.columns.column import floats_of, seconds_of, texts_of

_MISSING = np.uint64(0x9E3779B97F4A7C15)


def row_digests(arrow: pa.Table | pa.RecordBatch, names: Iterable[str]) -> np.ndarray:
    """A number for each row that stands for what those columns hold, `(n,)`, `uint64`.

    The order of the columns and their types do not matter, nor whatever else the table holds: the same row
    has the same digest in every file and for ever.

    Args:
        arrow: the table.
        names: of the columns that count.

    Example:
        >>> one, other = pa.table({"a": [1, 2], "b": ["x", None]}), pa.table({"b": ["x"], "a": [1.0]})
        >>> (row_digests(one, "ab")[:1] == row_digests(other, "ab")).tolist()
        [True]
    """
    total = np.zeros(arrow.num_rows, "uint64")
    for name in names:
        total += _mixed(_value_digests(arrow[name]) ^ _text_digest(name))
    return _mixed(total)


def _value_digests(values: Any) -> np.ndarray:
    if pa.types.is_temporal(values.type) and not pa.types.is_time(values.type):
        numbers = seconds_of(values)
    elif (
        pa.types.is_boolean(values.type)
        or pa.types.is_integer(values.type)
        or (pa.types.is_floating(values.type) or pa.types.is_decimal(values.type))
    ):
        numbers = floats_of(values)
    else:
        return _of_texts(texts_of(values))
    bits = (numbers + 0.0).view("uint64")  # + 0.0 makes one zero of two
    return np.where(np.isnan(numbers), _MISSING, _mixed(bits))


def _of_texts(values: Any) -> np.ndarray:
    different = pc.unique(values)
    digests = np.array([_MISSING if each is None else _text_digest(each) for each in different.to_pylist()])
    places = pc.index_in(values, different)
    return digests[np.array(places.to_numpy(zero_copy_only=False))].astype("uint64")


def _text_digest(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big"))


def _mixed(bits: np.ndarray) -> np.ndarray:
    """Each bit of the result depends on every bit (SplitMix64's finaliser; Steele et al., 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
