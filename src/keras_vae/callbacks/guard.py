"""A training that goes back to where all was well."""

import collections
import dataclasses
import math
import statistics
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from keras_vae.callbacks.snapshot import Snapshot, everywhere
from keras_vae.data import Batches, batch_shape, take
from keras_vae.errors import TrainingDivergedError

# A state is good when so many losses after it were ordinary: the damage of a step shows in the next loss.
_PROVING = 5
# The loss of one batch may be odd; of two in a row, the weights are.
_IN_A_ROW = 2
_REMEMBERED = 20
# An exploded loss is above all those remembered by so many times the largest step from one to the next.
_TIMES_STEP = 10.0
_ENOUGH = 10
# A training is none if one of so many steps had to be undone.
_MUCH_UNDONE = 4


@dataclasses.dataclass
class _State:
    """Where a training was, and what its losses had been."""

    snapshot: Snapshot
    epoch: int
    in_epoch: int
    mean: float
    losses: list[float]
    age: int = 0


class Guard(keras.callbacks.Callback):
    """Undo what a bad batch or too large a step did to a model, and go on.

    If the loss of a batch is NaN or infinite, or those of two batches in a row are far above all of the
    last 20, the model, its random streams and its optimiser go back to the last state that was followed by
    ordinary losses. If some examples of the batch are what no weights could bear, they are left out from
    then on; otherwise the learning rate is halved. Training goes on with the next batch. With several
    `steps_per_execution` these count as one: their mean loss is watched, and they are undone together.

    Args:
        batches: what `fit` is given, to find the examples that are at fault; without it, none are.
        every: steps between two copies of the model's state.
        most: how often it may go back to the same state, before training stops.
        notify: is told in a sentence what happened; a warning by default.

    Raises:
        TrainingDivergedError: out of `fit`, with a diagnosis, if it would have to go there once more; or at
            the end, if more than a quarter of all steps were undone.

    Example:
        >>> Guard(most=3).rollbacks
        0
    """

    def __init__(
        self,
        batches: Batches | None = None,
        every: int = 25,
        most: int = 10,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self.batches = batches
        self.every = every
        self.most = most
        self.notify = notify or (lambda text: warnings.warn(text, stacklevel=2))
        self.rollbacks = 0
        self._to_the_same = 0
        self._step = 0
        self._in_epoch = 0
        self._mean = 0.0
        self._odd: list[float] = []
        self._losses: collections.deque[float] = collections.deque(maxlen=_REMEMBERED)
        self._good: _State | None = None
        self._candidate: _State | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        if self.batches is not None and not self.model.built:
            self.model.build(batch_shape(self.batches.x))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        del logs
        self._epoch = epoch
        self._in_epoch, self._mean = 0, 0.0
        if self._good is None and self.model.built:
            self._good = self._state()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        del logs
        self._first = batch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        mean = float(logs["loss"])
        # The last call of an epoch may have fewer steps than Keras tells.
        batch = min(batch, (self.params["steps"] or batch + 1) - 1)
        steps = batch + 1 - self._first
        self._in_epoch += steps
        self._step += 1
        loss = (mean * self._in_epoch - self._mean * (self._in_epoch - steps)) / steps
        if not math.isfinite(loss):
            self._go_back(batch, logs, f"the loss became {'NaN' if math.isnan(loss) else 'infinite'}")
            return
        self._mean = mean
        if self._is_far_off(loss):
            self._odd.append(loss)
            if len(self._odd) == _IN_A_ROW:
                usual = statistics.median(self._losses)
                self._go_back(batch, logs, f"the loss exploded from {usual:.4g} to {loss:.4g}")
            return
        self._losses.extend([*self._odd, loss])
        self._odd = []
        if self._good is None:
            self._good = self._state()
        self._look_for_good_state()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """The last step of an epoch has no next loss to show what it did: the weights themselves tell."""
        del epoch
        if not Snapshot.of(self.model).is_finite:
            self._go_back(None, logs or {}, "weights became NaN or infinite")

    def on_train_end(self, logs: Any = None) -> None:
        """A training of few steps may end before it is given up."""
        if _MUCH_UNDONE * self.rollbacks > self._step:
            raise TrainingDivergedError(
                f"{self.rollbacks} of {self._step} steps were undone, because the loss was not finite or "
                f"exploded: this is no training. {self._diagnosis(None, logs or {})}"
            )

    def memory(self) -> tuple[dict[str, Any], list[Snapshot]]:
        """What it would have to know to go on in another process, for `remember`: notes, and snapshots."""
        states = [state for state in (self._good, self._candidate) if state is not None]
        notes = {
            "rollbacks": self.rollbacks,
            "step": self._step,
            "in_epoch": self._in_epoch,
            "mean": self._mean,
            "to_the_same": self._to_the_same,
            "odd": self._odd,
            "losses": list(self._losses),
            "left_out": [] if self.batches is None else self.batches.left_out,
            "states": [
                {name: value for name, value in vars(state).items() if name != "snapshot"}
                for state in states
            ],
        }
        return notes, [state.snapshot for state in states]

    def remember(self, notes: Mapping[str, Any], snapshots: list[Snapshot]) -> None:
        """Go on as the one did whose `memory` this is; called when the first epoch has begun."""
        self.rollbacks, self._step = notes["rollbacks"], notes["step"]
        self._in_epoch, self._mean = notes["in_epoch"], notes["mean"]
        self._to_the_same, self._odd = notes["to_the_same"], list(notes["odd"])
        self._losses = collections.deque(notes["losses"], maxlen=_REMEMBERED)
        if self.batches is not None:
            self.batches.leave_out(notes["left_out"])
        states = [
            _State(snapshot, **state) for snapshot, state in zip(snapshots, notes["states"], strict=True)
        ]
        self._good, self._candidate = (*states, None)[:2]

    def _look_for_good_state(self) -> None:
        if self._candidate is not None:
            self._candidate.age += 1
            if self._candidate.age >= _PROVING:
                self._good, self._candidate = self._candidate, None
                self._to_the_same = 0
        if self._candidate is None and self._step % self.every == 0:
            self._candidate = self._state()

    def _state(self) -> _State:
        return _State(Snapshot.of(self.model), self._epoch, self._in_epoch, self._mean, list(self._losses))

    def _is_far_off(self, loss: float) -> bool:
        if len(self._losses) < _ENOUGH:
            return False
        steps = np.abs(np.diff(self._losses))
        return loss > max(self._losses) + _TIMES_STEP * float(steps.max())

    def _go_back(self, batch: int | None, logs: Mapping[str, Any], what: str) -> None:
        where = f"Epoch {self._epoch + 1}" + ("" if batch is None else f", step {batch + 1}")
        if self._good is None:
            raise TrainingDivergedError(
                f"{where}: {what}, before any good state. {self._diagnosis(batch, logs)}"
            )
        rate = self._learning_rate()
        self._restore(self._good)
        at_fault = [] if batch is None else self._examples_at_fault(batch)
        self._restore(self._good)
        self.rollbacks += 1
        self._to_the_same += 1
        if self._to_the_same > self.most:
            raise TrainingDivergedError(
                f"{where}: {what}. The training went back to the last good state {self.most} times, which "
                f"did not help. {self._diagnosis(batch, logs)}"
            )
        if len(at_fault):
            assert self.batches is not None
            self.batches.leave_out(at_fault)
            left_out = (
                "1 of its examples is" if len(at_fault) == 1 else f"{len(at_fault)} of its examples are"
            )
            remedy = f"{left_out} left out from now on, because no weights could bear it"
        else:
            remedy = f"the learning rate is {self._lower(rate):.3g} from now on"
        self.notify(f"{where}: {what}. Went back to the last good state, and {remedy}.")

    def _restore(self, state: _State) -> None:
        is_in_epoch = state.epoch == self._epoch
        state.snapshot.restore(self.model, with_metrics=is_in_epoch)
        self._in_epoch, self._mean = (state.in_epoch, state.mean) if is_in_epoch else (0, 0.0)
        self._losses.clear()
        self._losses.extend(state.losses)
        self._candidate = None
        self._odd = []

    def _learning_rate(self) -> float:
        return float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def _lower(self, rate: float) -> float:
        """Halve the learning rate; after an earlier time, the state that is restored has the one before."""
        lower = 0.5 * min(rate, self._learning_rate())
        self.model.optimizer.learning_rate = everywhere(lower, self.model.optimizer.learning_rate)
        return lower

    def _examples_at_fault(self, batch: int) -> list[int]:
        """The rows of the data whose loss is not finite though the weights are good."""
        return [
            row
            for rows in self._rows_until(batch)
            if not np.isfinite(self._loss_of(rows))
            # As many examples at a time as before: another number would be compiled anew.
            for row in rows
            if not np.isfinite(self._loss_of(np.repeat(row, len(rows))))
        ]

    def _rows_until(self, batch: int) -> list[np.ndarray]:
        """The examples of the batches that were trained on since Keras last called."""
        if self.batches is None:
            return []
        return [self.batches.rows(step) for step in range(self._first, batch + 1)]

    def _loss_of(self, rows: np.ndarray) -> float:
        assert self.batches is not None
        self.model.reset_metrics()
        return float(self.model.test_on_batch(take(self.batches.x, rows), return_dict=True)["loss"])

    def _diagnosis(self, batch: int | None, logs: Mapping[str, Any]) -> str:
        parts = [
            name.replace("_loss", "").replace("kl", "KL")
            for name in ("reconstruction_loss", "kl_loss")
            if name in logs and not math.isfinite(float(logs[name]))
        ]
        found = [f"Not finite in the loss: {' and '.join(parts)}." if parts else ""]
        if self.batches is not None and batch is not None:
            x = take(self.batches.x, np.concatenate(self._rows_until(batch)))
            values = np.asarray(x["x"] if isinstance(x, dict) else x, "float64")
            finite = values[np.isfinite(values)]
            if finite.size:
                found.append(f"The inputs of that batch lie in [{finite.min():g}, {finite.max():g}].")
        found.append(
            f"Lower the learning rate (it has come down to {self._learning_rate():.3g}), use --precision "
            "float32, or a likelihood that suits the range of the data."
        )
        return " ".join(filter(None, found))
