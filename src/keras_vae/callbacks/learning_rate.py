"""A learning rate that rises, and then falls."""

from typing import Any

import keras

from keras_vae.callbacks.schedule import SHAPES
from keras_vae.callbacks.snapshot import everywhere, synchronize
from keras_vae.errors import InvalidArgumentError


class LearningRate(keras.callbacks.Callback):
    """Warm the learning rate up in a straight line, and let it fall to nothing along half a cosine.

    The optimiser's own rate is the highest (Loshchilov & Hutter, 2017, without restarts). Unlike Keras's
    `CosineDecay` it leaves the rate a number that others, such as `Guard`, may lower: each step multiplies
    what is there.

    Args:
        epochs: how long the whole way takes: those of `fit`.
        warm_up: the part of the way that is spent rising, in [0, 1).

    Raises:
        InvalidArgumentError: if a number is out of range.

    Example:
        >>> rate = LearningRate(epochs=10, warm_up=0.1)
        >>> [round(rate.value(step, 100), 2) for step in (0, 4, 9, 10, 55, 99)]
        [0.1, 0.5, 1.0, 1.0, 0.49, 0.0]
    """

    def __init__(self, epochs: int, warm_up: float = 0.05) -> None:
        super().__init__()
        if epochs < 1 or not 0.0 <= warm_up < 1.0:
            raise InvalidArgumentError(
                "epochs must be at least 1, and warm_up in [0, 1). "
                f"Received: epochs={epochs}, warm_up={warm_up}"
            )
        self.epochs = epochs
        self.warm_up = warm_up

    def value(self, step: int, steps: int) -> float:
        """The part of the highest rate at a step, from 0, of so many; never 0."""
        rising = self.warm_up * steps
        if step + 1 < rising:
            return (step + 1) / rising
        done = (step + 0.5 - rising) / (steps - rising)
        return 1.0 - SHAPES["cosine"](max(done, 0.0))

    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        self.steps = (self.params["steps"] or 1) * self.epochs
        self.before = 0
        # Of a training that is resumed when all its epochs are over, no step is left.
        self.step = self.steps - 1

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        del logs
        # A training that goes on where another stopped goes on with its rate.
        self.before = epoch * (self.params["steps"] or 1)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        del logs
        step = self.before + batch
        if step < self.steps:
            last = self.value(self._step_before(batch), self.steps) if step else 1.0
            self._multiply(self.value(step, self.steps) / last)
            self.step = step

    def _step_before(self, batch: int) -> int:
        """The step at which the rate was last set: with several a call, the first of each counts."""
        several = self.model.steps_per_execution
        return self.before + batch - (several if batch else (self.params["steps"] - 1) % several + 1)

    def on_train_end(self, logs: Any = None) -> None:
        """Leave the optimiser with its highest rate, for whoever trains on."""
        del logs
        self._multiply(1.0 / self.value(self.step, self.steps))

    def _multiply(self, factor: float) -> None:
        synchronize(self.model)
        rate = self.model.optimizer.learning_rate
        self.model.optimizer.learning_rate = everywhere(
            float(keras.ops.convert_to_numpy(rate)) * factor, rate
        )
