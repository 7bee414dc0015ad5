"""Images → PNG inside the page, at their own size: the page enlarges them, sharply."""

import base64
import io
from html import escape

import numpy as np
from PIL import Image

from keras_vae.plots.canvas import mosaic

_GAP = 2
# Wider images are halved until they fit: a page is to be sent by mail.
_MOST_PIXELS = 2**22


def picture(images: np.ndarray, value_range: tuple[float, float], label: str) -> str:
    """`(rows, columns, height, width, channels)` as one `img`, transparent between.

    Args:
        images: raw pixels; NaN is transparent, too.
        value_range: what is black and white.
        label: what is seen, for who cannot see it.
    """
    low, high = value_range
    scaled = np.clip((np.asarray(images, "float32") - low) / (high - low), 0.0, 1.0)
    if scaled.shape[-1] not in (1, 3, 4):
        scaled = scaled.mean(axis=-1, keepdims=True)
    whole = mosaic(scaled, _GAP, np.nan)
    alpha = np.isfinite(whole).all(axis=-1, keepdims=True)
    colours = np.repeat(whole, 3, axis=-1) if whole.shape[-1] == 1 else whole[..., :3]
    pixels = np.concatenate([np.nan_to_num(colours), alpha], axis=-1)
    found = Image.fromarray(np.round(255.0 * pixels).astype("uint8"), "RGBA")
    while found.width * found.height > _MOST_PIXELS:
        found = found.reduce(2)
    return _img(found, label, columns=images.shape[1])


def heat(errors: np.ndarray, label: str) -> str:
    """Shares of an error, `(1, columns, height, width)`, as dots of one colour, the stronger the larger."""
    top = float(np.quantile(errors, 0.999)) or 1.0
    alpha = mosaic(np.clip(errors / top, 0.0, 1.0)[..., None], _GAP, 0.0)
    pixels = np.concatenate([np.broadcast_to([0.85, 0.25, 0.1], (*alpha.shape[:2], 3)), alpha], axis=-1)
    return _img(Image.fromarray(np.round(255.0 * pixels).astype("uint8"), "RGBA"), label, errors.shape[1])


def _img(image: Image.Image, label: str, columns: int) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<img class="cells" style="--columns:{columns}" width="{image.width}" height="{image.height}" '
        f'alt="{escape(label)}" src="data:image/png;base64,{data}">'
    )
