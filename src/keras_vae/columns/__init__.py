"""What the columns of a table are, as numbers and back, without Keras."""

from keras_vae.columns.column import KINDS, Column
from keras_vae.columns.schema import Schema

__all__ = ["KINDS", "Column", "Schema"]
