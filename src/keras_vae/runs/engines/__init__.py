"""Where a training runs: in one process on one device, on several cards, or on several machines."""

from keras_vae.runs.engines.aside import Aside
from keras_vae.runs.engines.chosen import distributed
from keras_vae.runs.engines.engine import Engine

__all__ = ["Aside", "Engine", "distributed"]
