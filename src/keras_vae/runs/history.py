"""`history.csv`, written while the training goes on."""

import csv
import time
from pathlib import Path
from typing import Any

import keras

COLUMNS = (
    "loss",
    "reconstruction_loss",
    "kl_loss",
    "val_loss",
    "val_reconstruction_loss",
    "val_kl_loss",
)


class HistoryWriter(keras.callbacks.Callback):
    """A row an epoch: the epoch, six figures in nats per example, and the seconds it took.

    Args:
        path: the file to write.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        self._write(["epoch", *COLUMNS, "seconds"], mode="w")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        del epoch, logs
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        seconds = time.perf_counter() - self._started
        figures = [repr(float(logs[column])) for column in COLUMNS]
        self._write([epoch + 1, *figures, f"{seconds:.3f}"], mode="a")

    def _write(self, row: list, mode: str) -> None:
        with self.path.open(mode, newline="") as file:
            csv.writer(file).writerow(row)
