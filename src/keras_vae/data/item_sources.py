"""Where items come from: whatever `load` takes, and folders of few images, and single ones."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.data.array_file import npy_items, npz_items
from keras_vae.data.findings import Findings
from keras_vae.data.idx import is_idx
from keras_vae.data.image_file import SUFFIXES
from keras_vae.data.image_files import ImageReading, find_images, readable, said_unreadable
from keras_vae.data.image_labels import ImageLabels
from keras_vae.data.items import Items, items_of_data
from keras_vae.data.rows import Rows
from keras_vae.data.sources import SOURCES, idx_items, load
from keras_vae.data.table_source import is_table
from keras_vae.errors import DataError


def load_items(source: Any, reading: ImageReading) -> Items:
    """Every image of a source, in its order: one is enough, and there are no splits.

    Args:
        source: a folder of images, whose readable ones are taken; a single image file; an `.npy`, `.npz` or
            IDX file, of which a file that is split has the training images first; or whatever else `load`
            takes.
        reading: how image files are read.

    Raises:
        DataNotFoundError: if there is no such file or folder.
        DataError: if no image can be read, or the arrays do not belong together.
    """
    path = Path(source) if isinstance(source, str | os.PathLike) else None
    if path is None or str(source) in SOURCES or is_table(source):
        return items_of_data(load(source))
    if path.is_dir():
        return _in_folder(path, reading)
    if not path.is_file():
        return items_of_data(load(source))  # which says what is wrong
    if path.name.lower().endswith(SUFFIXES):
        return _single(path, reading)
    if is_idx(path):
        return idx_items(path)
    return npy_items(path) if path.suffix == ".npy" else npz_items(path)


def _in_folder(folder: Path, reading: ImageReading) -> Items:
    findings, names = Findings(), find_images(folder)
    said = ImageLabels(folder, names)
    rows, read, labels = Rows(reading.event_shape, reading.dtype), [], []
    for name, pixels in readable(folder, names, reading.decode, findings):
        rows.append(pixels)
        read.append(name)
        labels.append(said.label(name) or None)
    if not read:
        raise DataError(f"{folder} holds no image that can be read.{said_unreadable(findings)}")
    called = np.array(labels, object) if any(labels) else None
    return Items("file", read, rows.array(), labels=called, findings=findings)


def _single(path: Path, reading: ImageReading) -> Items:
    findings = Findings()
    for name, pixels in readable(path.parent, [path.name], reading.decode, findings):
        return Items("file", [name], pixels[None])
    raise DataError(findings.unreadable[path.name])
