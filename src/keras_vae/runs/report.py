"""The page of a run."""

from pathlib import Path

from keras_vae import report
from keras_vae.data import Dataset
from keras_vae.runs.folder import Run
from keras_vae.runs.written import written
from keras_vae.vae import VAE


def write_report(run: Run, data: Dataset, path: Path | None = None, model: VAE | None = None) -> Path:
    """Write `report.html`: all that a run is, on one page that needs nothing else.

    Args:
        run: a finished run.
        data: what it was trained and tested on, as `Run.data` gives it.
        path: where to; into the folder by default.
        model: that of the run, where it is in memory; else it is loaded.

    Raises:
        RunWriteError: if it cannot be written.
    """
    path = run.report if path is None else path
    title = f"{run.folder.name}: {run.description['settings']['recipe']} on {Path(data.name).name}"
    trained = report.Trained(
        run.model if model is None else model, data, run.history, run.metrics, run.description
    )
    page = report.report(trained, title, run.description["settings"]["seed"])
    with written(path) as partial:
        partial.write_text(page, "utf-8")
    return path
