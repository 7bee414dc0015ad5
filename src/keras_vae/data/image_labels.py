"""The labels of the images in a folder."""

import csv
from collections.abc import Callable
from pathlib import Path

from keras_vae.errors import DataError

LABELS_FILE = "labels.csv"


def label_reader(folder: Path, splits_are_folders: bool) -> Callable[[str], str]:
    """The function from the name of an image, relative to the folder, to its label.

    `labels.csv` in the folder has the columns `file`, relative to the folder, and `label`. Without it, the
    label of an image is the folder right below in which it lies, below `train` and `test` where those are
    the splits; images right in the folder are all alike.

    Args:
        folder: of the images.
        splits_are_folders: whether the folders right below are the splits.

    Raises:
        DataError: if `labels.csv` has other columns; from the function, if it says nothing of an image.

    Example:
        >>> label_reader(Path("pets"), splits_are_folders=False)("cats/persian/1.png")
        'cats'
    """
    path = folder / LABELS_FILE
    if path.is_file():
        said = _read(path)

        def look_up(name: str) -> str:
            if name not in said:
                raise DataError(f"{path} says nothing of {name}.")
            return said[name]

        return look_up

    def folder_of(name: str) -> str:
        above = name.split("/")[1:-1] if splits_are_folders else name.split("/")[:-1]
        return above[0] if above else ""

    return folder_of


def _read(path: Path) -> dict[str, str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if not {"file", "label"} <= set(rows.fieldnames or ()):
            raise DataError(
                f"{path} must have the columns file and label. "
                f"Found: {', '.join(rows.fieldnames or ()) or 'none'}."
            )
        return {row["file"]: row["label"] for row in rows}
