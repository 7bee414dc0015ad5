"""Images → numbers that tell sets of images apart: a fixed random network."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from keras_vae.data.fixed_noise import fixed_uniforms
from keras_vae.errors import InvalidArgumentError
from keras_vae.tasks.batching import BATCH_SIZE, map_batches

#: Images with a shorter side are refused: nothing would be left to convolve.
SMALLEST_SIDE = 8
SPACE = (
    "features of a fixed random network, and not Inception's: it compares images of one size in this space "
    "alone, and never with published FIDs"
)
_FILTERS = 48
_MOST_PIXELS = 1_000_000


class RandomFeatures:
    """What a random convolutional network sees in images: the mean of each filter over the image.

    Convolutions of 3 × 3 with stride 2, 48 filters and a ReLU follow each other, at least two, until the
    shorter side is 4 or less; each adds the means of its 48 filters: 144 features of 28 × 28 images. The
    weights are uniform with variance 2 / (9 · channels) (He et al., 2015) and fixed for ever, and NumPy
    computes with them: no back end, machine or version changes more than the last digits.

    Random networks tell sets of images apart also where networks trained on photographs see little, as in
    digits (Naeem et al., 2020, "Reliable fidelity and diversity metrics for generative models"). They are
    not Inception: distances between these features are no FIDs, and none to compare with published ones.

    Args:
        event_shape: `(height, width, channels)`; grey counts as colour of three equal channels.
        value_range: what is black and white; values beyond are cut off, as in a picture.

    Raises:
        InvalidArgumentError: if a side is shorter than 8.

    Call arguments:
        images: `(n, *event_shape)`.

    Returns:
        `(n, num_features)`, float64.

    Example:
        >>> RandomFeatures((28, 28, 1), (0, 255))(np.zeros((5, 28, 28, 1), "uint8")).shape
        (5, 144)
    """

    def __init__(self, event_shape: Sequence[int], value_range: tuple[float, float]) -> None:
        height, width, channels = event_shape
        if min(height, width) < SMALLEST_SIDE:
            raise InvalidArgumentError(
                f"Images must be at least {SMALLEST_SIDE} × {SMALLEST_SIDE}. Received: {width} × {height}"
            )
        self.low, self.high = value_range
        self.is_grey = channels == 1
        self.kernels = list(_kernels(min(height, width), 3 if self.is_grey else channels))
        self.batch_size = max(1, min(BATCH_SIZE, _MOST_PIXELS // (height * width)))

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """The features."""
        scaled = (np.asarray(images, "float32") - self.low) * (2.0 / ((self.high - self.low) or 1.0)) - 1.0
        x = np.clip(scaled, -1.0, 1.0).astype("float32")
        x = np.repeat(x, 3, axis=-1) if self.is_grey else x
        features = []
        for kernel in self.kernels:
            x = np.maximum(strided_convolution(x, kernel), 0.0)
            features.append(x.mean(axis=(1, 2), dtype="float64"))
        return np.concatenate(features, axis=1)


def image_features(images: Any, value_range: tuple[float, float]) -> np.ndarray:
    """`RandomFeatures` of any number of images, `(n, height, width, channels)`, a batch at a time."""
    features = RandomFeatures(images.shape[1:], value_range)
    return map_batches(features, images, features.batch_size)


def strided_convolution(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The convolution of 3 × 3 with stride 2 of images with a margin of one zero, in NumPy.

    Args:
        x: `(n, height, width, channels)`.
        kernel: `(3, 3, channels, filters)`.

    Returns:
        `(n, ⌈height / 2⌉, ⌈width / 2⌉, filters)`.
    """
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    rows, columns = 2 * math.ceil(x.shape[1] / 2), 2 * math.ceil(x.shape[2] / 2)
    places = [padded[:, i : i + rows : 2, j : j + columns : 2] for i in range(3) for j in range(3)]
    patches = np.concatenate(places, axis=-1)
    flat = patches.reshape(-1, patches.shape[-1]) @ kernel.reshape(-1, kernel.shape[-1])
    return flat.reshape(*patches.shape[:-1], -1)


def _kernels(side: int, channels: int) -> Iterator[np.ndarray]:
    layer = 0
    while side > 4 or layer < 2:
        bound = math.sqrt(6.0 / (9 * channels))
        noise = fixed_uniforms([1, layer, channels], (3, 3, channels, _FILTERS))
        yield ((2.0 * noise - 1.0) * bound).astype("float32")
        side, channels, layer = math.ceil(side / 2), _FILTERS, layer + 1
