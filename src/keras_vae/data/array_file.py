"""Files of NumPy arrays → a data set."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.data.dataset import Dataset
from keras_vae.data.findings import Findings
from keras_vae.data.image_array import checked_images
from keras_vae.data.split import ContentSplit
from keras_vae.errors import DataError, DataNotFoundError

_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
_IMAGES, _LABELS = ("x", "images"), ("y", "labels")


def npz(path: str | Path) -> Dataset:
    """An `.npz` file of images, split or not.

    Either it holds `x_train`, `y_train`, `x_test` and `y_test`; other pairs of arrays, `NAME_train` and
    `NAME_test`, are columns: `(n,)` numbers that are known of each image. Or it holds `x` or `images`, with
    `y` or `labels` where they are known, and further arrays are columns; or one array alone, whatever its
    name. Then an image's content decides in which split it is.

    Raises:
        DataNotFoundError: if there is no such file.
        DataError: if it cannot be read, or holds other arrays.
    """
    path = Path(path)
    if not path.is_file():
        raise DataNotFoundError(f"No data file at {path}.")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _split_by_name(path, arrays) if set(_ARRAYS) <= set(arrays) else _whole(path, arrays)
    except DataError:
        raise
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, TypeError, AttributeError) as error:
        raise DataError(f"{path} cannot be read as an .npz file of arrays: {error}") from error


def npy(path: str | Path) -> Dataset:
    """An `.npy` file of images, `(n, height, width)` or `(n, height, width, channels)`, without labels.

    Raises:
        DataError: if it cannot be read, or holds anything else.
    """
    try:
        images = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise DataError(f"{path} cannot be read as an .npy file of one array: {error}") from error
    return split_by_content(path, images)


def split_by_content(
    path: str | Path,
    images: np.ndarray,
    labels: np.ndarray | None = None,
    columns: Mapping[str, np.ndarray] | None = None,
) -> Dataset:
    """Images, and what is known of them, as a data set whose splits are a matter of their content.

    Args:
        path: that they came from.
        images: `(n, height, width)` or `(n, height, width, channels)`.
        labels: `(n,)` integers.
        columns: `(n,)` numbers by name.

    Raises:
        DataError: if the arrays do not belong together.
    """
    kept = checked_images(images, f"{path}: x")
    count = len(images)
    known = {"y": np.zeros(count, "int64") if labels is None else labels, **(columns or {})}
    for name, array in known.items():
        if array.shape != (count,):
            raise DataError(
                f"{path}: {name!r} must hold one number for each of the {count} images. "
                f"Found shape {array.shape}."
            )
    content = ContentSplit()
    testing = content.testing(images)
    if len(set(testing)) == 1:
        raise DataError(
            f"{path}: all {count} images are in one split, by what they hold. Add images, or choose the "
            f"splits in an .npz file with the arrays {', '.join(_ARRAYS)}."
        )
    labels = known.pop("y")
    return Dataset(
        str(Path(path).absolute()),
        kept[~testing],
        labels[~testing],
        kept[testing],
        labels[testing],
        columns_train={name: column[~testing] for name, column in known.items()},
        columns_test={name: column[testing] for name, column in known.items()},
        findings=Findings(duplicates=content.duplicates),
    )


def _split_by_name(path: Path, arrays: Mapping[str, Any]) -> Dataset:
    def columns(suffix: str) -> dict[str, np.ndarray]:
        names = (name for name in arrays if name.endswith(suffix) and name not in _ARRAYS)
        return {name.removesuffix(suffix): arrays[name] for name in names}

    return Dataset(
        str(path.absolute()),
        **{name: arrays[name] for name in _ARRAYS},
        columns_train=columns("_train"),
        columns_test=columns("_test"),
    )


def _whole(path: Path, arrays: Mapping[str, Any]) -> Dataset:
    names = list(arrays)
    images = next((name for name in (*_IMAGES, *names[:1]) if name in names), None)
    if images is None or (images not in _IMAGES and len(names) > 1):
        missing = [name for name in _ARRAYS if name not in names]
        raise DataError(
            f"{path} must hold the arrays {', '.join(_ARRAYS)}; or x, with y and further columns if there "
            f"are any. Missing: {', '.join(missing)}. Found: {', '.join(names) or 'none'}."
        )
    labels = next((name for name in _LABELS if name in names and name != images), None)
    columns = {name: arrays[name] for name in names if name not in (images, labels)}
    return split_by_content(path, arrays[images], arrays[labels] if labels else None, columns)
