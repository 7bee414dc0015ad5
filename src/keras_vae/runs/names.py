"""What the files of a run are called."""

from keras_vae.seal import MODEL

DESCRIPTION, HISTORY, METRICS, PICTURES, CHECKPOINTS, REPORT = (
    "run.json",
    "history.csv",
    "metrics.json",
    "pictures",
    "checkpoints",
    "report.html",
)

__all__ = ["CHECKPOINTS", "DESCRIPTION", "HISTORY", "METRICS", "MODEL", "PICTURES", "REPORT"]
