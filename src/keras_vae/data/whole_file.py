"""Files that are there as a whole, or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_PARTIAL = ".partial-"


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Inside it a file is written under another name in the same folder, and then gets its own.

    It gets it when its content is on the disk, so that a power cut leaves the old file or the new one, and
    never a torn one. After an error nothing is left of it, and a file that was there before stays as it
    was.

    Args:
        path: where the file should be.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     with whole_file(Path(folder, "codes.csv")) as partial:
        ...         _ = partial.write_text("z1,z2")
        ...         before = Path(folder, "codes.csv").exists()
        ...     before, [each.name for each in Path(folder).iterdir()]
        (False, ['codes.csv'])
    """
    path = Path(path).resolve()
    partial = path.with_name(f"{_PARTIAL}{os.getpid()}-{path.name}")
    try:
        yield partial
        _sync(partial)
        partial.replace(path)
        if os.name == "posix":
            _sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def remove_partials(folder: Path) -> None:
    """Remove what processes that were killed inside `whole_file` left in a folder, and below it.

    For whoever knows that nobody writes there now.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     Path(folder, ".partial-1234-codes.csv").touch()
        ...     Path(folder, "codes.csv").touch()
        ...     remove_partials(Path(folder))
        ...     [each.name for each in Path(folder).iterdir()]
        ['codes.csv']
    """
    for partial in folder.rglob(f"{_PARTIAL}*"):
        partial.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    # Windows syncs only what is open for writing, and no folders.
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
