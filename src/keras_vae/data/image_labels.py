"""The labels of the images in a folder."""

import csv
from pathlib import Path

import numpy as np

from keras_vae.errors import DataError

LABELS_FILE = "labels.csv"


def labels_of(
    folder: Path, members: dict[str, list[Path]], splits_are_folders: bool
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """A number for each image, and what the numbers stand for.

    `labels.csv` in the folder has the columns `file`, relative to the folder, and `label`. Without it, the
    label of an image is the folder right below in which it lies, below `train` and `test` where those are
    the splits; images right in the folder are all alike.

    Args:
        folder: of the images.
        members: the images of each split.
        splits_are_folders: whether the folders right below are the splits.

    Raises:
        DataError: if `labels.csv` has other columns, or says nothing of an image.
    """
    said = _read(folder / LABELS_FILE) if (folder / LABELS_FILE).is_file() else None

    def name(path: Path) -> str:
        relative = path.relative_to(folder)
        if said is not None:
            if relative.as_posix() not in said:
                raise DataError(f"{folder / LABELS_FILE} says nothing of {relative.as_posix()}.")
            return said[relative.as_posix()]
        above = relative.parts[1:-1] if splits_are_folders else relative.parts[:-1]
        return above[0] if above else ""

    found = {split: [name(path) for path in paths] for split, paths in members.items()}
    names = tuple(sorted({each for labels in found.values() for each in labels}))
    index = {each: number for number, each in enumerate(names)}
    return {
        split: np.array([index[each] for each in labels], "int64") for split, labels in found.items()
    }, names


def _read(path: Path) -> dict[str, str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if not {"file", "label"} <= set(rows.fieldnames or ()):
            raise DataError(
                f"{path} must have the columns file and label. "
                f"Found: {', '.join(rows.fieldnames or ()) or 'none'}."
            )
        return {row["file"]: row["label"] for row in rows}
