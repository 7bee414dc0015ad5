"""A training run and its folder."""

from keras_vae.runs.folder import Run, next_folder
from keras_vae.runs.pictures import inspection
from keras_vae.runs.precision import PRECISIONS, resolve_precision
from keras_vae.runs.train import Settings, train

__all__ = ["PRECISIONS", "Run", "Settings", "inspection", "next_folder", "resolve_precision", "train"]
