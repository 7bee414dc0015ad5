"""A folder of image files → a data set."""

import os
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.data.dataset import Dataset
from keras_vae.data.findings import Findings
from keras_vae.data.image_file import SUFFIXES, read_header, read_image
from keras_vae.data.image_labels import ImageLabels
from keras_vae.data.image_size import resize
from keras_vae.data.rows import Rows
from keras_vae.data.split import SPLITS, ContentSplit
from keras_vae.errors import DataError, UnknownNameError

COLORS = ("auto", "grey", "rgb")
#: Images of one size are kept as they are up to this many pixels a side.
LARGEST_AS_IT_IS = 128
#: The size of all others, unless another is asked for.
DEFAULT_SIZE = (64, 64)
#: What is fewer is refused: nothing could be learned, and less be tested.
FEWEST_IMAGES = 20
_CHUNK = 256


def image_folder(
    folder: str | Path, size: tuple[int, int] | None = None, way: str = "fill", color: str = "auto"
) -> Dataset:
    """The images of a folder, decoded once, all of one size and kind.

    Labels and splits are what a `labels.csv` or the folders right below say, see `ImageLabels`; where
    nobody chose a split, an image's content decides, always alike, see `is_test`. Files that cannot be read
    are left out, and named in `findings`.

    Args:
        folder: where the images are, at any depth.
        size: `(height, width)` for all of them; by default their own, if it is the same for all and no more
            than 128 pixels a side, and otherwise 64 × 64.
        way: how an image of other proportions gets there: "fill", "pad" or "fit"; see `resize`.
        color: "grey", "rgb", or "auto": colour if any image has it.

    Raises:
        DataError: if there is no image, too few can be read, or `labels.csv` does not go with them.
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
    findings, kinds, sizes = Findings(), set(), {}
    for name, header in _readable(folder, names, read_header, findings):
        kinds.add((header.is_color, header.bits))
        sizes[name] = header.size
    is_color = color == "rgb" or (color == "auto" and any(in_color for in_color, _ in kinds))
    bits = 16 if all(depth == 16 for _, depth in kinds) and not is_color else 8
    size = size or _common_size(set(sizes.values()))

    def decode(path: Path) -> np.ndarray:
        return resize(read_image(path, is_color, bits), size, way)

    row_shape, dtype = (*size, 3 if is_color else 1), np.dtype(f"uint{bits}")
    images = {split: Rows(row_shape, dtype) for split in SPLITS}
    labels: dict[str, list[str]] = {split: [] for split in SPLITS}
    said, content = ImageLabels(folder, sizes), ContentSplit()
    for name, pixels in _readable(folder, list(sizes), decode, findings):
        findings.sizes[sizes[name]] += 1
        (testing,) = content.testing([pixels])
        split = said.split(name) or SPLITS[int(testing)]
        images[split].append(pixels)
        labels[split].append(said.label(name))
    findings.duplicates = content.duplicates
    _check(folder, {split: len(each) for split, each in labels.items()}, findings)
    label_names = sorted({*labels["train"], *labels["test"]})
    numbers = {label: number for number, label in enumerate(label_names)}
    y_train, y_test = (np.array([numbers[label] for label in labels[split]], "int64") for split in SPLITS)
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
            with warnings.catch_warnings():
                # Pillow warns of files that are named below, or are read all the same.
                warnings.filterwarnings("ignore", module="PIL")
                attempts = list(threads.map(attempt, chunk))
            for name, found in zip(chunk, attempts, strict=True):
                if isinstance(found, DataError):
                    findings.unreadable[name] = str(found)
                else:
                    yield name, found


def _common_size(sizes: set[tuple[int, int]]) -> tuple[int, int]:
    if len(sizes) == 1:
        (size,) = sizes
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
                f"and test, or say in the column split of labels.csv which is where.{broken}"
            )
