"""How a training shows on the terminal."""

from typing import Any

import keras
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class TrainingProgress(keras.callbacks.Callback):
    """A bar over all the steps on a terminal, a line an epoch elsewhere; both on standard error."""

    def __init__(self) -> None:
        super().__init__()
        self.console = Console(stderr=True)
        self.progress: Progress | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        if self.console.is_terminal:
            self.progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[figures]}"),
                console=self.console,
            )
            steps = self.params["epochs"] * self.params["steps"]
            self.bar = self.progress.add_task("training", total=steps, figures="")
            self.progress.start()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        del logs
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.progress:
            done = self.epoch * self.params["steps"] + batch + 1
            self.progress.update(self.bar, completed=done, figures=f"loss {float(logs['loss']):.1f}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        line = (
            f"epoch {epoch + 1}/{self.params['epochs']}  "
            f"loss {logs['loss']:.2f}  reconstruction {logs['reconstruction_loss']:.2f}  "
            f"KL {logs['kl_loss']:.2f}  test loss {logs['val_loss']:.2f}"
        )
        if self.progress:
            short = f"epoch {epoch + 1}/{self.params['epochs']}, test loss {logs['val_loss']:.2f}"
            self.progress.update(self.bar, description=short)
        else:
            typer.echo(line, err=True)

    def on_train_end(self, logs: Any = None) -> None:
        del logs
        self.stop()

    def say(self, text: str) -> None:
        """A sentence above the bar, or between the lines."""
        if self.progress:
            self.console.print(text, markup=False, highlight=False)
        else:
            typer.echo(text, err=True)

    def stop(self) -> None:
        """Give the terminal back, also after an interruption."""
        if self.progress:
            self.progress.stop()
