"""A look at the latent units after each epoch, while there is time to do something."""

from collections.abc import Callable
from typing import Any

import keras

from keras_vae.tasks import embed
from keras_vae.tasks.diagnose import ACTIVE_VARIANCE

# In the first steps no unit of any model is active.
_EPOCHS = 2
_STEPS = 200


class CollapseWatch(keras.callbacks.Callback):
    """Say it when no latent unit carries information, and when one does again.

    Args:
        x: raw data that is not trained on, some hundred examples, or a dict with `x` and conditions.
        notify: is told in a sentence.
    """

    def __init__(self, x: Any, notify: Callable[[str], None]) -> None:
        super().__init__()
        self.x = x
        self.notify = notify
        self._dead_epochs = 0
        self._is_told = False

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        variance = embed(self.model, self.x).var(axis=0, dtype="float64")
        active = int((variance > ACTIVE_VARIANCE).sum())
        self._dead_epochs = 0 if active else self._dead_epochs + 1
        if active and self._is_told:
            self._is_told = False
            self.notify(f"Epoch {epoch + 1}: {active} latent units carry information again.")
        is_early = (epoch + 1) * self.params["steps"] < _STEPS
        if self._dead_epochs >= _EPOCHS and not is_early and not self._is_told:
            self._is_told = True
            self.notify(
                f"Epoch {epoch + 1}: no latent unit holds information (KL {logs['val_kl_loss']:.2f} nats), "
                "the model has collapsed onto its prior. It may recover by itself; if not, stop and try "
                "--schedule beta:start=0,epochs=10, --objective elbo:free_bits=0.1, or a smaller --beta."
            )
