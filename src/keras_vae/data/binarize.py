"""Grey values → black and white, once and for ever."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_vae.data.dataset import Dataset
from keras_vae.data.fixed_noise import fixed_uniforms
from keras_vae.data.image_array import PIXELS
from keras_vae.data.rows import Rows
from keras_vae.data.split import content_digest
from keras_vae.errors import DataError, UnknownNameError

#: Ways to make pixels black or white.
BINARIZATIONS = ("threshold", "sampled")
#: Of the draws of "sampled", together with the content of an image.
SEED = 0
_ROWS = 1000


def binarized(data: Dataset, way: str) -> Dataset:
    """The same images in black and white, `uint8` 0 and 255, in the same splits.

    Args:
        data: images, `uint8`, `uint16` or numbers in [0, 1].
        way: "threshold" or "sampled"; see `binarize`.

    Raises:
        UnknownNameError: if there is no such way.
        DataError: if the data are a table, or numbers outside [0, 1].
    """
    if data.x_train.ndim != 4:
        raise DataError(f"Images can be binarised, and {data.name} is a table.")
    return dataclasses.replace(
        data,
        x_train=binarized_images(data.x_train, way, data.name),
        x_test=binarized_images(data.x_test, way, data.name),
        reading={**data.reading, "binarize": way},
    )


def binarized_images(images: Any, way: str, name: str) -> Any:
    """Images of that name in black and white, a thousand at a time; on disk unless they are in memory now.

    Args:
        images: `(n, height, width, channels)`, an array or something else with rows by slice.
        way: "threshold" or "sampled"; see `binarize`.
        name: what they are called in messages.

    Raises:
        UnknownNameError: if there is no such way.
        DataError: if they are numbers outside [0, 1].
    """
    try:
        if isinstance(images, np.ndarray):
            return np.concatenate(list(_pieces(images, way)))
        rows = Rows(images.shape[1:], np.dtype("uint8"))
        for piece in _pieces(images, way):
            rows.extend(piece)
    except DataError as error:
        raise DataError(f"{name}: {error}") from error
    return rows.array()


def binarize(images: np.ndarray, way: str) -> np.ndarray:
    """Images in black and white: 0 and 255, `uint8`.

    "threshold" makes white what is half as bright as white or more. "sampled" makes each number white with
    its brightness as probability, drawn once (static binarisation; Salakhutdinov & Murray, 2008, "On the
    quantitative analysis of deep belief networks"). The noise comes from a hash of the image:
    the same image is binarised alike in every data set, at any place in it.

    Args:
        images: `(n, height, width, channels)`, `uint8`, `uint16` or numbers in [0, 1].
        way: "threshold" or "sampled".

    Raises:
        UnknownNameError: if there is no such way.
        DataError: if numbers lie outside [0, 1].

    Example:
        >>> grey = np.full((1, 1, 5, 1), [[0], [100], [127], [128], [255]], "uint8")
        >>> binarize(grey, "threshold").ravel().tolist()
        [0, 0, 0, 255, 255]
    """
    if way not in BINARIZATIONS:
        raise UnknownNameError("way to binarise", way, BINARIZATIONS)
    brightness = images.astype("float64") / _white(images)
    if brightness.min() < 0 or brightness.max() > 1:
        raise DataError(
            f"Numbers to binarise must lie in [0, 1], or be uint8 or uint16 pixels. "
            f"Found: {images.dtype} from {images.min():g} to {images.max():g}."
        )
    if way == "threshold":
        is_white = brightness >= 0.5
    else:
        is_white = np.stack([_noise(image) for image in images]) < brightness
    return np.where(is_white, np.uint8(255), np.uint8(0))


def _white(images: np.ndarray) -> float:
    return float(np.iinfo(images.dtype).max) if images.dtype in PIXELS else 1.0


def _noise(image: np.ndarray) -> np.ndarray:
    return fixed_uniforms([SEED, int.from_bytes(content_digest(image), "big")], image.shape)


def _pieces(images: Any, way: str) -> Iterator[np.ndarray]:
    return (binarize(images[start : start + _ROWS], way) for start in range(0, len(images), _ROWS))
