"""Images as an array, of whatever numbers → as they are kept."""

from typing import Any

import numpy as np

from keras_vae.errors import DataError

#: Types of pixels, which are kept as they are and rescaled in the model; other numbers become `float32`.
PIXELS = (np.uint8, np.uint16)


def checked_images(images: Any, what: str) -> np.ndarray:
    """The images as `(n, height, width, channels)`, in a type of `PIXELS` or `float32`.

    Args:
        images: `(n, height, width)` or `(n, height, width, channels)`, numbers.
        what: they are called in messages.

    Raises:
        DataError: if they have another shape or type, are none, or hold NaN or infinity.

    Example:
        >>> images = checked_images(np.zeros((3, 28, 28), "int32"), "x")
        >>> images.shape, images.dtype.name
        ((3, 28, 28, 1), 'float32')
    """
    images = np.asarray(images)
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or 0 in images.shape:
        raise DataError(
            f"{what} must be images (n, height, width) or (n, height, width, channels), at least one. "
            f"Found shape {images.shape}."
        )
    if images.dtype not in PIXELS:
        if images.dtype.kind not in "biuf":
            raise DataError(f"{what} must hold numbers. Found type {images.dtype}.")
        images = images.astype("float32")
        if not np.isfinite(images).all():
            broken = int((~np.isfinite(images)).any(axis=(1, 2, 3)).sum())
            raise DataError(
                f"{what} holds NaN or infinity in {broken} of {len(images)} images. "
                "Remove them or fill them in."
            )
    return images
