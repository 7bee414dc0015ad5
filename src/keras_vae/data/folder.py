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
from keras_vae.data.image_labels import label_reader
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
_MOST_IN_MEMORY = 64 * 2**20
_CHUNK = 256


def image_folder(
    folder: str | Path, size: tuple[int, int] | None = None, way: str = "fill", color: str = "auto"
) -> Dataset:
    """The images of a folder, decoded once, all of one size and kind.

    Labels are the names of the folders right below, or what a `labels.csv` says; see `label_reader`. Files
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
    names = find_images(folder)
    if not names:
        raise DataError(
            f"{folder} holds no image files: {', '.join(SUFFIXES)} are looked for, at any depth."
        )
    findings, kinds, readable = Findings(), set(), []
    for name, header in _readable(folder, names, read_header, findings):
        findings.sizes[header.size] += 1
        kinds.add((header.is_color, header.bits))
        readable.append(name)
    is_color = color == "rgb" or (color == "auto" and any(in_color for in_color, _ in kinds))
    bits = 16 if all(depth == 16 for _, depth in kinds) and not is_color else 8
    size = size or _common_size(findings.sizes)

    def decode(path: Path) -> np.ndarray:
        return resize(read_image(path, is_color, bits), size, way)

    row_shape, dtype = (*size, 3 if is_color else 1), np.dtype(f"uint{bits}")
    on_disk = len(readable) * int(np.prod(row_shape)) * dtype.itemsize > _MOST_IN_MEMORY
    images = {split: _Rows(row_shape, dtype, on_disk) for split in _SPLITS}
    labels: dict[str, list[str]] = {split: [] for split in _SPLITS}
    given = {_top(name) for name in readable} == set(_SPLITS)
    label_of = label_reader(folder, given)
    digests: Counter[bytes] = Counter()
    for name, pixels in _readable(folder, readable, decode, findings):
        digest = content_digest(pixels)
        digests[digest] += 1
        split = _top(name) if given else _SPLITS[is_test(digest)]
        images[split].append(pixels)
        labels[split].append(label_of(name))
    findings.duplicates = digests.total() - len(digests)
    _check(folder, {split: len(each) for split, each in labels.items()}, findings)
    label_names = sorted({*labels["train"], *labels["test"]})
    numbers = {label: number for number, label in enumerate(label_names)}
    y_train, y_test = (np.array([numbers[label] for label in labels[split]], "int64") for split in _SPLITS)
    return Dataset(
        str(folder.absolute()),
        images["train"].array(),
        y_train,
        images["test"].array(),
        y_test,
        label_names=tuple(label_names),
        findings=findings,
        reading={"size": size, "way": way, "color": "rgb" if is_color else "grey"},
    )


def find_images(folder: Path) -> list[str]:
    """The image files in a folder of any depth, relative to it and in order; hidden ones are left out."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        visible = (name for name in files if not name.startswith("."))
        below = Path(parent).relative_to(folder)
        found += [(below / name).as_posix() for name in visible if name.lower().endswith(SUFFIXES)]
    return sorted(found)


def _top(name: str) -> str:
    """The first folder on the way to a file."""
    return name.partition("/")[0]


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
    folder: Path, names: list[str], read: Callable[[Path], Any], findings: Findings
) -> Iterator[tuple[str, Any]]:
    """Each file with what `read` makes of it, in order; those that it cannot read go into the findings."""

    def attempt(name: str) -> Any:
        try:
            return read(folder / name)
        except DataError as error:
            return error

    with ThreadPoolExecutor() as threads:
        for start in range(0, len(names), _CHUNK):
            chunk = names[start : start + _CHUNK]
            for name, found in zip(chunk, threads.map(attempt, chunk), strict=True):
                if isinstance(found, DataError):
                    findings.unreadable[name] = str(found)
                else:
                    yield name, found


def _common_size(sizes: Counter[tuple[int, int]]) -> tuple[int, int]:
    if len(sizes) == 1:
        size = next(iter(sizes))
        if max(size) <= LARGEST_AS_IT_IS:
            return size
    return DEFAULT_SIZE


def _check(folder: Path, counts: dict[str, int], findings: Findings) -> None:
    count = sum(counts.values())
    broken = ""
    if findings.unreadable:
        some = list(findings.unreadable.values())[:3]
        broken = f" {len(findings.unreadable)} files cannot be read: {' '.join(some)}"
    if count < FEWEST_IMAGES:
        raise DataError(
            f"{folder} holds {count} images that can be read, and at least {FEWEST_IMAGES} are needed to "
            f"learn anything from.{broken}"
        )
    for split, found in counts.items():
        if not found:
            raise DataError(
                f"{folder}: no image is left for the split {split!r}. Put images into folders named train "
                f"and test.{broken}"
            )
