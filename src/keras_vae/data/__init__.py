"""Data: sources → a data set, its description, its reversible preprocessing."""

from keras_vae.data.batches import Batches, count, spread, take
from keras_vae.data.dataset import PIXELS, Dataset
from keras_vae.data.disk_array import DiskArray
from keras_vae.data.filling import doubts, fill_gaps
from keras_vae.data.folder import image_folder
from keras_vae.data.image_size import parse_size
from keras_vae.data.image_writer import write_images
from keras_vae.data.inspection import Inspection, inspect
from keras_vae.data.keras_batches import from_batches
from keras_vae.data.marginals import marginal_distance
from keras_vae.data.rescale import Rescale
from keras_vae.data.schema import TABLE_SUFFIXES, Schema, write_table
from keras_vae.data.sources import SOURCES, load
from keras_vae.data.standardize import Standardize
from keras_vae.data.suggestion import Suggestion, batch_size_for
from keras_vae.data.table import Table, read_table
from keras_vae.data.table_data import TableData, load_table, split_table
from keras_vae.data.table_inspection import ColumnInspection, TableInspection
from keras_vae.data.table_source import is_table, open_table
from keras_vae.data.table_transform import TableTransform

__all__ = [
    "PIXELS",
    "SOURCES",
    "TABLE_SUFFIXES",
    "Batches",
    "ColumnInspection",
    "Dataset",
    "DiskArray",
    "Inspection",
    "Rescale",
    "Schema",
    "Standardize",
    "Suggestion",
    "Table",
    "TableData",
    "TableInspection",
    "TableTransform",
    "batch_size_for",
    "count",
    "doubts",
    "fill_gaps",
    "from_batches",
    "image_folder",
    "inspect",
    "is_table",
    "load",
    "load_table",
    "marginal_distance",
    "open_table",
    "parse_size",
    "read_table",
    "split_table",
    "spread",
    "take",
    "write_images",
    "write_table",
]
