"""Images → files inside a page, at their own size: the page enlarges them, sharply."""

import base64
import io
from html import escape
from typing import Any

import numpy as np
from PIL import Image

from keras_vae.plots.canvas import mosaic, scaled

_GAP = 2
# A page is to be sent by mail: what is larger as PNG is stored with loss, and smaller and smaller.
_MOST_BYTES = 400_000


def picture(images: np.ndarray, value_range: tuple[float, float], label: str) -> str:
    """`(rows, columns, height, width, channels)` as one `img`, transparent between.

    Args:
        images: raw pixels; NaN is transparent, too.
        value_range: what is black and white.
        label: what is seen, for who cannot see it.
    """
    whole = mosaic(scaled(images, value_range), _GAP, np.nan)
    alpha = np.isfinite(whole).all(axis=-1, keepdims=True)
    colours = np.repeat(whole, 3, axis=-1) if whole.shape[-1] == 1 else whole[..., :3]
    pixels = np.concatenate([np.nan_to_num(colours), alpha], axis=-1)
    return _img(pixels, label, columns=images.shape[1])


def heat(errors: np.ndarray, label: str) -> str:
    """Shares of an error, `(1, columns, height, width)`, as dots of one colour, the stronger the larger."""
    top = float(np.quantile(errors, 0.999)) or 1.0
    alpha = mosaic(np.clip(errors / top, 0.0, 1.0)[..., None], _GAP, 0.0)
    pixels = np.concatenate([np.broadcast_to([0.85, 0.25, 0.1], (*alpha.shape[:2], 3)), alpha], axis=-1)
    return _img(pixels, label, errors.shape[1])


def image_of(pixels: np.ndarray) -> Image.Image:
    """`(height, width, 1 or 3)` bytes."""
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def _img(pixels: np.ndarray, label: str, columns: int) -> str:
    image = Image.fromarray(np.round(255.0 * pixels).astype("uint8"), "RGBA")
    kind, data = "png", encoded(image, "PNG", optimize=True)
    while len(data) > _MOST_BYTES:
        kind, data = "webp", encoded(image, "WEBP", quality=85)
        if len(data) > _MOST_BYTES:
            image = image.reduce(2)
    return (
        f'<img class="cells" style="--columns:{columns}" width="{image.width}" height="{image.height}" '
        f'alt="{escape(label)}" src="data:image/{kind};base64,{base64.b64encode(data).decode()}">'
    )


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """An image as a file of that kind: "PNG", "GIF" or "WEBP"."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
