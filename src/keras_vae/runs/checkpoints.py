"""The state of a training on disk: two generations, each with the checksum of its content."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.runs.written import written

_FIRST_LINE = b"keras-vae checkpoint 1\n"
_NOTES = "notes"


@dataclass(frozen=True)
class State:
    """What a training is made of at one moment.

    Args:
        notes: what JSON can hold.
        arrays: the rest, by name.
    """

    notes: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """It as bytes, for `decoded`."""
        payload = io.BytesIO()
        notes = np.frombuffer(json.dumps(self.notes).encode(), "uint8")
        np.savez(payload, **{_NOTES: notes}, **self.arrays)  # type: ignore[arg-type]
        return payload.getvalue()

    @classmethod
    def decoded(cls, content: bytes) -> "State":
        """What was `encoded`.

        Example:
            >>> state = State.decoded(State({"step": 2}, {"weights": np.ones(3)}).encoded())
            >>> state.notes, state.arrays["weights"].tolist()
            ({'step': 2}, [1.0, 1.0, 1.0])
        """
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            loaded = {name: arrays[name] for name in arrays.files}
        return cls(json.loads(loaded.pop(_NOTES).tobytes()), loaded)


def encoded(state: State | None) -> bytes:
    """A state, or that there is none, as bytes for `decoded`."""
    return b"" if state is None else state.encoded()


def decoded(content: bytes) -> State | None:
    """What was `encoded`."""
    return State.decoded(content) if content else None


class Checkpoints:
    """The checkpoints of a run: a new one takes the place of the last but one.

    Args:
        folder: where they are; made when the first is written.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     checkpoints = Checkpoints(Path(folder, "checkpoints"))
        ...     for step in (1, 2, 3):
        ...         checkpoints.write(State({"step": step}, {"weights": np.zeros(2)}))
        ...     newest, damaged = checkpoints.newest()
        ...     newest.notes["step"], damaged, sorted(each.name for each in checkpoints.folder.iterdir())
        (3, {}, ['1.checkpoint', '2.checkpoint'])
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._number = 0

    def write(self, state: State) -> None:
        """Write a checkpoint; the one before stays.

        Raises:
            RunError: if that fails. What was there before is as it was.
        """
        content = State({"number": self._number, **state.notes}, state.arrays).encoded()
        path = self._paths[self._number % 2]
        with written(path) as partial:
            self.folder.mkdir(exist_ok=True)
            with partial.open("wb") as file:
                file.write(_FIRST_LINE)
                file.write(hashlib.sha256(content).hexdigest().encode() + b"\n")
                file.write(content)
        self._number += 1

    def newest(self) -> tuple[State | None, dict[Path, str]]:
        """The newest checkpoint that is whole, if there is one; and what is wrong with those that are not.

        The next one to be written does not take its place.
        """
        found, damaged = [], {}
        for path in self._paths:
            try:
                found.append(_read(path))
            except FileNotFoundError:
                continue
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                damaged[path] = str(error)
        if not found:
            return None, damaged
        newest = max(found, key=lambda state: state.notes["number"])
        self._number = newest.notes["number"] + 1
        return newest, damaged

    def remove(self) -> None:
        """Remove them all, and their folder if there is nothing else in it."""
        for path in self._paths:
            path.unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    @property
    def _paths(self) -> tuple[Path, Path]:
        return self.folder / "1.checkpoint", self.folder / "2.checkpoint"


def _read(path: Path) -> State:
    with path.open("rb") as file:
        if file.readline(len(_FIRST_LINE)) != _FIRST_LINE:
            raise ValueError("it is no checkpoint of this release")
        checksum = file.readline(65).strip()
        content = file.read()
    if hashlib.sha256(content).hexdigest().encode() != checksum:
        raise ValueError("its content is not what its checksum says")
    return State.decoded(content)
