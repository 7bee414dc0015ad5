"""What is to be done, and what was: as it travels between processes, and is kept."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keras_vae.bulk.parts import Part, Source
from keras_vae.plain import plain


@dataclass(frozen=True)
class Job:
    """What is to be done, in terms that reach another process.

    Args:
        run: the folder of a finished run.
        source: the folder of Parquet files.
        out: the folder of the results.
        verb: a name of `VERBS`.
        options: its arguments.
        model: the fingerprint of the model.
    """

    run: str
    source: str
    out: str
    verb: str
    options: dict[str, Any]
    model: str


@dataclass(frozen=True)
class Done:
    """A part that is written.

    Args:
        part: what it was made of.
        size: of its file, in bytes.
        sha256: of its file.
        items: how many rows were embedded or scored.
        unreadable: how many could not be read.
        named: some of those, and why.
        unknown: how many entries of a column are categories that the model does not know.
        summary: what its verb says of it.
    """

    part: Part
    size: int
    sha256: str
    items: int
    unreadable: int = 0
    named: tuple[str, ...] = ()
    unknown: dict[str, int] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """One line of text."""
        return json.dumps(plain(dataclasses.asdict(self)), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Done":
        """The way back from `to_json`.

        Raises:
            ValueError: if it is something else; or KeyError, or TypeError.
        """
        content = json.loads(text)
        return cls(**{**content, "part": part_of(content["part"]), "named": tuple(content["named"])})

    def is_whole(self, folder: Path) -> bool:
        """Whether its file is still what was written."""
        path = folder / self.part.name
        return path.is_file() and path.stat().st_size == self.size and checksum(path) == self.sha256


def part_of(content: dict[str, Any]) -> Part:
    """A part from what `dataclasses.asdict` made of it, also by way of JSON."""
    groups = tuple(content["row_groups"])
    return Part(**{**content, "source": Source(**content["source"]), "row_groups": groups})


def checksum(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
