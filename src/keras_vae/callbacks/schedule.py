"""Weights that change while training."""

import math
from collections.abc import Callable
from typing import Any

import keras

from keras_vae.callbacks.snapshot import everywhere, synchronize
from keras_vae.errors import InvalidArgumentError, UnknownNameError

# From the part of the way that is done, in [0, 1], to the part of the value that is reached.
SHAPES: dict[str, Callable[[float], float]] = {
    "linear": lambda done: done,
    "cosine": lambda done: 0.5 * (1.0 - math.cos(math.pi * done)),
}


class Schedule(keras.callbacks.Callback):
    """Move a weight of the objective, step by step and without retracing.

    Warm-up of β (Bowman et al., 2016) is `Schedule("beta", epochs=10)`; the cyclic one (Fu et al., 2019)
    adds `cycles=4`, of which each rises for `rise` of its length and then holds; a capacity that grows
    (Burgess et al., 2018) is `Schedule("capacity", end=25.0, epochs=30)`.

    Args:
        weight: the name of the objective's weight: "beta", "capacity", …
        start: its first value.
        end: its last one; what it is when training begins if `None`.
        epochs: how long the way takes; then `end` holds.
        shape: "linear" or "cosine".
        cycles: how often it goes from `start` to `end` within `epochs`.
        rise: the part of a cycle that is spent on the way, in (0, 1].

    Raises:
        InvalidArgumentError: if a number is out of range, or, when training begins, if the objective has
            no such weight.
        UnknownNameError: if there is no such shape.

    Example:
        >>> Schedule("beta", start=0.0, end=4.0, epochs=10).value(0.25)
        1.0
    """

    def __init__(
        self,
        weight: str = "beta",
        start: float = 0.0,
        end: float | None = None,
        epochs: float = 10,
        shape: str = "linear",
        cycles: int = 1,
        rise: float | None = None,
    ) -> None:
        super().__init__()
        if shape not in SHAPES:
            raise UnknownNameError("shape of a schedule", shape, SHAPES)
        rise = (1.0 if cycles == 1 else 0.5) if rise is None else rise
        if epochs <= 0 or cycles < 1 or not 0.0 < rise <= 1.0:
            raise InvalidArgumentError(
                "epochs must be positive, cycles at least 1 and rise in (0, 1]. "
                f"Received: epochs={epochs}, cycles={cycles}, rise={rise}"
            )
        self.weight = weight
        self.start = start
        self.end = end
        self.epochs = epochs
        self.shape = shape
        self.cycles = cycles
        self.rise = rise

    def value(self, done: float) -> float:
        """The weight when this part of `epochs` is over."""
        end = 1.0 if self.end is None else self.end
        if done >= 1.0:
            return end
        in_cycle = (done * self.cycles) % 1.0
        return self.start + (end - self.start) * SHAPES[self.shape](min(in_cycle / self.rise, 1.0))

    def variable_of(self, objective: Any) -> keras.Variable:
        """What it moves.

        Raises:
            InvalidArgumentError: if the objective has no such weight.
        """
        variable = getattr(objective, self.weight, None)
        if not isinstance(variable, keras.Variable):
            raise InvalidArgumentError(
                f"The objective {type(objective).__name__} has no weight {self.weight!r} to schedule. "
                f"{_weights_of(objective)}"
            )
        return variable

    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        self.variable = self.variable_of(self.model.objective)
        if self.end is None:
            self.end = float(self.variable)
        self.steps = (self.params["steps"] or 1) * self.epochs
        self.step = 0
        self._set(0.0)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        del logs
        # A training that goes on where another stopped goes on with its schedule.
        self.step = epoch * (self.params["steps"] or 1)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        del logs
        synchronize(self.model)
        self._set((self.step + batch) / self.steps)

    def on_train_end(self, logs: Any = None) -> None:
        del logs
        synchronize(self.model)
        self._set(1.0)

    def _set(self, done: float) -> None:
        self.variable.assign(everywhere(self.value(done), self.variable))


def knobs_of(objective: Any) -> dict[str, keras.Variable]:
    """The weights of an objective that a schedule may move, by name."""
    return {name: each for name, each in vars(objective).items() if isinstance(each, keras.Variable)}


def _weights_of(objective: Any) -> str:
    names = sorted(knobs_of(objective))
    return f"It has: {', '.join(names)}." if names else "It has none."
