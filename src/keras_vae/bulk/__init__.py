"""Very large data: a folder of Parquet files → a folder of codes or scores, in flat memory."""

from keras_vae.bulk.files import is_parquet_folder
from keras_vae.bulk.outcome import Outcome
from keras_vae.bulk.process import ENGINES, process

__all__ = ["ENGINES", "Outcome", "is_parquet_folder", "process"]
