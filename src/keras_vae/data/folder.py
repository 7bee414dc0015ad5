"""A folder of image files → a data set."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.data.dataset import Dataset
from keras_vae.data.disk_array import DiskArray
from keras_vae.data.findings import Findings
from keras_vae.data.image_file import SUFFIXES, read_header, read_image
from keras_vae.data.image_labels import labels_of
from keras_vae.data.image_size import resize
from keras_vae.data.split import content_digest, is_test
from keras_vae.errors import DataError, UnknownNameError

COLORS = ("auto", "grey", "rgb")
#: Images of one size are kept as they are up to this many pixels a side.
LARGEST_AS_IT_IS = 128
#: The size of all others, unless another is asked for.
DEFAULT_SIZE = (64, 64)
#: What is fewer is refused: nothing could be learned, and less be tested.
FEWEST_IMAGES = 20
_SPLITS = ("train", "test")
# What is larger stays on disk.
_MOST_IN_MEMORY = 256 * 2**20
_CHUNK = 256


def image_folder(
    folder: str | Path, size: tuple[int, int] | None = None, way: str = "fill", color: str = "auto"
) -> Dataset:
    """The images of a folder, decoded once, all of one size and kind.

    Labels are the names of the folders right below, or what a `labels.csv` says; see `labels_of`. Files
    that cannot be read are left out, and named in `findings`. Folders called `train` and `test` right below
    are the two splits; otherwise an image's content decides, always alike, see `is_test`.

    Args:
        folder: where the images are, at any depth.
        size: `(height, width)` for all of them; by default their own, if it is the same for all and no more
            than 128 pixels a side, and otherwise 64 × 64.
        way: how an image of other proportions gets there: "fill", "pad" or "fit"; see `resize`.
        color: "grey", "rgb", or "auto": colour if any image has it.

    Raises:
        DataError: if there is no image, or too few can be read.
        UnknownNameError: if there is no such `color` or `way`.
    """
    if color not in COLORS:
        raise UnknownNameError("color", color, COLORS)
    folder = Path(folder)
    paths = find_images(folder)
    if not paths:
        raise DataError(
            f"{folder} holds no image files: {', '.join(SUFFIXES)} are looked for, at any depth."
        )
    findings = Findings()
    headers = dict(_readable(folder, paths, read_header, findings))
    findings.sizes = Counter(header.size for header in headers.values())
    is_color = color == "rgb" or (color == "auto" and any(each.is_color for each in headers.values()))
    bits = 16 if headers and not is_color and all(each.bits == 16 for each in headers.values()) else 8
    size = size or _common_size(findings.sizes)

    def decode(path: Path) -> np.ndarray:
        return resize(read_image(path, is_color, bits), size, way)

    row_shape, dtype = (*size, 3 if is_color else 1), np.dtype(f"uint{bits}")
    on_disk = len(headers) * int(np.prod(row_shape)) * dtype.itemsize > _MOST_IN_MEMORY
    images = {split: _Rows(row_shape, dtype, on_disk) for split in _SPLITS}
    members: dict[str, list[Path]] = {split: [] for split in _SPLITS}
    given = {path.relative_to(folder).parts[0] for path in headers} == set(_SPLITS)
    digests: Counter[bytes] = Counter()
    for path, pixels in _readable(folder, list(headers), decode, findings):
        digest = content_digest(pixels)
        digests[digest] += 1
        split = path.relative_to(folder).parts[0] if given else _SPLITS[is_test(digest)]
        images[split].append(pixels)
        members[split].append(path)
    findings.duplicates = digests.total() - len(digests)
    _check(folder, members, findings)
    labels, names = labels_of(folder, members, given)
    return Dataset(
        str(folder.absolute()),
        images["train"].array(),
        labels["train"],
        images["test"].array(),
        labels["test"],
        label_names=names,
        findings=findings,
        reading={"size": size, "way": way, "color": "rgb" if is_color else "grey"},
    )


def find_images(folder: Path) -> list[Path]:
    """The image files in a folder of any depth, in the order of their names; hidden ones are left out."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        names = (name for name in files if not name.startswith("."))
        found += [Path(parent, name) for name in names if Path(name).suffix.lower() in SUFFIXES]
    return sorted(found)


class _Rows:
    """Images that come one after the other: in memory, or on disk."""

    def __init__(self, row_shape: tuple[int, ...], dtype: np.dtype, on_disk: bool) -> None:
        self._target = DiskArray(row_shape, dtype) if on_disk else None
        self._empty = np.empty((0, *row_shape), dtype)
        self._rows: list[np.ndarray] = []

    def append(self, row: np.ndarray) -> None:
        self._rows.append(row)
        if self._target is not None and len(self._rows) == _CHUNK:
            self._target.append(np.stack(self._rows))
            self._rows = []

    def array(self) -> Any:
        rows = np.stack(self._rows) if self._rows else self._empty
        if self._target is None:
            return rows
        self._target.append(rows)
        return self._target


def _readable(
    folder: Path, paths: list[Path], read: Callable[[Path], Any], findings: Findings
) -> Iterator[tuple[Path, Any]]:
    """Each path with what `read` makes of it, in order; those that it cannot read go into the findings."""

    def attempt(path: Path) -> Any:
        try:
            return read(path)
        except DataError as error:
            return error

    with ThreadPoolExecutor() as threads:
        for start in range(0, len(paths), _CHUNK):
            chunk = paths[start : start + _CHUNK]
            for path, found in zip(chunk, threads.map(attempt, chunk), strict=True):
                if isinstance(found, DataError):
                    findings.unreadable[str(path.relative_to(folder))] = str(found)
                else:
                    yield path, found


def _common_size(sizes: Counter[tuple[int, int]]) -> tuple[int, int]:
    if len(sizes) == 1:
        size = next(iter(sizes))
        if max(size) <= LARGEST_AS_IT_IS:
            return size
    return DEFAULT_SIZE


def _check(folder: Path, members: dict[str, list[Path]], findings: Findings) -> None:
    count = sum(len(each) for each in members.values())
    broken = ""
    if findings.unreadable:
        some = list(findings.unreadable.values())[:3]
        broken = f" {len(findings.unreadable)} files cannot be read: {' '.join(some)}"
    if count < FEWEST_IMAGES:
        raise DataError(
            f"{folder} holds {count} images that can be read, and at least {FEWEST_IMAGES} are needed to "
            f"learn anything from.{broken}"
        )
    for split, paths in members.items():
        if not paths:
            raise DataError(
                f"{folder}: no image is left for the split {split!r}. Put images into folders named train "
                f"and test.{broken}"
            )
