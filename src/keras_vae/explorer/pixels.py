"""Images for the page: raw pixels in JSON, a sheet of many, and files to keep."""

import base64
from typing import Any

import numpy as np
from PIL import Image

from keras_vae.plots.canvas import mosaic
from keras_vae.plots.raster import encoded, image_of

# A file to keep is at least so large a side, in pixels.
_KEPT = 224


def packed(images: np.ndarray) -> dict[str, Any]:
    """`(n, height, width, channels)` bytes as JSON takes them.

    Example:
        >>> packed(np.zeros((1, 1, 2, 1), "uint8"))
        {'shape': [1, 1, 2, 1], 'pixels': 'AAA='}
    """
    return {"shape": list(images.shape), "pixels": base64.b64encode(images.tobytes()).decode()}


def sheet(images: np.ndarray, columns: int) -> bytes:
    """`(n, height, width, channels)` bytes beside one another as PNG, row by row."""
    rows = -(-len(images) // columns)
    filled = np.zeros((rows * columns, *images.shape[1:]), "uint8")
    filled[: len(images)] = images
    whole = mosaic(filled.reshape(rows, columns, *images.shape[1:])).astype("uint8")
    return encoded(image_of(whole), "PNG")


def strip(images: np.ndarray) -> bytes:
    """`(n, height, width, channels)` bytes as one row in a PNG to keep."""
    return encoded(_enlarged(mosaic(images[None]).astype("uint8"), len(images[0])), "PNG")


def animation(images: np.ndarray, seconds: float = 0.06) -> bytes:
    """`(n, height, width, channels)` bytes as a GIF that goes there and back for ever."""
    frames = [_enlarged(each, len(each)) for each in [*images, *images[-2:0:-1]]]
    moving = {"save_all": True, "append_images": frames[1:], "duration": round(1000 * seconds), "loop": 0}
    return encoded(frames[0], "GIF", **moving)


def smaller(images: np.ndarray, side: int) -> np.ndarray:
    """`(n, height, width, channels)` bytes, reduced where a side is longer than `side`."""
    height, width = images.shape[1:3]
    longest = max(height, width)
    if longest <= side:
        return images
    size = max(1, round(width * side / longest)), max(1, round(height * side / longest))
    reduced = [np.asarray(image_of(each).resize(size, Image.Resampling.BOX)) for each in images]
    return np.stack(reduced).reshape(len(images), size[1], size[0], -1)


def _enlarged(pixels: np.ndarray, height: int) -> Image.Image:
    image = image_of(pixels)
    times = max(1, -(-_KEPT // height))
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)
