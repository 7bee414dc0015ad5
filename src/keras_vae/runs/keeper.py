"""What is kept of a training while it goes on, so that it can go on elsewhere."""

import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_vae.callbacks import Guard, Snapshot
from keras_vae.errors import TrainingStoppedError
from keras_vae.runs.checkpoints import Checkpoints, State
from keras_vae.runs.engines import Engine
from keras_vae.runs.history import HistoryWriter
from keras_vae.runs.stopping import StopRequest

INTERVAL = 10.0
# A checkpoint that takes long to write is written less often: a fiftieth of the time is enough for it.
_TIMES_DURATION = 50.0


class Keeper(keras.callbacks.Callback):
    """Write checkpoints while training, and one more when somebody asks to stop; begin at one.

    It is the last of the callbacks: what the others did in a step is in the checkpoint.

    Args:
        checkpoints: where they go; `None` where another process writes them.
        guard: whose memory is kept with the model.
        history: whose rows are kept.
        stop: what to heed after each step.
        state: where to begin; at the beginning if left out.
        interval: seconds between two checkpoints, at least.
        agreed: whether to heed it, see `Engine.agreed`.

    Raises:
        TrainingStoppedError: out of `fit`, if that was asked for.
        RunError: out of `fit`, if a checkpoint cannot be written.
    """

    def __init__(
        self,
        checkpoints: Checkpoints | None,
        guard: Guard,
        history: HistoryWriter,
        stop: StopRequest,
        state: State | None = None,
        interval: float = INTERVAL,
        agreed: Callable[[int | None, bool], int | None] | None = None,
    ) -> None:
        super().__init__()
        self.checkpoints = checkpoints
        self.guard = guard
        self.history = history
        self.stop = stop
        self.state = state
        self.interval = interval
        self.agreed = agreed or Engine().agreed
        self._due = time.monotonic() + interval

    @property
    def position(self) -> tuple[int, int]:
        """The epoch and the step in it at which training begins."""
        notes = {"epoch": 0, "step": 0} if self.state is None else self.state.notes
        return notes["epoch"], notes["step"]

    def restore(self) -> None:
        """Set the model, and what the other callbacks know, to where to begin; once."""
        if self.state is not None:
            now, *before = _snapshots(self.state.arrays)
            now.restore(self.model, with_metrics=self.state.notes["step"] > 0)
            self.guard.remember(self.state.notes["guard"], before)
            self.history.remember(self.state.notes["history"])
            self.state = None

    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        if self.position[0] == self.params["epochs"]:
            self.restore()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        del logs
        self._epoch = epoch
        self.restore()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        del logs
        # After the last step of an epoch comes its end, with figures of its own.
        if batch + 1 < self.params["steps"]:
            self._look_up(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        del logs
        is_last = epoch + 1 == self.params["epochs"]
        self._look_up(epoch + 1, 0, at_once=is_last)

    def _look_up(self, epoch: int, step: int, at_once: bool = False) -> None:
        signal = self.agreed(self.stop.signal, at_once)
        is_due = at_once or signal is not None or time.monotonic() >= self._due
        if self.checkpoints is not None and is_due:
            started = time.monotonic()
            self.checkpoints.write(self._state(epoch, step))
            now = time.monotonic()
            self._due = now + max(self.interval, _TIMES_DURATION * (now - started))
        if signal is not None:
            where = f"after step {step} of epoch {epoch + 1}" if step else f"after epoch {epoch}"
            raise TrainingStoppedError(f"Stopped {where}; all that was done is kept.", signal)

    def _state(self, epoch: int, step: int) -> State:
        memory, states = self.guard.memory()
        notes = {"epoch": epoch, "step": step, "guard": memory, "history": self.history.memory()}
        arrays: dict[str, np.ndarray] = {}
        for i, snapshot in enumerate([Snapshot.of(self.model), *states]):
            for kind in ("values", "metrics"):
                arrays |= {f"{i}/{kind}/{n}": value for n, value in enumerate(getattr(snapshot, kind))}
        return State(notes, arrays)


def _snapshots(arrays: Any) -> list[Snapshot]:
    """The snapshots that were taken apart into arrays."""
    found: dict[int, dict[str, dict[int, np.ndarray]]] = {}
    for name, value in arrays.items():
        i, kind, n = name.split("/")
        found.setdefault(int(i), {"values": {}, "metrics": {}})[kind][int(n)] = value
    return [
        Snapshot(*([each[n] for n in sorted(each)] for each in (kinds["values"], kinds["metrics"])))
        for _, kinds in sorted(found.items())
    ]
