"""What a person says of the images in a folder: their labels, and their splits."""

import csv
from collections.abc import Iterable
from pathlib import Path

from keras_vae.data.split import SPLITS
from keras_vae.errors import DataError

LABELS_FILE = "labels.csv"


class ImageLabels:
    """The labels of the images in a folder, and their splits where a person chose them.

    `labels.csv` in the folder has the column `file`, relative to the folder, with `label`, `split` or both.
    Without labels there, the label of an image is the folder right below in which it lies, below `train`
    and `test` where those are the splits; images right in the folder are all alike. Without splits there,
    folders `train` and `test` right below are the splits, if those are all there is.

    Args:
        folder: of the images.
        names: of the images, relative to the folder.

    Raises:
        DataError: if `labels.csv` cannot be read, has other columns, or names another split than train
            and test.

    Example:
        >>> labels = ImageLabels(Path("pets"), ["cats/persian/1.png", "dogs/2.png"])
        >>> labels.label("cats/persian/1.png"), labels.split("cats/persian/1.png")
        ('cats', None)
    """

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self._path = folder / LABELS_FILE
        self._splits_are_folders = {_top(name) for name in names} == set(SPLITS)
        self._said = _read(self._path) if self._path.is_file() else {}

    def label(self, name: str) -> str:
        """The label of an image.

        Raises:
            DataError: if `labels.csv` has labels, and none of this image.
        """
        if "label" in self._said:
            return self._look_up("label", name)
        above = name.split("/")[1:-1] if self._splits_are_folders else name.split("/")[:-1]
        return above[0] if above else ""

    def split(self, name: str) -> str | None:
        """The split that an image was put into, "train" or "test"; `None` where nobody chose.

        Raises:
            DataError: if `labels.csv` has splits, and none of this image.
        """
        if "split" in self._said:
            return self._look_up("split", name)
        return _top(name) if self._splits_are_folders else None

    def _look_up(self, column: str, name: str) -> str:
        if name not in self._said[column]:
            raise DataError(f"{self._path} says nothing of {name}.")
        return self._said[column][name]


def _top(name: str) -> str:
    """The first folder on the way to a file."""
    return name.partition("/")[0]


def _read(path: Path) -> dict[str, dict[str, str]]:
    """By column what is said of each file."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            found, rows = reader.fieldnames or (), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}. Save it as CSV in UTF-8.") from error
    columns = [column for column in ("label", "split") if column in found]
    if "file" not in found or not columns:
        raise DataError(
            f"{path} must have the columns file and label, file and split, or all three. "
            f"Found: {', '.join(found) or 'none'}."
        )
    said = {column: {row["file"]: row[column] or "" for row in rows} for column in columns}
    for name, split in said.get("split", {}).items():
        if split not in SPLITS:
            raise DataError(
                f"{path} puts {name} into the split {split!r}: each file must be in train or test."
            )
    return said
