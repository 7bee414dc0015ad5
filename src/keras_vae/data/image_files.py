"""Image files → pixels of one size and kind, one file after the other."""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from keras_vae.data.findings import Findings
from keras_vae.data.image_file import SUFFIXES, read_image
from keras_vae.data.image_size import resize
from keras_vae.errors import DataError

_CHUNK = 256
_NAMED = 3


@dataclass(frozen=True)
class ImageReading:
    """How files become images that are all alike.

    Args:
        size: `(height, width)`.
        is_color: whether they have three channels, or one.
        bits: of a pixel and channel: 8 or 16.
        way: how an image of other proportions gets there: "fill", "pad" or "fit"; see `resize`.
    """

    size: tuple[int, int]
    is_color: bool
    bits: int = 8
    way: str = "fill"

    @property
    def event_shape(self) -> tuple[int, int, int]:
        """The shape of one image, `(height, width, channels)`."""
        return (*self.size, 3 if self.is_color else 1)

    @property
    def dtype(self) -> np.dtype:
        """The type of the pixels."""
        return np.dtype(f"uint{self.bits}")

    def decode(self, source: Path | BinaryIO, name: str | None = None) -> np.ndarray:
        """The pixels of one file, or of a stream of that name, `event_shape`.

        Raises:
            DataError: if it cannot be read.
        """
        return resize(read_image(source, self.is_color, self.bits, name), self.size, self.way)


def find_images(folder: Path) -> list[str]:
    """The image files in a folder of any depth, relative to it and in order; hidden ones are left out.

    Raises:
        DataError: if there is none.
    """
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        visible = (name for name in files if not name.startswith("."))
        below = Path(parent).relative_to(folder)
        found += [(below / name).as_posix() for name in visible if name.lower().endswith(SUFFIXES)]
    if not found:
        raise DataError(
            f"{folder} holds no image files: {', '.join(SUFFIXES)} are looked for, at any depth."
        )
    return sorted(found)


def readable(
    folder: Path, names: list[str], read: Callable[[Path], Any], findings: Findings
) -> Iterator[tuple[str, Any]]:
    """Each file with what `read` makes of it, in order; those that it cannot read go into the findings."""
    return attempted(names, lambda name: read(folder / name), findings)


def attempted(
    names: Sequence[Any], read: Callable[[Any], Any], findings: Findings
) -> Iterator[tuple[Any, Any]]:
    """Each name with what `read` makes of it, in order and in threads; what it refuses with a `DataError`
    goes into the findings.
    """

    def attempt(name: Any) -> Any:
        try:
            return read(name)
        except DataError as error:
            return error

    with ThreadPoolExecutor() as threads:
        for start in range(0, len(names), _CHUNK):
            chunk = names[start : start + _CHUNK]
            with warnings.catch_warnings():
                # Pillow warns of files that are named below, or are read all the same.
                warnings.filterwarnings("ignore", module="PIL")
                attempts = list(threads.map(attempt, chunk))
            for name, found in zip(chunk, attempts, strict=True):
                if isinstance(found, DataError):
                    findings.unreadable[str(name)] = str(found)
                else:
                    yield name, found


def said_unreadable(findings: Findings) -> str:
    """How many files could not be read, and of the first ones why: the end of a message, or nothing."""
    if not findings.unreadable:
        return ""
    some = list(findings.unreadable.values())[:_NAMED]
    return f" {len(findings.unreadable)} files cannot be read: {' '.join(some)}"
