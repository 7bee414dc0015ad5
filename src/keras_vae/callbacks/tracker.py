"""What the trackers have in common: what they are told, when, and what happens if one fails."""

import importlib
import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import keras

from keras_vae.callbacks.schedule import knobs_of
from keras_vae.callbacks.snapshot import synchronize
from keras_vae.errors import PackageMissingError, TrackerError


class Tracker(keras.callbacks.Callback):
    """Hand a training to a tracker: its settings, the figures of each epoch, and what it ends with.

    In a `fit` it begins and ends with the training, and takes down what the model tells of itself. In
    `runs.train` it takes down the run's settings, goes on where it was when a training is resumed, and is
    given the figures on test data, the pictures and the report.

    The figures of an epoch are what Keras reports, `learning_rate`, and the weights of the objective
    (`beta`, …), as they are at its end. Epochs count from 1, as in `history.csv`.

    A tracker that cannot begin is an error. One that fails later is mentioned once, and left alone: the
    training goes on.

    Args:
        notify: is told in a sentence if the tracker fails; a warning by default.

    Raises:
        PackageMissingError: if the tracker's package is not installed.
        TrackerError: when training begins, if the tracker cannot.
    """

    title: ClassVar[str]
    package: ClassVar[str]

    def __init__(self, notify: Callable[[str], None] | None = None) -> None:
        super().__init__()
        self.notify = notify or (lambda text: warnings.warn(text, stacklevel=2))
        self.key: str | None = None
        self.epoch = 0
        self._is_of_run = False
        self._is_open = False
        self._import(self.package)

    def begin(self, name: str, settings: Mapping[str, Any], notify: Callable[[str], None]) -> None:
        """Begin, or go on, as the tracker of a run, which ends it by `end`.

        Args:
            name: of the run.
            settings: by name: numbers, texts and truth values.
            notify: is told from now on.

        Raises:
            TrackerError: if it cannot.
        """
        self.notify = notify
        self._is_of_run = True
        self._begin(name, settings)

    def memory(self) -> dict[str, Any]:
        """What it would have to know to go on in another process, for `remember`."""
        return {"key": self.key, "epoch": self.epoch}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Go on as the one did whose `memory` this is; no epoch is taken down twice."""
        self.key, self.epoch = memory["key"], memory["epoch"]

    def conclude(self, figures: Mapping[str, float], files: Mapping[str, Path]) -> None:
        """Take down what a run ends with.

        Args:
            figures: by name, as in `test/elbo`.
            files: by the names that they shall have.
        """
        self._attempt(self._conclude, figures, files)

    def end(self, how: str) -> None:
        """Let go of a training that is "finished", "stopped" or "failed"."""
        self._attempt(self._close, how)
        self._is_open = self._is_of_run = False

    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        if not self._is_of_run:
            self.key, self.epoch = None, 0
            self._begin(None, _told_by(self.model, self.params))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        number = epoch + 1
        if number > self.epoch:
            figures = {name: float(each) for name, each in (logs or {}).items()}
            if self._attempt(self._log, figures | _moved(self.model), number):
                self.epoch = number

    def on_train_end(self, logs: Any = None) -> None:
        del logs
        if not self._is_of_run:
            self.end("finished")

    @abstractmethod
    def _open(self, name: str | None, settings: Mapping[str, Any]) -> str | None:
        """Begin, or go on with what `key` stands for; what it stands for from now on."""

    @abstractmethod
    def _log(self, figures: Mapping[str, float], epoch: int) -> None:
        """Take down the figures of an epoch; they are kept when it returns."""

    @abstractmethod
    def _conclude(self, figures: Mapping[str, float], files: Mapping[str, Path]) -> None:
        """Take down what a run ends with."""

    @abstractmethod
    def _close(self, how: str) -> None:
        """Let go of it."""

    def _import(self, module: str) -> ModuleType:
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            raise PackageMissingError(f"The tracker {self.title}", self.package, self.package) from error
        # A folder of that name, as W&B makes one, is a package without a file.
        if getattr(found, "__file__", None) is None:
            raise PackageMissingError(f"The tracker {self.title}", self.package, self.package)
        return found

    def _begin(self, name: str | None, settings: Mapping[str, Any]) -> None:
        try:
            self.key = self._open(name, settings)
        except Exception as error:
            raise TrackerError(f"{self.title} cannot begin: {_in_a_line(error)}") from error
        self._is_open = True

    def _attempt(self, call: Callable[..., None], *arguments: Any) -> bool:
        """Call the tracker unless it has failed; whether that went well. Its package may raise anything."""
        if not self._is_open:
            return False
        try:
            call(*arguments)
        except Exception as error:
            self._is_open = False
            self.notify(
                f"{self.title} failed and is left alone from now on, the training goes on: "
                f"{_in_a_line(error)}"
            )
            return False
        return True


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _told_by(model: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a compiled model tells of its training."""
    parts = {
        name: type(getattr(model, name)).__name__
        for name in ("likelihood", "posterior", "prior", "objective")
        if hasattr(model, name)
    }
    latent = {"latent_dim": model.latent_dim} if hasattr(model, "latent_dim") else {}
    weights = {"weights": model.count_params()} if model.built else {}
    return {
        "model": type(model).__name__,
        **parts,
        **latent,
        **weights,
        "optimizer": type(model.optimizer).__name__,
        "epochs": params["epochs"],
        "steps_per_epoch": params["steps"] or 0,
        **_moved(model),
    }


def _moved(model: Any) -> dict[str, float]:
    """What callbacks may move while a model trains: the learning rate, and the weights of its objective."""
    synchronize(model)
    knobs = knobs_of(model.objective) if hasattr(model, "objective") else {}
    moved = {"learning_rate": model.optimizer.learning_rate, **knobs}
    return {name: float(keras.ops.convert_to_numpy(each)) for name, each in moved.items()}
