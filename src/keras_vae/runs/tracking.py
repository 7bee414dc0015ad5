"""The trackers of a run: what they are told besides the epochs, and how they go on when it is resumed."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from keras_vae.callbacks import MLflow, TensorBoard, Tracker, WeightsAndBiases
from keras_vae.errors import TrainingStoppedError, UnknownNameError
from keras_vae.runs.folder import Run
from keras_vae.runs.json_file import read_json, write_json
from keras_vae.runs.names import DESCRIPTION, HISTORY, METRICS

MEMORY = "trackers.json"
TRACKERS: dict[str, type[Tracker]] = {
    each.package: each for each in (TensorBoard, MLflow, WeightsAndBiases)
}


def trackers(names: Sequence[str], folder: Path) -> list[Tracker]:
    """The trackers of these names, each once, for a run in that folder.

    Raises:
        UnknownNameError: if there is none of that name.
        PackageMissingError: if its package is not installed.

    Example:
        >>> trackers(["tensorboards"], Path("runs/digits"))
        Traceback (most recent call last):
        keras_vae.errors.UnknownNameError: Unknown tracker 'tensorboards'. Did you mean 'tensorboard'? ...
    """
    for name in names:
        if name not in TRACKERS:
            raise UnknownNameError("tracker", name, TRACKERS)
    return [
        TensorBoard(folder / name) if name == TensorBoard.package else TRACKERS[name]()
        for name in dict.fromkeys(names)
    ]


class Tracking(keras.callbacks.Callback):
    """The last of a run's trackers: it keeps in `trackers.json` how far each of them has come.

    Args:
        callbacks: of the training; those among them that are trackers are meant.
        folder: of the run.
    """

    def __init__(self, callbacks: Sequence[keras.callbacks.Callback], folder: Path) -> None:
        super().__init__()
        self.trackers = [each for each in callbacks if isinstance(each, Tracker)]
        self.folder = folder

    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        self._keep()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        del epoch, logs
        self._keep()

    @contextlib.contextmanager
    def following(
        self, description: Mapping[str, Any], notify: Callable[[str], None], resume: bool
    ) -> Iterator[None]:
        """Inside it the trackers are at work; those of a training that is resumed go on.

        Raises:
            TrackerError: if one cannot begin.
        """
        memory = self.folder / MEMORY
        before = read_json(memory) if resume and memory.exists() else {}
        how = "failed"
        try:
            for tracker in self.trackers:
                if tracker.package in before:
                    tracker.remember(before[tracker.package])
                tracker.begin(self.folder.name, _settings(description), notify)
            yield
            how = "finished"
        except (TrainingStoppedError, KeyboardInterrupt):
            how = "stopped"
            raise
        finally:
            for tracker in self.trackers:
                tracker.end(how)

    def conclude(self, run: Run) -> None:
        """Give them the figures on test data, the pictures and the report."""
        paths = [*sorted(run.pictures.iterdir()), run.report]
        paths += [run.folder / name for name in (DESCRIPTION, METRICS, HISTORY)]
        files = {path.relative_to(run.folder).as_posix(): path for path in paths}
        for tracker in self.trackers:
            tracker.conclude(final_figures(run.metrics), files)

    def _keep(self) -> None:
        if self.trackers:
            kept = {tracker.package: tracker.memory() for tracker in self.trackers}
            write_json(self.folder / MEMORY, kept)


def final_figures(metrics: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """The numbers of `metrics.json` by path; how they were measured is left out.

    Example:
        >>> final_figures({"test": {"elbo": -98.1, "units": "", "protocol": {"seed": 0}}, "gap": 2.5})
        {'test/elbo': -98.1, 'gap': 2.5}
    """
    found: dict[str, float] = {}
    for name, each in metrics.items():
        if isinstance(each, Mapping) and name != "protocol":
            found |= final_figures(each, f"{prefix}{name}/")
        elif isinstance(each, int | float) and not isinstance(each, bool):
            found[prefix + name] = float(each)
    return found


def _settings(description: Mapping[str, Any]) -> dict[str, Any]:
    """What a run was begun with, flat and without what was left open."""
    data = {name: description["data"][name] for name in ("fingerprint", "num_train", "num_test")}
    given = {
        **description["settings"],
        "data": description["data"]["name"],
        **data,
        "dtype_policy": description["dtype_policy"],
        **{f"version of {package}": each for package, each in description["versions"].items()},
    }
    return {
        name: ", ".join(map(str, each)) if isinstance(each, list | tuple) else each
        for name, each in given.items()
        if each not in (None, (), [])
    }
