"""LiteRT, which was TensorFlow Lite."""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from keras_vae.errors import ExportError
from keras_vae.exporting.endpoint import Endpoint
from keras_vae.exporting.form import Form, Runner
from keras_vae.exporting.saved_model import SavedModel

_FILE = "model.tflite"
_LACKING = re.compile(r"Flex ops: ([\w, ]+)|Custom ops: ([\w, ]+)|'(?:tf|tfl)\.(\w+)' op")


class LiteRt(Form):
    """One `model.tflite` with a signature for each endpoint, of its own operations alone."""

    name = "litert"
    title = "LiteRT"
    needs = ("ai_edge_litert",)

    def write(self, endpoints: Sequence[Endpoint], folder: Path) -> dict[str, str]:
        with tempfile.TemporaryDirectory() as between:
            path = Path(between, SavedModel().write(endpoints, Path(between))[endpoints[0].name])
            names = [each.name for each in endpoints]
            try:
                content = _converted(path, names)
            except ExportError:
                for name in names:
                    _converted(path, [name])
                raise
        (folder / _FILE).write_bytes(content)
        return dict.fromkeys(names, _FILE)

    def runner(self, path: Path, endpoint: Endpoint) -> Runner:
        from ai_edge_litert.interpreter import Interpreter

        with _silenced():
            interpreter = Interpreter(model_path=str(path))
            run = interpreter.get_signature_runner(endpoint.name)

        def silent(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
            with _silenced():
                return {name: each.copy() for name, each in run(**inputs).items()}

        return silent


def _converted(saved: Path, names: Sequence[str]) -> bytes:
    """Those signatures of a SavedModel.

    Raises:
        ExportError: which names what LiteRT lacks for them.
    """
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved), signature_keys=list(names))
    try:
        with _silenced():
            return converter.convert()
    except Exception as error:
        raise ExportError(
            f"LiteRT cannot hold {', '.join(names)} of this model: {_why(error)} Leave such an endpoint "
            "out, or export to another format."
        ) from error


def _why(error: Exception) -> str:
    """What is lacking, out of pages of what the converter says."""
    found = sorted({each for groups in _LACKING.findall(str(error)) for each in groups if each})
    said = str(error).strip().splitlines() or [type(error).__name__]
    return f"it has no operation for {', '.join(found)}." if found else said[0]


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """What native libraries write on standard error goes nowhere."""
    before = os.dup(2)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123  (a device, and no path)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(before, 2)
            os.close(before)
