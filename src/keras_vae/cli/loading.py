"""Loading Keras, quietly, and showing that something is going on."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from keras_vae._backend import require_backend
from keras_vae.errors import KerasVaeError


@contextlib.contextmanager
def waiting(what: str, quiet: bool = False) -> Iterator[None]:
    """Keras is loaded inside; a spinner turns, and a bar follows a task through its batches.

    They show on standard error, and only if that is a terminal.
    """
    with os.fdopen(os.dup(2), "w") as stream, contextlib.ExitStack() as stack:
        progress = None
        if not quiet and stream.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
            )
            progress = stack.enter_context(Progress(*columns, console=Console(file=stream), transient=True))
            bar = progress.add_task(what, total=None)
        _load_keras()
        if progress:
            from keras_vae.tasks import reporting

            stack.enter_context(
                reporting(lambda done, total: progress.update(bar, completed=done, total=total))
            )
        yield


def _load_keras() -> None:
    """Import Keras, quietly."""
    require_backend()
    if "keras" in sys.modules:
        return
    with silent(), _unseen("matplotlib.pyplot", "pandas", "sklearn"):
        import keras  # noqa: F401


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """What libraries announce inside shows only if that fails unexpectedly: on standard error."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as announced:
        os.dup2(announced.fileno(), 2)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                yield
        except KerasVaeError:
            raise
        except BaseException:
            announced.seek(0)
            os.write(stderr, announced.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


class _Unseen(MetaPathFinder):
    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if fullname in self.names:
            raise ModuleNotFoundError(f"{fullname} is not looked at here", name=fullname)
        return None


@contextlib.contextmanager
def _unseen(*names: str) -> Iterator[None]:
    """Imports of these packages fail inside, as if they were not installed.

    Keras loads them wherever they are installed, for the sake of what no command uses: pictures of its own,
    data frames as inputs, and wrappers. That is a third of the time it takes.
    """
    finder = _Unseen(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
