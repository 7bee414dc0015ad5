"""Files of a run, written as a whole or not at all."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from keras_vae.data import whole_file
from keras_vae.errors import RunWriteError


@contextlib.contextmanager
def written(path: Path) -> Iterator[Path]:
    """`whole_file`, for a file of a run.

    Raises:
        RunWriteError: if it cannot be written.
    """
    try:
        with whole_file(path) as partial:
            yield partial
    except OSError as error:
        raise RunWriteError(f"{path} cannot be written: {error}") from error
