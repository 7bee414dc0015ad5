"""Pixels → image files."""

from pathlib import Path

import numpy as np
from PIL import Image

from keras_vae.data.dataset import PIXELS
from keras_vae.data.whole_file import whole_file
from keras_vae.errors import DataError


def write_images(
    folder: str | Path, images: np.ndarray, dtype: str, value_range: tuple[float, float]
) -> None:
    """Write each image as a PNG file, `0000.png`, `0001.png`, …, of as many bits as those that were read.

    Args:
        folder: where to; it is made.
        images: `(n, height, width, channels)`, of one, three or four channels.
        dtype: of the raw data: "uint8" and "uint16" are written as such; other numbers as 8 bits.
        value_range: what is black and white, for other numbers.

    Raises:
        DataError: if an image file cannot hold so many channels.
    """
    channels = images.shape[-1]
    if channels not in (1, 3, 4) or (dtype == "uint16" and channels != 1):
        raise DataError(
            f"An image file cannot hold {channels} channels of {dtype}: write an .npy file instead."
        )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    kind = np.dtype(dtype) if np.dtype(dtype) in PIXELS else np.dtype("uint8")
    low, high = (0, np.iinfo(kind).max) if kind == np.dtype(dtype) else value_range
    most = np.iinfo(kind).max
    digits = max(4, len(str(len(images) - 1)))
    for number, image in enumerate(images):
        pixels = np.rint((image - low) * (most / (high - low))).clip(0, most).astype(kind)
        with whole_file(folder / f"{number:0{digits}}.png") as partial:
            Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(partial, "PNG")
