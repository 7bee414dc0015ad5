"""Files that are there as a whole, or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Inside it a file is written under another name in the same folder, and then gets its own.

    After an error nothing is left of it, and a file that was there before stays as it was.

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
    partial = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
