"""MLflow, by its own package."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from keras_vae.callbacks.tracker import Tracker

_STATUS = {"finished": "FINISHED", "stopped": "KILLED", "failed": "FAILED"}
_DEFAULT_EXPERIMENT = "0"


class MLflow(Tracker):
    """Write a run of MLflow: parameters, metrics by epoch, and pictures and report as artefacts.

    Where it goes, MLflow's own variables say: `MLFLOW_TRACKING_URI` (an SQLite file in the current folder
    by default), `MLFLOW_EXPERIMENT_NAME`, `MLFLOW_RUN_ID` and the like. Inside a run that is already active
    it writes there, and leaves it open. A training that is resumed goes on with its run. A server that is
    gone is asked `MLFLOW_HTTP_REQUEST_MAX_RETRIES` times more, for some minutes, while the training waits.

    Args:
        tags: of the run, besides those that MLflow itself gives it.
        notify: as for `Tracker`.

    Raises:
        PackageMissingError: if `mlflow` is not installed.
    """

    title = "MLflow"
    package = "mlflow"

    def __init__(
        self, tags: Mapping[str, str] | None = None, notify: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(notify)
        self.tags = dict(tags or {})

    def _open(self, name: str | None, settings: Mapping[str, Any]) -> str:
        mlflow = self._import("mlflow")
        self._entities = self._import("mlflow.entities")
        # Not `mlflow.start_run`: at the end of the process that asks for the server once more.
        self._client = mlflow.MlflowClient()
        active = mlflow.active_run()
        self._is_own = active is None
        known = self.key or os.environ.get("MLFLOW_RUN_ID")
        if active is not None:
            key = active.info.run_id
        elif known:
            key = known
            self._client.update_run(key, status="RUNNING")
        else:
            tags = self._import("mlflow.tracking.context.registry").resolve_tags(self.tags)
            experiment = _experiment(self._client)
            key = self._client.create_run(experiment, run_name=name, tags=tags).info.run_id
        if self.key is None:
            params = [self._entities.Param(setting, str(each)) for setting, each in settings.items()]
            self._client.log_batch(key, params=params)
        return key

    def _log(self, figures: Mapping[str, float], epoch: int) -> None:
        now = round(1000 * time.time())
        metrics = [self._entities.Metric(figure, each, now, epoch) for figure, each in figures.items()]
        self._client.log_batch(self.key, metrics=metrics)

    def _conclude(self, figures: Mapping[str, float], files: Mapping[str, Path]) -> None:
        self._log(figures, self.epoch)
        for name, path in files.items():
            folder = Path(name).parent.as_posix()
            self._client.log_artifact(self.key, path, None if folder == "." else folder)

    def _close(self, how: str) -> None:
        if self._is_own:
            self._client.set_terminated(self.key, _STATUS[how])


def _experiment(client: Any) -> str:
    """The number of the experiment that the environment names, made if it is not there."""
    number, name = (os.environ.get(f"MLFLOW_EXPERIMENT_{each}") for each in ("ID", "NAME"))
    if number or not name:
        return number or _DEFAULT_EXPERIMENT
    found = client.get_experiment_by_name(name)
    return found.experiment_id if found else client.create_experiment(name)
