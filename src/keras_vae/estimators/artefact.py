"""A model ↔ the bytes of its `model.keras`."""

import tempfile
from pathlib import Path
from typing import Any

import keras

from keras_vae.runs.folder import MODEL


def to_bytes(model: keras.Model) -> bytes:
    """What `model.save` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, MODEL)
        model.save(path)
        return path.read_bytes()


def from_bytes(content: bytes) -> Any:
    """The model that was saved: its parts and its weights. Code is refused, by Keras's `safe_mode`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, MODEL)
        path.write_bytes(content)
        return keras.saving.load_model(path, safe_mode=True)
