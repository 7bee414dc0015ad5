"""One batch as `fit` takes it → images, labels and columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops

from keras_vae.errors import DataError


@dataclass(frozen=True)
class FitBatch:
    """What a batch holds, as NumPy arrays.

    Args:
        place: what it is called in messages.
        x: `(batch, height, width)` or `(batch, height, width, channels)`; or rows of a table, `(batch,
            num_columns)`.
        labels: `(batch,)`, integers; `None` where they are not known.
        columns: `(batch,)` numbers by name.
    """

    place: str
    x: np.ndarray
    labels: np.ndarray | None
    columns: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, batch: Any, place: str) -> "FitBatch":
        """Read x, (x, y) or (x, y, sample_weight), where x may be a dict of "x" and columns.

        Raises:
            DataError: if it is none of these, or its arrays differ in length.

        Example:
            >>> one_hot = np.array([[0, 1, 0], [0, 0, 1]])
            >>> FitBatch.of((np.zeros((2, 8, 8)), one_hot), "batch 0").labels.tolist()
            [1, 2]
        """
        parts = tuple(batch) if isinstance(batch, tuple | list) else (batch,)
        if not 1 <= len(parts) <= 3:
            raise DataError(
                f"{place} must be x, (x, y) or (x, y, sample_weight). Found {len(parts)} parts."
            )
        x, y = (*parts, None)[:2]
        columns = dict(x) if isinstance(x, Mapping) else {"x": x}
        if "x" not in columns:
            raise DataError(
                f'{place} must have "x" among its columns. Found: {", ".join(columns) or "none"}.'
            )
        x = _images(columns.pop("x"), place)
        columns = {name: _numpy(values) for name, values in columns.items()}
        for name, values in columns.items():
            if values.shape[:1] != x.shape[:1]:
                raise _uneven(place, x, name, values)
        label = columns.pop("label", None)
        labels = _labels(y if label is None else label, x, place)
        if label is not None and labels is None:
            raise DataError(
                f"{place}: label must be one integer for each example. "
                f"Found shape {label.shape} and type {label.dtype}."
            )
        return cls(place, x, labels, columns)

    @property
    def is_table(self) -> bool:
        """Whether its examples are rows of a table."""
        return self.x.ndim == 2

    def check_like(self, other: "FitBatch") -> None:
        """See that this batch can stand behind the other one.

        Raises:
            DataError: if their images differ in shape or type, or they have other columns.
        """
        for what, found, expected in (
            ("examples of shape", self.x.shape[1:], other.x.shape[1:]),
            ("numbers of type", self.x.dtype, other.x.dtype),
            ("the columns", sorted(self.columns), sorted(other.columns)),
        ):
            if found != expected:
                raise DataError(
                    f"{self.place} holds {what} {found}, and {other.place} {expected}: all must be alike."
                )


def _images(values: Any, place: str) -> np.ndarray:
    x = _numpy(values)
    if hasattr(values, "permute") and x.ndim == 4 and x.shape[1] in (1, 3, 4) and x.shape[3] > 4:
        raise DataError(
            f"{place}: channels come last here. Found a PyTorch tensor of shape {tuple(x.shape)}, where "
            "they seem to come first: give x.permute(0, 2, 3, 1), or a NumPy array if they do not."
        )
    return x


def _labels(y: Any, x: np.ndarray, place: str) -> np.ndarray | None:
    """One integer for each example, if that is what y holds."""
    if y is None or isinstance(y, Mapping | tuple | list):
        return None
    y = _numpy(y)
    if y.shape[:1] != x.shape[:1]:
        raise _uneven(place, x, "y", y)
    if y.ndim == 2 and y.shape[1] > 1 and y.dtype.kind in "biuf":
        is_one_hot = ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()
        return y.argmax(axis=1) if is_one_hot else None
    if y.shape in (x.shape[:1], (*x.shape[:1], 1)) and y.dtype.kind in "biu":
        return y.reshape(-1).astype("int64")
    return None


def _numpy(values: Any) -> np.ndarray:
    """An array, or a tensor of whatever library, as NumPy's."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    return values if isinstance(values, np.ndarray) else np.asarray(ops.convert_to_numpy(values))


def _uneven(place: str, x: np.ndarray, name: str, values: np.ndarray) -> DataError:
    return DataError(
        f"{place}: x has shape {x.shape} and {name} {values.shape}: both must begin with the number of "
        "examples. If these are single examples, batch them first."
    )
