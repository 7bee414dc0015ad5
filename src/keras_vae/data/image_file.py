"""One image file → pixels."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from keras_vae.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif")
_GREY = ("1", "L", "LA", "La")
_DEEP = ("I", "I;16", "I;16B", "I;16L")
_ORIENTATION, _SIDEWAYS = 0x0112, (5, 6, 7, 8)
# Beyond which Pillow suspects a decompression bomb, too.
_MOST_PIXELS = 89_000_000
_TOO_LARGE = f"it has more than {_MOST_PIXELS:,} pixels; cut it into pieces"
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)


@dataclass(frozen=True)
class ImageHeader:
    """What a file says of its image before the pixels are decoded.

    Args:
        size: `(height, width)`, as a person sees it.
        is_color: whether it is in colour; a palette counts as colour.
        bits: of a pixel and channel: 8 or 16.
    """

    size: tuple[int, int]
    is_color: bool
    bits: int


def read_header(path: str | Path) -> ImageHeader:
    """What an image file says of itself.

    Raises:
        DataError: if the file is no image, or of a kind that is not read.
    """
    try:
        with Image.open(path) as image:
            _check(image)
            width, height = image.size
            if image.getexif().get(_ORIENTATION) in _SIDEWAYS:
                width, height = height, width
            is_deep = image.mode in _DEEP
            return ImageHeader((height, width), image.mode not in (*_GREY, *_DEEP), 16 if is_deep else 8)
    except _BROKEN as error:
        raise _unreadable(path, error) from error


def read_image(
    source: str | Path | BinaryIO, is_color: bool, bits: int = 8, name: str | None = None
) -> np.ndarray:
    """The pixels of an image file as a person sees them.

    A rotation that the camera noted is applied, a palette is looked up, transparency is laid on white, and
    of an animation the first frame is taken. 16 bits come down to 8 by their upper half, and 8 go up to the
    same brightness.

    Args:
        source: a PNG, JPEG, WebP, BMP, TIFF or GIF file: its path, or its content as a stream of bytes.
        is_color: whether three channels are wanted, or one.
        bits: 8 or 16.
        name: what it is called in messages; its path if left out.

    Returns:
        `(height, width, 3 or 1)`, `uint8` or `uint16`.

    Raises:
        DataError: if the file is broken, or of a kind that is not read.
    """
    try:
        with Image.open(source) as opened:
            pixels = _pixels(ImageOps.exif_transpose(opened), is_color)
    except _BROKEN as error:
        raise _unreadable(name or str(source), error) from error
    if bits == 16 and pixels.dtype == np.uint8:
        return pixels.astype(np.uint16) * 257
    if bits == 8 and pixels.dtype == np.uint16:
        return (pixels >> 8).astype(np.uint8)
    return pixels


def _check(image: Image.Image) -> None:
    if image.width * image.height > _MOST_PIXELS:
        raise ValueError(_TOO_LARGE)
    if image.mode == "F":
        raise ValueError("its pixels are floating-point numbers; save them as an .npy array")


def _pixels(image: Image.Image, is_color: bool) -> np.ndarray:
    _check(image)
    if image.mode in _DEEP:
        deep = np.asarray(image)
        if deep.min() < 0 or deep.max() > np.iinfo(np.uint16).max:
            raise ValueError("its pixels have more than 16 bits; save them as an .npy array")
        return np.repeat(deep.astype(np.uint16)[..., None], 3 if is_color else 1, axis=-1)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    pixels = np.asarray(image.convert("RGB" if is_color else "L"))
    return pixels if is_color else pixels[..., None]


def _unreadable(path: str | Path, error: BaseException) -> DataError:
    if isinstance(error, Image.UnidentifiedImageError):
        reason = "it is no image"
    elif isinstance(error, Image.DecompressionBombError):
        reason = _TOO_LARGE
    else:
        reason = str(error)
    return DataError(f"{path} cannot be read: {reason}.")
