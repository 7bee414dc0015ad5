"""Several cards of one machine, on TensorFlow through a `MirroredStrategy`."""

import contextlib
from collections.abc import Sequence
from typing import Any

import keras

from keras_vae.runs.engines.aside import Aside
from keras_vae.runs.engines.engine import Engine


def start() -> Engine | None:
    """The engine for the GPUs that TensorFlow sees, or else for the logical CPUs; `None` if it is one."""
    import tensorflow as tf

    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return None if len(devices) == 1 else Mirrored([each.name for each in devices])


class Mirrored(Engine):
    """One process: every card computes its part of each batch, and they add up their gradients.

    Args:
        devices: their names.
    """

    is_alone = False

    def __init__(self, devices: Sequence[str]) -> None:
        import tensorflow as tf

        self._strategy = tf.distribute.MirroredStrategy(list(devices))

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        return self._strategy.scope()

    def aside(
        self, callbacks: Sequence[keras.callbacks.Callback], copy: keras.Model
    ) -> Sequence[keras.callbacks.Callback]:
        return [Aside(callbacks, copy)]
