"""Data: sources → a data set, its description, its reversible preprocessing."""

from keras_vae.columns import Schema
from keras_vae.data.array_writer import write_array
from keras_vae.data.batches import Batches, batch_shape, count, spread, take
from keras_vae.data.binarize import BINARIZATIONS, binarize, binarized
from keras_vae.data.dataset import PIXELS, Dataset
from keras_vae.data.disk_array import DiskArray
from keras_vae.data.feed import feed
from keras_vae.data.filling import doubts, fill_gaps
from keras_vae.data.folder import image_folder
from keras_vae.data.image_files import ImageReading
from keras_vae.data.image_size import parse_size
from keras_vae.data.image_writer import write_images
from keras_vae.data.inspection import Inspection, inspect
from keras_vae.data.item_sources import load_items
from keras_vae.data.items import Items, items_of_data, items_of_table
from keras_vae.data.keras_batches import from_batches
from keras_vae.data.marginals import marginal_distance
from keras_vae.data.rescale import Rescale
from keras_vae.data.result_table import TABLE_SUFFIXES, write_batches, write_table
from keras_vae.data.shapes import factor_grid, render_shapes, shapes
from keras_vae.data.shares import is_shared, share, without_padding
from keras_vae.data.sources import SOURCES, load
from keras_vae.data.standardize import Standardize
from keras_vae.data.suggestion import Suggestion, batch_size_for
from keras_vae.data.table import Table, read_table
from keras_vae.data.table_data import TableData, load_table, split_table
from keras_vae.data.table_inspection import ColumnInspection, TableInspection
from keras_vae.data.table_source import is_table, open_table
from keras_vae.data.table_transform import TableTransform
from keras_vae.data.whole_file import remove_partials, whole_file

__all__ = [
    "BINARIZATIONS",
    "PIXELS",
    "SOURCES",
    "TABLE_SUFFIXES",
    "Batches",
    "ColumnInspection",
    "Dataset",
    "DiskArray",
    "ImageReading",
    "Inspection",
    "Items",
    "Rescale",
    "Schema",
    "Standardize",
    "Suggestion",
    "Table",
    "TableData",
    "TableInspection",
    "TableTransform",
    "batch_shape",
    "batch_size_for",
    "binarize",
    "binarized",
    "count",
    "doubts",
    "factor_grid",
    "feed",
    "fill_gaps",
    "from_batches",
    "image_folder",
    "inspect",
    "is_shared",
    "is_table",
    "items_of_data",
    "items_of_table",
    "load",
    "load_items",
    "load_table",
    "marginal_distance",
    "open_table",
    "parse_size",
    "read_table",
    "remove_partials",
    "render_shapes",
    "shapes",
    "share",
    "split_table",
    "spread",
    "take",
    "whole_file",
    "without_padding",
    "write_array",
    "write_batches",
    "write_images",
    "write_table",
]
