"""A training that begins in the middle of an epoch: `fit` is called twice, and its callbacks see one."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_vae.data import Batches


class _OneTraining(keras.callbacks.CallbackList):
    """Callbacks to which two calls of `fit` look like one; steps count from the epoch's beginning."""

    batches: Batches
    is_first = True
    is_last = True
    first_step = 0

    def on_train_begin(self, logs: Any = None) -> None:
        if self.is_first:
            super().on_train_begin(logs)

    def on_train_end(self, logs: Any = None) -> None:
        if self.is_last:
            super().on_train_end(logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.batches.goes_on_with(epoch)
        super().on_epoch_begin(epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        super().on_train_batch_begin(batch + self.first_step, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        # Of several steps a call, Keras tells of as many in the last one, too.
        super().on_train_batch_end(min(batch + self.first_step, self.batches.steps - 1), logs)


def fit_from(
    model: keras.Model,
    batches: Batches,
    epochs: int,
    callbacks: Sequence[keras.callbacks.Callback],
    epoch: int = 0,
    step: int = 0,
    **options: Any,
) -> None:
    """`model.fit` from that step of that epoch on, to the end of `epochs`.

    Args:
        model: compiled; somebody has set its variables to what they were at that moment, or a callback does
            so when the first epoch begins.
        batches: the training data.
        epochs: how many there are in all.
        callbacks: of Keras.
        epoch: where to begin; 0 is the first.
        step: how many steps of it are done; less than all. Where all epochs are done, callbacks see a
            training begin and end.
        **options: of `model.fit`.
    """
    seen = _OneTraining(
        list(callbacks), add_history=True, model=model, verbose=0, epochs=epochs, steps=batches.steps
    )
    seen.batches = batches
    # Batches shuffle themselves; Keras would do so again, from Python's global generator.
    options = {"callbacks": seen, "shuffle": False, "verbose": 0, **options}
    batches.begin_at(epoch, step)
    if step:
        seen.first_step = step
        seen.is_last = epoch + 1 == epochs
        model.fit(batches, epochs=epoch + 1, initial_epoch=epoch, **options)
        if model.stop_training:
            return
        epoch += 1
        batches.begin_at(epoch)
        seen.is_first, seen.is_last, seen.first_step = False, True, 0
    if epoch < epochs:
        model.fit(batches, epochs=epochs, initial_epoch=epoch, **options)
    elif not step:
        seen.on_train_begin()
        seen.on_train_end()
