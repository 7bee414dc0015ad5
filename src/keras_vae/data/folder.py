"""A folder of image files → a data set."""

from pathlib import Path

import numpy as np

from keras_vae.data.dataset import Dataset
from keras_vae.data.findings import Findings
from keras_vae.data.image_file import read_header
from keras_vae.data.image_files import ImageReading, find_images, readable, said_unreadable
from keras_vae.data.image_labels import ImageLabels
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
    findings, kinds, sizes = Findings(), set(), {}
    for name, header in readable(folder, find_images(folder), read_header, findings):
        kinds.add((header.is_color, header.bits))
        sizes[name] = header.size
    is_color = color == "rgb" or (color == "auto" and any(in_color for in_color, _ in kinds))
    bits = 16 if all(depth == 16 for _, depth in kinds) and not is_color else 8
    size = size or _common_size(set(sizes.values()))
    reading = ImageReading(size, is_color, bits, way)
    images = {split: Rows(reading.event_shape, reading.dtype) for split in SPLITS}
    labels: dict[str, list[str]] = {split: [] for split in SPLITS}
    said, content = ImageLabels(folder, sizes), ContentSplit()
    names, testing = [], []
    for name, pixels in readable(folder, list(sizes), reading.decode, findings):
        findings.sizes[sizes[name]] += 1
        (is_test,) = content.testing([pixels])
        split = said.split(name) or SPLITS[int(is_test)]
        images[split].append(pixels)
        labels[split].append(said.label(name))
        names.append(name)
        testing.append(split == "test")
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
        names=names,
        testing=np.array(testing, bool),
    )


def _common_size(sizes: set[tuple[int, int]]) -> tuple[int, int]:
    if len(sizes) == 1:
        (size,) = sizes
        if max(size) <= LARGEST_AS_IT_IS:
            return size
    return DEFAULT_SIZE


def _check(folder: Path, counts: dict[str, int], findings: Findings) -> None:
    count = sum(counts.values())
    broken = said_unreadable(findings)
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
