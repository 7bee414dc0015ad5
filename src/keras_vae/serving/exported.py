"""An export as it lies on the disk, and the endpoints that ONNX Runtime runs of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.columns import Schema
from keras_vae.errors import ExportError
from keras_vae.optional import optional

DESCRIPTION = "export.json"


@dataclass(frozen=True)
class Exported:
    """What `vae export --format onnx` wrote.

    Args:
        folder: where it lies.

    Raises:
        ExportError: if there is none, or it is of another format, or damaged.
    """

    folder: Path

    def __post_init__(self) -> None:
        if self.description.get("format") != "onnx" or not isinstance(
            self.description.get("endpoints"), dict
        ):
            raise ExportError(f"{self.folder} holds no ONNX: vae export RUN --format onnx writes it.")

    @cached_property
    def description(self) -> dict[str, Any]:
        """`export.json`."""
        path = self.folder / DESCRIPTION
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ExportError(f"{path} cannot be read: {error}") from error
        if not isinstance(content, dict):
            raise ExportError(f"{path} is damaged.")
        return content

    @cached_property
    def schema(self) -> Schema | None:
        """What the columns of its tables are; `None` for images."""
        config = self.description["schema"]
        return Schema.from_config(config) if config else None

    @property
    def endpoints(self) -> dict[str, dict[str, Any]]:
        """What is described of each endpoint."""
        return self.description["endpoints"]

    def is_of(self, model: Path) -> bool:
        """Whether it was made of that `model.keras`."""
        return self.description.get("model") == hashlib.sha256(model.read_bytes()).hexdigest()

    def session(self, endpoint: str, threads: int = 0) -> "Session":
        """An endpoint that runs; with so many threads, or as many as there are cores."""
        return Session(self.folder / self.endpoints[endpoint]["file"], self.endpoints[endpoint], threads)


class Session:
    """One endpoint in ONNX Runtime.

    Args:
        path: of the file.
        described: its ports.
        threads: how many at most; 0 for one a core.

    Raises:
        PackageMissingError: if ONNX Runtime is not installed.
        ExportError: if it cannot read the file.
    """

    def __init__(self, path: Path, described: Mapping[str, Any], threads: int = 0) -> None:
        onnxruntime = optional("onnxruntime", "Serving", "serve")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its errors have no common class of their own
            raise ExportError(f"{path} cannot be run: {error}") from error
        self.inputs = {each["name"]: each for each in described["inputs"]}
        self.outputs = [each["name"] for each in described["outputs"]]

    def __call__(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Its outputs by name."""
        return dict(zip(self.outputs, self._session.run(self.outputs, dict(arrays)), strict=True))
