"""A folder of Parquet files, as Arrow, Dask, Ray and Spark write it."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from keras_vae.data.image_file import SUFFIXES as IMAGES
from keras_vae.errors import DataError

_PARQUET = ".parquet"
# Whoever writes such folders marks what is no data so, and whoever reads them leaves it out.
_HIDDEN = (".", "_")
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def is_parquet_folder(source: Any) -> bool:
    """Whether something is the path of a folder with Parquet files, at any depth.

    Raises:
        DataError: if it holds images beside them.

    Example:
        >>> is_parquet_folder("photos.zip"), is_parquet_folder({"height": [1.7]})
        (False, False)
    """
    if not isinstance(source, str | Path) or not Path(source).is_dir():
        return False
    tables, images = _of_both_kinds(Path(source))
    if tables and images:
        raise DataError(
            f"{source} holds Parquet files, such as {tables[0]}, and images, such as {images[0]}. Put them "
            "into folders of their own."
        )
    return bool(tables)


def parquet_files(folder: Path) -> list[str]:
    """The Parquet files in a folder, relative to it and in order; what starts with . or _ is left out."""
    return sorted(_of_both_kinds(folder)[0])


def partition_values(file: str) -> dict[str, str | None]:
    """What the folders of a file say of all its rows, in the way of Hive.

    Example:
        >>> partition_values("year=2024/city=S%C3%A3o Paulo/part-0.parquet")
        {'year': '2024', 'city': 'São Paulo'}
    """
    values = {}
    for folder in Path(file).parts[:-1]:
        name, equals, value = folder.partition("=")
        if equals:
            values[unquote(name)] = None if value == _NO_VALUE else unquote(value)
    return values


def _of_both_kinds(folder: Path) -> tuple[list[str], list[str]]:
    tables, images = [], []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(_HIDDEN)]
        below = Path(parent).relative_to(folder)
        for name in files:
            if name.startswith(_HIDDEN):
                continue
            if name.lower().endswith(_PARQUET):
                tables.append((below / name).as_posix())
            elif name.lower().endswith(IMAGES):
                images.append((below / name).as_posix())
    return tables, images
