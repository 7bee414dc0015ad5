"""The runs that the page shows, those it trains, and what was dropped for them."""

import itertools
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from keras_vae.errors import InvalidArgumentError, RunError, RunNotFoundError
from keras_vae.explorer.opened import OpenedRun
from keras_vae.explorer.preparation import MOST_ITEMS, Preparation
from keras_vae.plain import plain
from keras_vae.runs import Run, is_unfinished, next_folder
from keras_vae.runs.folder import read_history
from keras_vae.runs.json_file import read_json
from keras_vae.runs.lock import LOCK
from keras_vae.runs.names import DESCRIPTION, HISTORY, MODEL

DROPPED = "dropped"
MOST_BYTES = 2 * 1024**3
# What a training still says when it is stopped takes no longer than this, in seconds.
_LAST_WORDS = 60.0


@dataclass
class _Entry:
    folder: Path
    source: Any = None
    opened: OpenedRun | None = None
    training: subprocess.Popen | None = None
    log: Path | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Workspace:
    """Runs by name.

    Args:
        folder: where new runs go; finished ones that are there are shown, too.
        limit: how many items of a run are shown at most.
    """

    def __init__(self, folder: Path = Path("runs"), limit: int = MOST_ITEMS) -> None:
        self.folder = Path(folder)
        self.limit = limit
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def add(self, folder: Path, source: Any = None) -> str:
        """Show a run, of another source of items if one is named; returns what it is called here."""
        name = folder.resolve().name
        with self._lock:
            self._entries[name] = _Entry(folder, source)
        return name

    def names(self) -> list[str]:
        """Those that were named first, then what lies in the folder."""
        found = list(self._entries)
        if self.folder.is_dir():
            found += sorted(
                each.name
                for each in self.folder.iterdir()
                if each.name not in self._entries and (each / DESCRIPTION).is_file()
            )
        return found

    def state(self, name: str) -> dict[str, Any]:
        """Whether it is "training", "finished", "stopped" or "failed", and what it said if it failed."""
        entry = self._entry(name)
        if entry.training is not None and entry.training.poll() is None:
            return {"state": "training"}
        if entry.training is not None and entry.training.returncode not in (0, 130, 143):
            return {"state": "failed", "message": _last_line(entry.log)}
        if is_unfinished(entry.folder):
            return {"state": "training" if (entry.folder / LOCK).exists() else "stopped"}
        if not (entry.folder / MODEL).is_file():
            return {"state": "training" if entry.training is None else "stopped"}
        return {"state": "finished"}

    def folder_of(self, name: str) -> Path:
        """Where a run is."""
        return self._entry(name).folder

    def progress_of(self, name: str) -> dict[str, Any]:
        """What a training, at its end or before, says of itself: its settings, and its history so far."""
        folder = self._entry(name).folder
        described = read_json(folder / DESCRIPTION) if (folder / DESCRIPTION).is_file() else {}
        history = read_history(folder / HISTORY) if (folder / HISTORY).is_file() else {}
        return {
            "settings": described.get("settings", {}),
            "data": described.get("data", {}),
            "history": plain(history),
        }

    def opened(self, name: str) -> OpenedRun:
        """A finished run to look at; the first time, that begins its preparation."""
        entry = self._entry(name)
        with entry.lock:
            if entry.opened is None:
                entry.opened = OpenedRun(Preparation(Run(entry.folder), entry.source, self.limit))
        return entry.opened

    # What is dropped, and trained.

    def new_drop(self) -> str:
        """A name under which files can be put."""
        with self._lock:
            root = self.folder / DROPPED
            name = next(name for name in (f"drop-{n}" for n in self._numbers) if not (root / name).exists())
            (root / name).mkdir(parents=True)
        return name

    def drop(self, name: str) -> Path:
        """The folder of what was dropped under that name."""
        folder = self.folder / DROPPED / name
        if not re.fullmatch(r"drop-\d+", name) or not folder.is_dir():
            raise RunNotFoundError(f"Nothing was dropped under the name {name!r}.")
        return folder

    def place(self, name: str, path: str) -> Path:
        """Where a dropped file goes; its folders are made.

        Raises:
            InvalidArgumentError: if its path leads elsewhere.
        """
        parts = PurePosixPath(path).parts
        if not parts or any(part in ("..", "/", "") or "\\" in part or "\0" in part for part in parts):
            raise InvalidArgumentError(f"{path!r} is no path of a dropped file.")
        target = self.drop(name).joinpath(*parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidArgumentError(f"{path!r} cannot be kept: {error.strerror}") from error
        return target

    def data_of(self, name: str) -> Path:
        """What a person dropped: a single table or array file, or a folder of images."""
        folder = self.drop(name)
        files = [each for each in sorted(folder.rglob("*")) if each.is_file()]
        if not files:
            raise InvalidArgumentError("Nothing was dropped.")
        if len(files) == 1:
            return files[0]
        while len(inner := list(folder.iterdir())) == 1 and inner[0].is_dir():
            folder = inner[0]
        return folder

    def train(self, data: str | Path, options: list[str]) -> str:
        """Begin a training, by the command, and return what its run is called."""
        with self._lock:
            stem = re.sub(r"[^\w.-]+", "-", Path(data).name.partition(".")[0]) or "data"
            folder = next_folder(stem, self.folder)
            folder.mkdir(parents=True)
            log = folder.with_name(f".{folder.name}.log")
            command = [sys.executable, "-m", "keras_vae", "train", str(data), *options]
            with log.open("w") as output:
                training = subprocess.Popen(
                    [*command, "--out", str(folder), "--frames", "--quiet"],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self._entries[folder.name] = _Entry(folder, training=training, log=log)
        return folder.name

    def stop(self, name: str) -> None:
        """Ask a training of this page to end after its step; it keeps a checkpoint."""
        training = self._entry(name).training
        if training is None or training.poll() is not None:
            raise RunError(f"{name} is not in training here.")
        training.send_signal(signal.SIGTERM)

    def close(self) -> list[str]:
        """Stop what is prepared and trained here, and return what trainings say of how to go on."""
        for entry in self._entries.values():
            if entry.opened:
                entry.opened.prepared.close()
        running = [
            each for each in self._entries.values() if each.training and each.training.poll() is None
        ]
        for each in running:
            each.training.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
        said = []
        for each in running:
            try:
                each.training.wait(_LAST_WORDS)  # type: ignore[union-attr]
            except subprocess.TimeoutExpired:
                each.training.kill()  # type: ignore[union-attr]
            said.append(_last_line(each.log))
        return said

    def _entry(self, name: str) -> _Entry:
        with self._lock:
            if name not in self._entries:
                folder = self.folder / name
                if name not in self.names():
                    raise RunNotFoundError(f"There is no run {name!r} here.")
                self._entries[name] = _Entry(folder)
            return self._entries[name]


def _last_line(log: Path | None) -> str:
    if log is None or not log.is_file():
        return ""
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].removeprefix("vae: ") if lines else ""
