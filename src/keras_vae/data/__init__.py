"""Data: sources → a data set, its description, its reversible preprocessing."""

from keras_vae.data.batches import Batches, count, take
from keras_vae.data.dataset import Dataset
from keras_vae.data.rescale import Rescale
from keras_vae.data.sources import SOURCES, load

__all__ = ["SOURCES", "Batches", "Dataset", "Rescale", "count", "load", "take"]
