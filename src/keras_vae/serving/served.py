"""Endpoints with names and types that people know: rows by column, classes by name, noise by seed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from keras_vae.columns import Column
from keras_vae.errors import InvalidArgumentError
from keras_vae.serving.exported import Exported
from keras_vae.serving.tensors import TEXT, Tensor, datatype_of

Arrays = dict[str, np.ndarray]

_OF_KINDS = {"real": "FP64", "integer": "INT64", "count": "INT64", "boolean": "BOOL"}


class Served:
    """What one can ask of an endpoint, and its way to what ONNX Runtime takes and back.

    - Rows of a table come and go by column: a tensor `(n,)` each, categories and dates as texts; what is
      left out, or null, is missing. `row` takes, and `decoded` gives, all of them as numbers.
    - Conditions are classes by name, or numbers; what is left out is unknown.
    - `sample` takes a `seed` for each sample in place of noise: the same seed, the same sample.

    Args:
        exported: the export.
        endpoint: of it.
        threads: for ONNX Runtime.
    """

    def __init__(self, exported: Exported, endpoint: str, threads: int = 0) -> None:
        self.name = endpoint
        self.schema = exported.schema
        self.session = exported.session(endpoint, threads)
        self.classes: Mapping[str, list[str] | None] = exported.description["conditions"]
        self._ports = self.session.inputs
        self._columns = {each.name: each for each in self.schema.columns} if self.schema else {}
        self._gives_rows = self.schema is not None and "decoded" in self.session.outputs
        self._output_ports = {each["name"]: each for each in exported.endpoints[endpoint]["outputs"]}

    def metadata(self) -> dict[str, Any]:
        """What the protocol says of a model."""
        return {
            "name": self.name,
            "versions": ["1"],
            "platform": "onnxruntime_onnx",
            "inputs": [each for port in self._ports.values() for each in self._asked(port)],
            "outputs": [each for port in self._output_ports.values() for each in self._given(port)],
        }

    def arrays(self, tensors: Mapping[str, Tensor]) -> tuple[Arrays, int]:
        """What ONNX Runtime takes, and for how many examples.

        Raises:
            InvalidArgumentError: if something is missing, not known, or not what it should be.
        """
        known = {name for port in self._ports.values() for name in self._names(port)}
        strange = [name for name in tensors if name not in known]
        if strange:
            raise InvalidArgumentError(
                f"{self.name} takes no {', '.join(strange)}. Known: {', '.join(sorted(known))}."
            )
        counts = {len(each.values) if each.values.ndim else -1 for each in tensors.values()}
        if len(counts) != 1 or counts & {-1, 0}:
            raise InvalidArgumentError("All inputs must begin with the number of examples, at least one.")
        count = counts.pop()
        return {name: self._array(port, tensors, count) for name, port in self._ports.items()}, count

    def tensors(
        self, outputs: Mapping[str, np.ndarray], names: Sequence[str] | None = None
    ) -> list[Tensor]:
        """What ONNX Runtime gave, as people know it; those that are asked for.

        Raises:
            InvalidArgumentError: if there is no such output.
        """
        found = {name: Tensor(name, values) for name, values in outputs.items()}
        usual = list(found)
        if self._gives_rows:
            assert self.schema is not None
            rows = self.schema.decode(outputs["decoded"])
            found |= {
                each.name: Tensor(each.name, _values(each, rows[each.name])) for each in self.schema.columns
            }
            usual = self.schema.names
        for name in names or ():
            if name not in found:
                raise InvalidArgumentError(f"{self.name} gives no {name}. Known: {', '.join(found)}.")
        return [found[name] for name in names or usual]

    def _names(self, port: Mapping[str, Any]) -> list[str]:
        if port["name"] == "row":
            return ["row", *self._columns]
        return ["seed"] if port["name"] == "noise" else [port.get("condition", port["name"])]

    def _asked(self, port: Mapping[str, Any]) -> list[dict[str, Any]]:
        if port["name"] == "row":
            return [_described(each.name, _datatype(each)) for each in self._columns.values()]
        if port["name"] == "noise":
            return [_described("seed", "INT64")]
        if "condition" in port:
            named = self.classes[port["condition"]] is not None
            return [_described(port["condition"], TEXT if named else "FP32")]
        return [_plain(port)]

    def _given(self, port: Mapping[str, Any]) -> list[dict[str, Any]]:
        if self._gives_rows:
            return [_described(each.name, _datatype(each)) for each in self._columns.values()]
        return [_plain(port)]

    def _array(self, port: Mapping[str, Any], tensors: Mapping[str, Tensor], count: int) -> np.ndarray:
        name = port["name"]
        if name == "noise":
            return self._noise(port, tensors)
        if "condition" in port:
            return self._condition(port, tensors.get(port["condition"]), count)
        if name == "row" and "row" not in tensors:
            return self._rows(tensors, count)
        if name not in tensors:
            raise InvalidArgumentError(f"{self.name} needs {name}.")
        tensor = tensors[name]
        dtype = np.dtype(port["dtype"])
        if tensor.values.shape[1:] != tuple(port["shape"][1:]):
            raise InvalidArgumentError(
                f"{name} must be of the shape {port['shape']}, with the number of examples first. "
                f"Received: {list(tensor.values.shape)}"
            )
        if tensor.values.dtype != dtype and not (dtype.kind == "f" and tensor.values.dtype.kind == "f"):
            raise InvalidArgumentError(f"{name} must be {datatype_of(dtype)}. Received: {tensor.datatype}")
        values = np.ascontiguousarray(tensor.values, dtype)
        if name != "row" and dtype.kind == "f" and not np.isfinite(values).all():
            raise InvalidArgumentError(f"{name} must be finite numbers.")
        return values

    def _noise(self, port: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> np.ndarray:
        if "seed" not in tensors:
            raise InvalidArgumentError(f"{self.name} needs seed: a whole number for each sample.")
        seeds = tensors["seed"].values
        if seeds.ndim != 1 or seeds.dtype.kind not in "iu" or (seeds < 0).any():
            raise InvalidArgumentError("seed must be whole numbers from 0 on, one for each sample.")
        width = port["shape"][1]
        return np.stack(
            [np.random.default_rng(int(seed)).standard_normal(width, "float32") for seed in seeds]
        )

    def _condition(self, port: Mapping[str, Any], tensor: Tensor | None, count: int) -> np.ndarray:
        classes = self.classes[port["condition"]]
        if tensor is None:
            return np.full(count, np.nan if classes is None else -1, port["dtype"])
        values = tensor.values
        if values.ndim != 1:
            raise InvalidArgumentError(f"{tensor.name} must be one value for each example.")
        if classes is None:
            if values.dtype.kind not in "iuf":
                raise InvalidArgumentError(f"{tensor.name} must be numbers.")
            return values.astype("float32")
        if values.dtype != object:
            if values.dtype.kind not in "iu" or (values >= len(classes)).any() or (values < -1).any():
                raise InvalidArgumentError(
                    f"{tensor.name} must be names of classes, or their numbers from 0 to "
                    f"{len(classes) - 1}; −1 for unknown."
                )
            return values.astype("int32")
        places = {each: i for i, each in enumerate(classes)} | {"unknown": -1, None: -1}
        strange = [each for each in values if each not in places]
        if strange:
            known = ", ".join(map(str, classes[:20]))
            raise InvalidArgumentError(
                f"{tensor.name} has no class {strange[0]!r}. Known: {known}, unknown."
            )
        return np.array([places[each] for each in values], "int32")

    def _rows(self, tensors: Mapping[str, Tensor], count: int) -> np.ndarray:
        assert self.schema is not None
        given = [name for name in self._columns if name in tensors]
        if not given:
            raise InvalidArgumentError(f"{self.name} needs columns: {', '.join(self._columns)}; or row.")
        flat = [name for name in given if tensors[name].values.ndim != 1]
        if flat:
            raise InvalidArgumentError(f"{flat[0]} must be one value for each row.")
        columns = {
            name: pa.array(tensors[name].values, from_pandas=True)
            if name in tensors
            else pa.nulls(count, pa.string())
            for name in self._columns
        }
        return self.schema.encode(pa.table(columns))


def _described(name: str, datatype: str) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [-1]}


def _plain(port: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": port["name"], "datatype": datatype_of(port["dtype"]), "shape": port["shape"]}


def _datatype(column: Column) -> str:
    return _OF_KINDS.get(column.kind, TEXT)


def _values(column: Column, values: Any) -> np.ndarray:
    """A column of a table as the protocol has it; with gaps, whole numbers are floating-point ones."""
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    datatype = _datatype(column)
    if datatype == TEXT:
        return np.array(pc.cast(values, pa.string()).to_pylist(), object)
    if datatype == "BOOL" and not values.null_count:
        return np.array(values.to_pylist(), bool)
    if datatype == "INT64" and not values.null_count:
        return np.array(pc.cast(values, pa.int64(), safe=False).to_numpy(zero_copy_only=False))
    return np.array(pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False))
