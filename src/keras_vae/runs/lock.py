"""One process at a time writes into a run folder."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from keras_vae.errors import RunBusyError, RunError

LOCK = ".lock"


@contextlib.contextmanager
def locked(folder: Path, doing: str = "is training") -> Iterator[None]:
    """Inside it the folder is this process's own.

    The operating system holds the lock, and takes it back when the process ends, however that happens: no
    stale lock stays behind.

    Args:
        folder: of a run, or of other results; it exists.
        doing: what another process, which has it, is said to do there.

    Raises:
        RunBusyError: if another process has it.
        RunError: if nothing can be written there.
    """
    path = folder / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise RunError(f"The folder {folder} cannot be written to: {error}") from error
    try:
        if not (_take(descriptor) and _is_at(descriptor, path)):
            raise RunBusyError(
                f"Another process {doing} in {folder}. Wait for it to end, or choose another --out."
            )
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the file is still there: whoever had the lock before may have removed it."""
    return path.exists() and os.path.samestat(os.fstat(descriptor), path.stat())


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
