"""A part of a Parquet file → what a model takes, a piece at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from keras_vae.bulk.parts import Part
from keras_vae.data.findings import Findings


@dataclass(frozen=True)
class Piece:
    """Some rows of a file.

    Args:
        rows: their numbers in the file, from 1, `(n,)`.
        inputs: what the model takes, `(n, *event)`, or a dict of that and conditions.
        findings: rows that could not be read, by name, and categories that the model does not know.
    """

    rows: np.ndarray
    inputs: Any
    findings: Findings = field(default_factory=Findings)


class Reader(Protocol):
    """Reads the files of a folder for a model of some kind."""

    #: The shape of one example.
    event_shape: tuple[int, ...]

    def check(self, file: str, types: pa.Schema) -> None:
        """Refuse a file with columns that the model cannot take.

        Raises:
            DataError: which names the file.
        """

    def pieces(self, part: Part, batch_size: int) -> Iterator[Piece]:
        """The rows of a part, in pieces of whole batches as far as that goes.

        Raises:
            DataError: which names the file, if it cannot be read, or holds what its columns should not.
        """


def whole_batches(batch_size: int, most: int) -> int:
    """So many rows make whole batches, as many of them as may be; at least one."""
    return max(1, most // batch_size) * batch_size
