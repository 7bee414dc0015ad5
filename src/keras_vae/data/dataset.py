"""Images and labels, split into training and test."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from keras_vae.data.disk_array import DiskArray
from keras_vae.data.findings import Findings
from keras_vae.data.image_array import PIXELS, checked_images
from keras_vae.errors import DataError

_ROWS = 1000
#: What the only class of data without labels is called.
UNLABELLED = ("",)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with labels, checked when it is made.

    Args:
        name: what it is called, or the path it came from.
        x_train: `(n, height, width, channels)`; `(n, height, width)` gets one channel. `uint8`,
            `uint16`, or finite numbers; a `DiskArray` is taken as it is.
        y_train: `(n,)` labels, integers.
        x_test: as `x_train`, of the same shape but for `n`.
        y_test: as `y_train`.
        columns_train: what else is known of each image: a name and `(n,)` numbers each, NaN for unknown.
        columns_test: as `columns_train`, with the same names.
        label_names: what the labels 0, 1, … stand for; their numbers if left out. An empty name stands for
            no label.
        findings: what was noticed while the data were read.
        reading: the options of `load` that read a folder alike.
        names: of all examples in the order of their source, where they have names: files.
        testing: which examples are for testing in that order, `(n,)`; where it is left out, all for
            training come first.

    Raises:
        DataError: if an array has the wrong shape or type, is empty, holds NaN or infinity, or
            images and labels or columns differ in number.

    Example:
        >>> digits = np.zeros((3, 28, 28), "uint8")
        >>> data = Dataset("blank", digits, np.arange(3), digits, np.arange(3))
        >>> data.event_shape, data.value_range
        ((28, 28, 1), (0.0, 255.0))
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    columns_train: Mapping[str, np.ndarray] = field(default_factory=dict)
    columns_test: Mapping[str, np.ndarray] = field(default_factory=dict)
    label_names: tuple[str, ...] = ()
    findings: Findings = field(default_factory=Findings)
    reading: Mapping[str, Any] = field(default_factory=dict)
    names: Sequence[str] = ()
    testing: np.ndarray | None = None
    _taken_names: ClassVar[tuple[str, ...]] = ("x", "label")

    def __post_init__(self) -> None:
        for split in ("train", "test"):
            examples = self._checked_examples(f"x_{split}")
            labels = self._checked_labels(f"y_{split}")
            if len(examples) != len(labels):
                raise DataError(
                    f"{self.name}: x_{split} holds {len(examples)} images and y_{split} {len(labels)} "
                    "labels; there must be one label for each image."
                )
            self._check_columns(split, len(examples))
        if set(self.columns_train) != set(self.columns_test):
            odd = set(self.columns_train) ^ set(self.columns_test)
            raise DataError(
                f"{self.name}: training and test data must have the same columns. Only one of them has: "
                f"{', '.join(sorted(odd))}."
            )
        if self.x_train.shape[1:] != self.x_test.shape[1:] or self.x_train.dtype != self.x_test.dtype:
            raise DataError(
                f"{self.name}: training and test images must be of one shape and type. Found "
                f"{self.x_train.shape[1:]} {self.x_train.dtype} and "
                f"{self.x_test.shape[1:]} {self.x_test.dtype}."
            )

    @property
    def event_shape(self) -> tuple[int, ...]:
        """The shape of one image, `(height, width, channels)`."""
        return self.x_train.shape[1:]

    @property
    def part_options(self) -> dict[str, Any]:
        """What a part that is given by name may have to know of the data."""
        return {"event_shape": self.event_shape}

    @property
    def label_title(self) -> str:
        """What the labels say of an example, where they have a name."""
        return ""

    def class_names(self, column: str) -> tuple[str, ...]:
        """What the numbers of a column stand for; nothing if they are numbers."""
        return self.label_names if column == "label" else ()

    def conditioned_on(self, requests: Iterable[str]) -> "Dataset":
        """The same data for a model that is conditional on these columns, `"name"` or `"name=kind"`."""
        del requests
        return self

    def columns(self, split: str) -> Mapping[str, np.ndarray]:
        """What is known of each image of a split, "train" or "test": `label`, and the other columns."""
        return {"label": getattr(self, f"y_{split}"), **getattr(self, f"columns_{split}")}

    def inputs(self, split: str, conditions: Iterable[str] = ()) -> Any:
        """What a model with these conditions takes: the images; or a dict of them and those columns.

        Conditions that the data know nothing of are left out: unknown.
        """
        names = list(conditions)
        images = getattr(self, f"x_{split}")
        columns = self.columns(split)
        known = {name: columns[name] for name in columns if name in names}
        return {"x": images, **known} if names else images

    @cached_property
    def value_range(self) -> tuple[float, float]:
        """The interval of the pixels, (0, 255) for `uint8`, likewise `uint16`; what is found for others."""
        if self.x_train.dtype in PIXELS:
            return 0.0, float(np.iinfo(self.x_train.dtype).max)
        ranges = [(rows.min(), rows.max()) for x in (self.x_train, self.x_test) for rows in _in_pieces(x)]
        return float(min(low for low, _ in ranges)), float(max(high for _, high in ranges))

    @cached_property
    def fingerprint(self) -> str:
        """A SHA-256 over the arrays; the same data have the same fingerprint for ever."""
        digest = hashlib.sha256()
        arrays = [self.x_train, self.y_train, self.x_test, self.y_test]
        for name in sorted(self.columns_train):
            arrays += [self.columns_train[name], self.columns_test[name]]
        for array in arrays:
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            for rows in _in_pieces(array):
                digest.update(np.ascontiguousarray(rows).data)
        return digest.hexdigest()

    def _checked_examples(self, field: str) -> Any:
        images = getattr(self, field)
        if isinstance(images, DiskArray):
            return images
        images = checked_images(images, f"{self.name}: {field}")
        object.__setattr__(self, field, images)
        return images

    def _check_columns(self, split: str, count: int) -> None:
        for name, column in getattr(self, f"columns_{split}").items():
            if name in self._taken_names:
                raise DataError(f"{self.name}: a column may not be called {name!r}, which has a meaning.")
            if column.shape != (count,) or column.dtype.kind not in "biuf":
                raise DataError(
                    f"{self.name}: the column {name!r} of {split} must hold one number for each of its "
                    f"{count} images. Found shape {column.shape} and type {column.dtype}."
                )

    def _checked_labels(self, field: str) -> np.ndarray:
        labels = np.asarray(getattr(self, field))
        if labels.ndim != 1 or labels.dtype.kind not in "iu":
            raise DataError(
                f"{self.name}: {field} must be a row of integer labels, (n,). "
                f"Found shape {labels.shape} and type {labels.dtype}."
            )
        labels = labels.astype("int64")
        object.__setattr__(self, field, labels)
        return labels


def _in_pieces(array: Any) -> Iterator[np.ndarray]:
    return (array[start : start + _ROWS] for start in range(0, len(array), _ROWS))
