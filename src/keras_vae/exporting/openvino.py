"""OpenVINO, a pair of files for each endpoint."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from keras_vae.errors import ExportError
from keras_vae.exporting.endpoint import Endpoint
from keras_vae.exporting.form import Form, Runner
from keras_vae.exporting.onnx_file import Onnx


class OpenVino(Form):
    """`NAME.xml` and `NAME.bin` for each endpoint, by way of ONNX."""

    name = "openvino"
    title = "OpenVINO"
    needs = ("openvino", "onnx", "tf2onnx")

    def write(self, endpoints: Sequence[Endpoint], folder: Path) -> dict[str, str]:
        import openvino

        files = {}
        with tempfile.TemporaryDirectory() as between:
            for name, file in Onnx().write(endpoints, Path(between)).items():
                try:
                    converted = openvino.convert_model(Path(between, file))
                except RuntimeError as error:
                    raise ExportError(f"OpenVINO cannot hold {name} of this model: {error}") from error
                files[name] = f"{name}.xml"
                openvino.save_model(converted, folder / files[name], compress_to_fp16=False)
        return files

    def runner(self, path: Path, endpoint: Endpoint) -> Runner:
        import openvino

        # It would compute in bfloat16 where the processor can.
        compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        names = [each.name for each in endpoint.outputs]

        def run(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
            found = compiled(dict(inputs))
            return {name: np.array(found[name]) for name in names}

        return run
