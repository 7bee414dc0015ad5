"""A training run and its folder."""

from keras_vae.runs.compare import Comparison, RankedRun, compare
from keras_vae.runs.engines import Engine, distributed
from keras_vae.runs.figures import Figures, figures_of, measured
from keras_vae.runs.folder import Run, next_folder
from keras_vae.runs.frames import Frames
from keras_vae.runs.pictures import inspection
from keras_vae.runs.precision import PRECISIONS, resolve_precision
from keras_vae.runs.protocol import Protocol
from keras_vae.runs.push import push
from keras_vae.runs.report import write_report
from keras_vae.runs.tracking import TRACKERS, trackers
from keras_vae.runs.train import Settings, train
from keras_vae.runs.unfinished import how_to_go_on, is_unfinished

__all__ = [
    "PRECISIONS",
    "TRACKERS",
    "Comparison",
    "Engine",
    "Figures",
    "Frames",
    "Protocol",
    "RankedRun",
    "Run",
    "Settings",
    "compare",
    "distributed",
    "figures_of",
    "how_to_go_on",
    "inspection",
    "is_unfinished",
    "measured",
    "next_folder",
    "push",
    "resolve_precision",
    "trackers",
    "train",
    "write_report",
]
