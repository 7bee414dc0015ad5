"""ONNX, a file for each endpoint."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.errors import ExportError
from keras_vae.exporting.endpoint import Endpoint
from keras_vae.exporting.form import Form, Runner, named_function, specs_of
from keras_vae.exporting.onnx_operators import HANDLERS

_OPSET = 18


class Onnx(Form):
    """`NAME.onnx` for each endpoint, run by ONNX Runtime."""

    name = "onnx"
    title = "ONNX"
    needs = ("onnx", "onnxruntime", "tf2onnx")

    def write(self, endpoints: Sequence[Endpoint], folder: Path) -> dict[str, str]:
        import onnx

        files = {}
        for endpoint in endpoints:
            files[endpoint.name] = f"{endpoint.name}.onnx"
            onnx.save(to_onnx(endpoint), folder / files[endpoint.name])
        return files

    def runner(self, path: Path, endpoint: Endpoint) -> Runner:
        import onnxruntime

        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        names = [each.name for each in endpoint.outputs]

        def run(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
            return dict(zip(names, session.run(names, dict(inputs)), strict=True))

        return run


def to_onnx(endpoint: Endpoint) -> Any:
    """The endpoint as an ONNX model, its inputs and outputs under their own names.

    Raises:
        ExportError: which names the operations that ONNX lacks.
    """
    import onnx

    _mend_tf2onnx()
    model = _converted(endpoint)
    lacking = sorted({node.op_type for node in model.graph.node if not _is_known(node)})
    if lacking:
        raise ExportError(
            f"ONNX has no operation for {', '.join(lacking)}, which {endpoint.name} of this model needs. "
            "Leave this endpoint out, or export a SavedModel."
        )
    _name_batch(model)
    onnx.checker.check_model(model)
    return model


def _mend_tf2onnx() -> None:
    """Let tf2onnx 1.17 do without what NumPy 2 no longer has, as Keras's own export does."""
    import warnings

    from keras.src.export.tf2onnx_lib import patch_tf2onnx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        patch_tf2onnx()


def _converted(endpoint: Endpoint) -> Any:
    import logging

    import tensorflow as tf
    from tf2onnx import convert

    logger = logging.getLogger("tf2onnx")
    before = logger.level
    # It says of each operation that it does not know what is said in one sentence here.
    logger.setLevel(logging.CRITICAL)
    try:
        model, _ = convert.from_function(
            tf.function(named_function(endpoint), autograph=False),
            specs_of(endpoint),
            opset=_OPSET,
            custom_op_handlers=dict(HANDLERS),
        )
    finally:
        logger.setLevel(before)
    return model


def _is_known(node: Any) -> bool:
    import onnx

    return node.domain not in ("", "ai.onnx") or onnx.defs.has(node.op_type)


def _name_batch(model: Any) -> None:
    """The first axis of every input and output is called batch."""
    for each in (*model.graph.input, *model.graph.output):
        first = each.type.tensor_type.shape.dim[0]
        first.dim_param = "batch"
