"""How the Parquet files of a folder are read for a model."""

from pathlib import Path

from keras_vae.bulk.image_reader import ImageReader
from keras_vae.bulk.pieces import Reader
from keras_vae.bulk.table_reader import TableReader
from keras_vae.runs import Run


def reader_for(run: Run, folder: Path) -> Reader:
    """How the Parquet files in a folder are read for the model of a run."""
    if run.schema is not None:
        return TableReader(folder, run.schema, run.model.conditions)
    return ImageReader(folder, run)
