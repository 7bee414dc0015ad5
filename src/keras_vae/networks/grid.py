"""Images of any size in a network that halves and doubles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras
from keras import layers


@dataclass(frozen=True)
class Grid:
    """Where a decoder starts, and what is too much at its end.

    Args:
        rows: of the smallest grid.
        columns: of the smallest grid.
        bottom: rows to cut from the largest one.
        right: columns to cut from it.
    """

    rows: int
    columns: int
    bottom: int
    right: int

    @classmethod
    def of(cls, image_shape: Sequence[int], halvings: int) -> "Grid":
        """The grid for images `(height, width, channels)`.

        Example:
            >>> Grid.of((28, 30, 1), halvings=2)
            Grid(rows=7, columns=8, bottom=0, right=2)
        """
        (height, width), factor = image_shape[:2], 2**halvings
        rows, columns = math.ceil(height / factor), math.ceil(width / factor)
        return cls(rows, columns, rows * factor - height, columns * factor - width)

    @property
    def cropping(self) -> list[keras.layers.Layer]:
        """The layer that cuts, or none."""
        if not (self.bottom or self.right):
            return []
        return [layers.Cropping2D(((0, self.bottom), (0, self.right)))]
