"""A model ↔ the bytes of its `model.keras`."""

import tempfile
from pathlib import Path
from typing import Any

import keras

from keras_vae.model_file import load
from keras_vae.runs.names import MODEL


def to_bytes(model: keras.Model) -> bytes:
    """What `model.save` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, MODEL)
        model.save(path)
        return path.read_bytes()


def from_bytes(content: bytes) -> Any:
    """The model that was saved, as `keras_vae.load` takes it: its parts and its weights, and no code."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, MODEL)
        path.write_bytes(content)
        return load(path)
