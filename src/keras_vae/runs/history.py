"""`history.csv`, written while the training goes on."""

import csv
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from keras_vae.callbacks import Guard
from keras_vae.runs.written import written

COLUMNS = (
    "loss",
    "reconstruction_loss",
    "kl_loss",
    "val_loss",
    "val_reconstruction_loss",
    "val_kl_loss",
)
_HEADER = ["epoch", *COLUMNS, "rollbacks", "seconds"]


class HistoryWriter(keras.callbacks.Callback):
    """A row an epoch: six figures in nats per example, how often the guard went back, and the seconds.

    Args:
        path: the file to write; `None` where another process writes it.
        guard: of the same training.
    """

    def __init__(self, path: Path | None, guard: Guard) -> None:
        super().__init__()
        self.path = path
        self.guard = guard
        self._rows: list[list[str]] = []
        self._rollbacks = 0
        self._seconds = 0.0

    def memory(self) -> dict[str, Any]:
        """What it would have to know to go on in another process, for `remember`."""
        seconds = self._seconds + time.perf_counter() - self._started
        return {"rows": self._rows, "rollbacks": self._rollbacks, "seconds": seconds}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Go on as the one did whose `memory` this is, in the epoch that has begun."""
        self._rows = [list(row) for row in memory["rows"]]
        self._rollbacks = memory["rollbacks"]
        self._seconds = memory["seconds"]
        self._write()

    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        self._write()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        del epoch, logs
        self._begin()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        seconds = self._seconds + time.perf_counter() - self._started
        figures = [repr(float(logs[column])) for column in COLUMNS]
        rollbacks = self.guard.rollbacks - self._rollbacks
        self._rows.append([str(epoch + 1), *figures, str(rollbacks), f"{seconds:.3f}"])
        self._write()
        self._begin()

    def _begin(self) -> None:
        self._started = time.perf_counter()
        self._rollbacks, self._seconds = self.guard.rollbacks, 0.0

    def _write(self) -> None:
        if self.path is None:
            return
        with written(self.path) as partial, partial.open("w", newline="") as file:
            csv.writer(file).writerows([_HEADER, *self._rows])
