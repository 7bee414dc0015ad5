"""ONNX → what the page's own interpreter computes: a graph as JSON, and its weights."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from keras_vae.errors import ExportError
from keras_vae.optional import optional

# Of the page's modules, those with tables of operators, and how a line of such a table begins.
_TABLES = ("network", "pointwise", "reducing", "shaping")
_ENTRY = re.compile(r"^  ([A-Z]\w+): ", re.MULTILINE)
# What operators may be told; everything else they may be told is computed.
_OPTIONS = {
    ("Pad", "mode"): ("constant", "edge", "reflect"),
    ("Resize", "mode"): ("nearest", "linear"),
    ("Resize", "antialias"): (0,),
    ("Resize", "coordinate_transformation_mode"): (
        "half_pixel",
        "pytorch_half_pixel",
        "asymmetric",
        "align_corners",
    ),
}
# From here on, operators take as inputs what they took as attributes before.
_OLDEST = 13
_MOST_BYTES = 64 * 2**20
_WHOLE = np.iinfo("int32")


@cache
def operators() -> frozenset[str]:
    """The operators that the page has, by ONNX's names.

    Example:
        >>> sorted(operators())[:4]
        ['Abs', 'Add', 'And', 'ArgMax']
    """
    folder = files("keras_vae.exporting").joinpath("page")
    return frozenset(
        name
        for table in _TABLES
        for name in _ENTRY.findall(folder.joinpath(f"{table}.js").read_text("utf-8"))
    )


def page_graph(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The graph of an ONNX file as a page computes it, and its weights, float32 one after another.

    Whole numbers are int32 there, which is enough for sizes and classes.

    Args:
        content: of the file. Its first input is `(batch, width)`, the others `(batch,)`; it has one output.

    Raises:
        ExportError: if the page lacks an operator, or a type, or the weights are too many for a page.
        PackageMissingError: if onnx is not installed.
    """
    onnx = optional("onnx", "Exporting a page", "onnx")
    model = onnx.load_from_string(content)
    _check(model)
    graph = model.graph
    weights = _Weights()
    constants = [
        weights.constant(each.name, onnx.numpy_helper.to_array(each)) for each in graph.initializer
    ]
    nodes = []
    for node in graph.node:
        if node.op_type == "Constant":
            constants.append(weights.constant(node.output[0], _value_of(node)))
        else:
            nodes.append(_node(node))
    known = {each.name for each in graph.initializer}
    inputs = [_input(each) for each in graph.input if each.name not in known]
    found = {"inputs": inputs, "constants": constants, "nodes": nodes, "output": graph.output[0].name}
    return found, weights.content()


class _Weights:
    """Constants, of which those of float32 lie one after another."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] = []
        self._count = 0

    def constant(self, name: str, value: np.ndarray) -> dict[str, Any]:
        type_ = _type_named(str(value.dtype), name)
        found: dict[str, Any] = {"name": name, "type": type_, "dims": list(value.shape)}
        if type_ != "float32":
            return found | {"values": _whole(value)}
        found["at"] = self._count
        self._parts.append(np.ascontiguousarray(value, "<f4").ravel())
        self._count += value.size
        if 4 * self._count > _MOST_BYTES:
            raise ExportError(
                f"The decoder's weights take more than {_MOST_BYTES // 2**20} MB, too much for a page. "
                "Export ONNX, or train a smaller model: --recipe conv makes one."
            )
        return found

    def content(self) -> bytes:
        return b"".join(each.tobytes() for each in self._parts)


def _check(model: Any) -> None:
    version = max(
        (each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), default=0
    )
    if version < _OLDEST:
        raise ExportError(
            f"A page computes ONNX of the operator set {_OLDEST} and later. Received: one of {version}."
        )
    lacking = sorted({_full_name(node) for node in model.graph.node} - operators() - {"Constant"})
    if lacking:
        raise ExportError(
            f"A page cannot compute {', '.join(lacking)}, which this decoder needs. Export ONNX."
        )
    for node in model.graph.node:
        for name, value in _attributes(node).items():
            known = _OPTIONS.get((node.op_type, name))
            if known is not None and value not in known:
                raise ExportError(
                    f"A page computes {node.op_type} with {name} {' or '.join(map(str, known))}. "
                    f"Received: {value}. Export ONNX."
                )


def _full_name(node: Any) -> str:
    return node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"


def _node(node: Any) -> dict[str, Any]:
    return {
        "op": node.op_type,
        "inputs": list(node.input),
        "outputs": list(node.output),
        "attributes": {name: _plain(node, name, value) for name, value in _attributes(node).items()},
    }


def _attributes(node: Any) -> dict[str, Any]:
    from onnx import helper

    found = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    return {name: each.decode() if isinstance(each, bytes) else each for name, each in found.items()}


def _plain(node: Any, name: str, value: Any) -> Any:
    """An attribute as JSON knows it."""
    import onnx

    if isinstance(value, onnx.TensorProto):
        array = onnx.numpy_helper.to_array(value)
        return {"type": _type_named(str(array.dtype), node.name), "values": array.ravel().tolist()}
    if (node.op_type, name) == ("Cast", "to"):
        return _type_named(str(onnx.helper.tensor_dtype_to_np_dtype(value)), node.name)
    return value if isinstance(value, int | float | str) else list(value)


def _value_of(node: Any) -> np.ndarray:
    """What a node of the operator Constant holds."""
    import onnx

    (name, value), *_ = _attributes(node).items()
    if isinstance(value, onnx.TensorProto):
        return onnx.numpy_helper.to_array(value)
    return np.array(value, "int64" if name.startswith("value_int") else "float32")


def _input(port: Any) -> dict[str, Any]:
    import onnx

    tensor = port.type.tensor_type
    sizes = [each.dim_value for each in tensor.shape.dim]
    return {
        "name": port.name,
        "type": _type_named(str(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)), port.name),
        "width": sizes[1] if len(sizes) == 2 else None,
    }


def _type_named(dtype: str, where: str) -> str:
    types = {"float32": "float32", "int32": "int32", "int64": "int32", "bool": "bool"}
    if dtype not in types:
        raise ExportError(
            f"A page computes in float32, int32 and bool. Received: {dtype} in {where}. Export ONNX."
        )
    return types[dtype]


def _whole(values: np.ndarray) -> list[int]:
    """Numbers beyond int32 stand for "to the end"."""
    bounded = values.astype("int64").clip(_WHOLE.min, _WHOLE.max)
    return [int(each) for each in bounded.ravel()]
