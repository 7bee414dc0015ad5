"""Files of NumPy arrays → a data set."""

import tokenize
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.data.dataset import UNLABELLED, Dataset
from keras_vae.data.findings import Findings
from keras_vae.data.image_array import checked_images
from keras_vae.data.items import Items, items_of_data
from keras_vae.data.split import ContentSplit
from keras_vae.errors import DataError, DataNotFoundError
from keras_vae.seal import BROKEN_ARCHIVE

# What NumPy says of headers and contents that are none.
_BROKEN = (ValueError, OSError, EOFError, MemoryError, SyntaxError, tokenize.TokenError)
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
    found = _read_npz(Path(path))
    return found if isinstance(found, Dataset) else split_by_content(path, *found)


def npz_items(path: str | Path) -> Items:
    """All images of an `.npz` file, in its order; of one that is split those for training come first.

    Raises:
        DataError: as `npz` does, but for splits.
    """
    found = _read_npz(Path(path))
    return items_of_data(found) if isinstance(found, Dataset) else items_of_arrays(path, *found)


def npy(path: str | Path) -> Dataset:
    """An `.npy` file of images, `(n, height, width)` or `(n, height, width, channels)`, without labels.

    Raises:
        DataError: if it cannot be read, or holds anything else.
    """
    return split_by_content(path, _read_npy(path))


def npy_items(path: str | Path) -> Items:
    """All images of an `.npy` file, in its order; otherwise as `npy`."""
    return items_of_arrays(path, _read_npy(path))


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
    kept, columns = _checked(path, images, labels, columns or {})
    count = len(kept)
    is_labelled = labels is not None
    labels = np.zeros(count, "int64") if labels is None else labels
    content = ContentSplit()
    testing = content.testing(images)
    if len(set(testing)) == 1:
        raise DataError(
            f"{path}: all {count} images are in one split, by what they hold. Add images, or choose the "
            f"splits in an .npz file with the arrays {', '.join(_ARRAYS)}."
        )
    return Dataset(
        str(Path(path).absolute()),
        kept[~testing],
        labels[~testing],
        kept[testing],
        labels[testing],
        columns_train={name: column[~testing] for name, column in columns.items()},
        columns_test={name: column[testing] for name, column in columns.items()},
        label_names=() if is_labelled else UNLABELLED,
        findings=Findings(duplicates=content.duplicates),
        testing=testing,
    )


def items_of_arrays(
    path: str | Path,
    images: np.ndarray,
    labels: np.ndarray | None = None,
    columns: Mapping[str, np.ndarray] | None = None,
) -> Items:
    """Images, and what is known of them, in their order; the arguments are those of `split_by_content`.

    Raises:
        DataError: if the arrays do not belong together.
    """
    kept, columns = _checked(path, images, labels, columns or {})
    known = {**columns} if labels is None else {"label": labels, **columns}
    return Items("number", range(len(kept)), kept, known, known.get("label"))


def _checked(
    path: str | Path,
    images: np.ndarray,
    labels: np.ndarray | None,
    columns: Mapping[str, np.ndarray],
) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    """The images as they are kept, and the columns."""
    kept = checked_images(images, f"{path}: x")
    for name, array in {"y": labels, **columns}.items():
        types, suffix = ("iu", ", an integer") if name == "y" else ("biuf", "")
        if array is not None and (array.shape != (len(kept),) or array.dtype.kind not in types):
            raise DataError(
                f"{path}: {name!r} must hold one number for each of the {len(kept)} images{suffix}. "
                f"Found shape {array.shape} and type {array.dtype}."
            )
    return kept, columns


def _read_npy(path: str | Path) -> np.ndarray:
    try:
        return np.load(path, allow_pickle=False)
    except _BROKEN as error:
        raise DataError(f"{path} cannot be read as an .npy file of one array: {error}") from error


def _read_npz(path: Path) -> Any:
    """A data set, where the file says the splits; else images, labels or `None`, and columns."""
    if not path.is_file():
        raise DataNotFoundError(f"No data file at {path}.")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _split_by_name(path, arrays) if set(_ARRAYS) <= set(arrays) else _whole(path, arrays)
    except DataError:
        raise
    except (*_BROKEN, *BROKEN_ARCHIVE, TypeError, AttributeError) as error:
        raise DataError(f"{path} cannot be read as an .npz file of arrays: {error}") from error


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


def _whole(
    path: Path, arrays: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray | None, dict[str, np.ndarray]]:
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
    return arrays[images], arrays[labels] if labels else None, columns
