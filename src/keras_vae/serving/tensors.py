"""Tensors as the Open Inference Protocol writes them: in JSON, or as bytes behind it."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.errors import InvalidArgumentError

_DTYPES = {
    "BOOL": "bool",
    "UINT8": "uint8",
    "UINT16": "uint16",
    "UINT32": "uint32",
    "UINT64": "uint64",
    "INT8": "int8",
    "INT16": "int16",
    "INT32": "int32",
    "INT64": "int64",
    "FP32": "float32",
    "FP64": "float64",
}
_DATATYPES = {dtype: datatype for datatype, dtype in _DTYPES.items()}
TEXT = "BYTES"


@dataclass(frozen=True)
class Tensor:
    """A named array.

    Args:
        name: of the input or output.
        values: numbers or booleans; or objects, texts and `None` for none.
    """

    name: str
    values: np.ndarray

    @property
    def datatype(self) -> str:
        """The protocol's name of its type."""
        return datatype_of(self.values.dtype)

    def described(self) -> dict[str, Any]:
        """All but its values."""
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.values.shape)}


def datatype_of(dtype: Any) -> str:
    """The protocol's name of NumPy's type.

    Example:
        >>> datatype_of("float32"), datatype_of(np.dtype(object))
        ('FP32', 'BYTES')
    """
    return _DATATYPES.get(str(np.dtype(dtype)), TEXT)


def read_tensors(inputs: Any, binary: bytes = b"") -> dict[str, Tensor]:
    """The inputs of a request by name.

    Args:
        inputs: as they stand in its JSON.
        binary: what follows it.

    Raises:
        InvalidArgumentError: if one is not written as the protocol says.

    Example:
        >>> given = [{"name": "z", "datatype": "FP32", "shape": [1, 2], "data": [0.5, 1]}]
        >>> read_tensors(given)["z"].values.tolist()
        [[0.5, 1.0]]
    """
    if not isinstance(inputs, list) or not inputs:
        raise InvalidArgumentError("inputs must be a list of at least one tensor.")
    found: dict[str, Tensor] = {}
    start = 0
    for each in inputs:
        name, datatype, shape = _header(each)
        size = parameters_of(each).get("binary_data_size")
        if name in found:
            raise InvalidArgumentError(f"There are two inputs {name!r}.")
        if size is None:
            values = _of_json(name, datatype, shape, each.get("data"))
        else:
            if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= len(binary) - start:
                raise InvalidArgumentError(f"{name}: binary_data_size is not what was sent.")
            values = _of_bytes(name, datatype, shape, binary[start : start + size])
            start += size
        found[name] = Tensor(name, values)
    if start != len(binary):
        raise InvalidArgumentError(f"{len(binary) - start} bytes are left over behind the inputs.")
    return found


def written(tensors: Sequence[Tensor], binary: Mapping[str, bool]) -> tuple[list[dict[str, Any]], bytes]:
    """Outputs for the JSON of an answer, and the bytes behind it of those that are asked for so."""
    described, content = [], []
    for each in tensors:
        if binary.get(each.name):
            payload = _to_bytes(each.values)
            described.append({**each.described(), "parameters": {"binary_data_size": len(payload)}})
            content.append(payload)
        else:
            described.append({**each.described(), "data": _to_json(each.values)})
    return described, b"".join(content)


def _header(tensor: Any) -> tuple[str, str, tuple[int, ...]]:
    if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
        raise InvalidArgumentError("Each input must have a name, a datatype, a shape and data.")
    name, datatype, shape = (tensor.get(key) for key in ("name", "datatype", "shape"))
    if not isinstance(datatype, str) or datatype not in (*_DTYPES, TEXT):
        raise InvalidArgumentError(f"{name}: datatype must be one of {', '.join((*_DTYPES, TEXT))}.")
    if not isinstance(shape, list) or not all(
        isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape
    ):
        raise InvalidArgumentError(f"{name}: shape must be a list of whole numbers.")
    return str(name), datatype, tuple(shape)


def parameters_of(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of a request, or of one of its tensors; none where they are not written so."""
    found = content.get("parameters")
    return found if isinstance(found, dict) else {}


def _of_json(name: str, datatype: str, shape: tuple[int, ...], data: Any) -> np.ndarray:
    if not isinstance(data, list):
        raise InvalidArgumentError(f"{name}: data must be a list.")
    if datatype == TEXT:
        values = np.array([*_flat(data)] or [None], object)[: None if data else 0]
        if not all(each is None or isinstance(each, str) for each in values):
            raise InvalidArgumentError(f"{name}: data of the datatype BYTES must be texts.")
    else:
        values = _numbers(name, datatype, data)
    return _shaped(name, values, shape)


def _flat(data: Any) -> Iterator[Any]:
    for each in data:
        if isinstance(each, list):
            yield from _flat(each)
        else:
            yield each


def _numbers(name: str, datatype: str, data: list[Any]) -> np.ndarray:
    wanted = np.dtype(_DTYPES[datatype])
    try:
        values = np.asarray(data)
        if values.dtype == object:  # gaps, or rows of different lengths
            values = np.array([np.nan if each is None else each for each in _flat(data)])
    except (ValueError, OverflowError) as error:
        raise InvalidArgumentError(f"{name}: data must be numbers, in rows of one length.") from error
    kinds = {"b": "b", "u": "iu", "i": "iu", "f": "iuf"}[wanted.kind]
    if values.size and values.dtype.kind not in kinds:
        raise InvalidArgumentError(f"{name}: data are not of the datatype {datatype}.")
    with np.errstate(over="ignore"):
        found = values.astype(wanted)
    if wanted.kind in "iu" and not np.array_equal(found, values):
        raise InvalidArgumentError(f"{name}: data do not fit into the datatype {datatype}.")
    return found


def _of_bytes(name: str, datatype: str, shape: tuple[int, ...], content: bytes) -> np.ndarray:
    if datatype == TEXT:
        return _shaped(name, np.array([*_texts(name, content)], object), shape)
    dtype = np.dtype(_DTYPES[datatype]).newbyteorder("<")
    if len(content) % dtype.itemsize:
        raise InvalidArgumentError(f"{name}: {len(content)} bytes are no whole number of {datatype}.")
    return _shaped(name, np.frombuffer(content, dtype).astype(dtype.newbyteorder("=")), shape)


def _texts(name: str, content: bytes) -> Iterator[str]:
    start = 0
    while start < len(content):
        head = content[start : start + 4]
        length = int.from_bytes(head, "little")
        text = content[start + 4 : start + 4 + length]
        if len(head) < 4 or len(text) < length:
            raise InvalidArgumentError(f"{name}: its bytes end amid a text.")
        try:
            yield text.decode()
        except UnicodeDecodeError as error:
            raise InvalidArgumentError(f"{name}: a text is not UTF-8.") from error
        start += 4 + length


def _shaped(name: str, values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    try:
        return values.reshape(shape)
    except ValueError as error:
        raise InvalidArgumentError(
            f"{name}: {values.size} values are not of the shape {list(shape)}."
        ) from error


def _to_json(values: np.ndarray) -> list[Any]:
    """Flat, as the protocol prefers it; what is no finite number is null."""
    flat = values.ravel()
    if flat.dtype.kind == "f":
        whole = flat.tolist()
        finite = np.isfinite(flat)
        return (
            whole
            if finite.all()
            else [each if ok else None for each, ok in zip(whole, finite, strict=True)]
        )
    return flat.tolist()


def _to_bytes(values: np.ndarray) -> bytes:
    if values.dtype == object:
        texts = [(each or "").encode() for each in values.ravel()]
        return b"".join(struct.pack("<I", len(each)) + each for each in texts)
    return np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
