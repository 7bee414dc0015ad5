"""What data hold, and what that suggests."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.data.batches import spread
from keras_vae.data.dataset import PIXELS, Dataset
from keras_vae.data.suggestion import Suggestion, batch_size_for, components_for
from keras_vae.data.table_data import TableData
from keras_vae.data.table_inspection import TableInspection, inspect_table
from keras_vae.errors import DataError

_SAMPLE = 2000
_PLANE = 32
_NEAR = 0.1


@dataclass(frozen=True)
class Inspection:
    """What was found in a data set.

    Args:
        name: of the data.
        num_train: examples for training.
        num_test: examples for testing.
        event_shape: of an example.
        dtype: of its numbers.
        value_range: the smallest and the largest number that there are.
        histogram: how many numbers lie in each of 32 equal parts of that range.
        constant_elements: how many elements of an example are the same in all of them.
        classes: how many examples have each label.
        sizes: how many images there were of each size, "WIDTHxHEIGHT", before they were resized.
        duplicates: examples that are copies of another one.
        unreadable: files that could not be read, and why.
        suggestions: what this says of how to train.
    """

    name: str
    num_train: int
    num_test: int
    event_shape: tuple[int, ...]
    dtype: str
    value_range: tuple[float, float]
    histogram: list[int]
    constant_elements: int
    classes: dict[str, int]
    sizes: dict[str, int]
    duplicates: int
    unreadable: dict[str, str]
    suggestions: tuple[Suggestion, ...]

    @property
    def settings(self) -> dict[str, Any]:
        """The suggested settings by name."""
        return {each.setting: each.value for each in self.suggestions}


def inspect(data: Dataset, suggest: bool = True) -> Inspection | TableInspection:
    """Look at data before anything is trained on them.

    Figures of pixels are from at most 2,000 training images, evenly spread; those of columns from all rows.

    Args:
        data: what to look at.
        suggest: whether to suggest settings, which takes some seconds for large images.

    Example:
        >>> from keras_vae import data
        >>> found = data.inspect(data.load("mnist-5k"))
        >>> found.num_train, found.classes["3"], found.settings["likelihood"]
        (4500, 500, 'bernoulli')
    """
    if isinstance(data, TableData):
        return inspect_table(data, suggest)
    some = data.x_train[spread(len(data.x_train), _SAMPLE)].astype("float32")
    some = some[np.isfinite(some).all(axis=(1, 2, 3))]
    if not len(some):
        raise DataError(f"{data.name}: no image is free of NaN and infinity.")
    low, high = float(some.min()), float(some.max())
    histogram = np.histogram(some, bins=32, range=(low, high) if high > low else (low, low + 1))[0]
    labels = np.concatenate([data.y_train, data.y_test])
    names = data.label_names or [str(number) for number in range(int(labels.max()) + 1)]
    counts = np.bincount(labels[labels >= 0], minlength=len(names))
    return Inspection(
        name=data.name,
        num_train=len(data.x_train),
        num_test=len(data.x_test),
        event_shape=tuple(data.event_shape),
        dtype=str(data.x_train.dtype),
        value_range=(low, high),
        histogram=histogram.tolist(),
        constant_elements=int((some.max(axis=0) == some.min(axis=0)).sum()),
        classes={name: int(number) for name, number in zip(names, counts, strict=True) if number},
        sizes={f"{width}x{height}": n for (height, width), n in data.findings.sizes.most_common()},
        duplicates=data.findings.duplicates,
        unreadable=dict(data.findings.unreadable),
        suggestions=_suggestions(data, some) if suggest else (),
    )


def _suggestions(data: Dataset, some: np.ndarray) -> tuple[Suggestion, ...]:
    batch_size = batch_size_for(len(data.x_train), largest=128)
    return _likelihood(data, some), _recipe(data), _latent_dim(some), batch_size


def _likelihood(data: Dataset, some: np.ndarray) -> Suggestion:
    low, high = data.value_range
    if data.x_train.dtype in PIXELS or (low >= 0 and high <= 1):
        near = (some - low) / (high - low)
        share = float(np.mean((near < _NEAR) | (near > 1 - _NEAR)))
        if share >= 0.75:
            reason = f"{share:.0%} of the values are nearly the lowest or the highest: close to binary"
            return Suggestion("likelihood", "bernoulli", reason)
        reason = f"grey values and colours in a fixed range, of which only {share:.0%} are near an end"
        return Suggestion("likelihood", "normal:scale=learned,activation=sigmoid", reason)
    if low >= -1 and high <= 1:
        return Suggestion("likelihood", "normal:scale=learned,activation=tanh", "values in [-1, 1]")
    return Suggestion(
        "likelihood", "normal:scale=learned", f"values from {low:g} to {high:g}, outside [0, 1] and [-1, 1]"
    )


def _recipe(data: Dataset) -> Suggestion:
    height, width = data.event_shape[:2]
    if max(height, width) <= 8:
        return Suggestion("recipe", "dense", f"{width}×{height} is too small for convolutions to halve")
    if max(height, width) > 32 and len(data.x_train) >= 5000:
        return Suggestion("recipe", "residual", f"{len(data.x_train):,} large images bear a deeper network")
    return Suggestion("recipe", "conv", f"images of {width}×{height}, {len(data.x_train):,} to learn from")


def _latent_dim(some: np.ndarray) -> Suggestion:
    step = max(1, max(some.shape[1:3]) // _PLANE)
    return components_for(some[:, ::step, ::step].reshape(len(some), -1), 0.7, least=2, most=64)
