"""Data: sources → a data set, its description, its reversible preprocessing."""

from keras_vae.data.batches import Batches, count, spread, take
from keras_vae.data.dataset import PIXELS, Dataset
from keras_vae.data.disk_array import DiskArray
from keras_vae.data.folder import image_folder
from keras_vae.data.image_size import parse_size
from keras_vae.data.image_writer import write_images
from keras_vae.data.inspection import Inspection, Suggestion, inspect
from keras_vae.data.rescale import Rescale
from keras_vae.data.sources import SOURCES, load
from keras_vae.data.standardize import Standardize
from keras_vae.data.table import Table, read_table

__all__ = [
    "PIXELS",
    "SOURCES",
    "Batches",
    "Dataset",
    "DiskArray",
    "Inspection",
    "Rescale",
    "Standardize",
    "Suggestion",
    "Table",
    "count",
    "image_folder",
    "inspect",
    "load",
    "parse_size",
    "read_table",
    "spread",
    "take",
    "write_images",
]
