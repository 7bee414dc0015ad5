"""Callbacks that call a model which lives on several devices."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from keras_vae.callbacks import Snapshot


class Aside(keras.callbacks.CallbackList):
    """Callbacks that see a copy of the model, on one device, as it is after each epoch.

    A model on the devices of several processes answers only if all of them ask.

    Args:
        callbacks: those.
        copy: a compiled model of the same kind.
    """

    def __init__(self, callbacks: Sequence[keras.callbacks.Callback], copy: keras.Model) -> None:
        super().__init__(list(callbacks), model=copy)

    def set_model(self, model: Any) -> None:
        if not hasattr(self, "_trained"):
            self._trained = None
            super().set_model(model)
        else:
            self._trained = model

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        with _on_one_device():
            Snapshot.of(self._trained).restore(self.model)
            super().on_epoch_end(epoch, logs)


@contextlib.contextmanager
def _on_one_device() -> Iterator[None]:
    """Inside it, whatever Keras makes belongs to this process alone."""
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(before)
