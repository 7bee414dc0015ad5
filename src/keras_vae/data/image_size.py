"""Images of many sizes → one size."""

import re

import numpy as np
from PIL import Image, ImageOps

from keras_vae.errors import InvalidArgumentError, UnknownNameError

#: How an image meets a size of other proportions.
WAYS = ("fill", "pad", "fit")


def parse_size(text: str) -> tuple[int, int]:
    """`(height, width)` from "64" or, as people write it, "WIDTHxHEIGHT".

    Raises:
        InvalidArgumentError: if it is neither.

    Example:
        >>> parse_size("64"), parse_size("96x64")
        ((64, 64), (64, 96))
    """
    found = re.fullmatch(r"(\d+)(?:[x×](\d+))?", text.strip())
    width, height = (found[1], found[2] or found[1]) if found else ("0", "0")
    if int(width) < 1 or int(height) < 1:
        raise InvalidArgumentError(
            f"A size is a number of pixels, as in 64, or WIDTHxHEIGHT, as in 96x64. Received: {text!r}"
        )
    return int(height), int(width)


def resize(pixels: np.ndarray, size: tuple[int, int], way: str = "fill") -> np.ndarray:
    """The image in that size.

    Args:
        pixels: `(height, width, channels)`, `uint8` or `uint16`.
        size: `(height, width)`.
        way: "fill", so that the size is covered, and what hangs over is cut; "pad", so that all of it is
            in, with black around; "fit", stretched.

    Raises:
        UnknownNameError: if there is no such way.

    Example:
        >>> resize(np.zeros((40, 20, 3), "uint8"), (10, 10), "pad").shape
        (10, 10, 3)
    """
    if way not in WAYS:
        raise UnknownNameError("way to resize", way, WAYS)
    if pixels.shape[:2] == size:
        return pixels
    channels = [_resize_channel(pixels[..., i], size, way) for i in range(pixels.shape[-1])]
    return np.stack(channels, axis=-1)


def _resize_channel(channel: np.ndarray, size: tuple[int, int], way: str) -> np.ndarray:
    """Each channel as floating-point numbers: of 16-bit images Pillow resizes no other kind well."""
    image, target = Image.fromarray(channel.astype("float32")), size[::-1]
    if way == "fill":
        image = ImageOps.fit(image, target, Image.Resampling.LANCZOS)
    elif way == "pad":
        image = ImageOps.pad(image, target, Image.Resampling.LANCZOS, color=0)
    else:
        image = image.resize(target, Image.Resampling.LANCZOS)
    return np.clip(np.rint(np.asarray(image)), 0, np.iinfo(channel.dtype).max).astype(channel.dtype)
