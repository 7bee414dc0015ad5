"""What is done already, in a file beside the results: a process that is killed goes on from there."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from keras_vae.bulk.job import Done, Job
from keras_vae.bulk.outcome import Outcome
from keras_vae.bulk.parts import Part
from keras_vae.data import remove_partials
from keras_vae.errors import DataError, InvalidArgumentError
from keras_vae.plain import plain
from keras_vae.runs.written import written

#: Beside the results. Whoever reads a folder of Parquet files leaves out what starts with _.
PROGRESS = "_progress.jsonl"
_FORMAT = 1
_ANEW = "Choose another --out, or remove it to begin anew."


class Progress:
    """The parts that are done: a line of JSON each, below one that says with which model and settings.

    What a process that was killed left half-written is removed, and a part whose file is gone or damaged
    counts as not done.

    Args:
        job: what is to be done.
        parts: of which parts.

    Raises:
        InvalidArgumentError: if the folder holds something else.
        DataError: if the parts in it are of another model, with other settings, or of files that are gone
            or have changed since.
    """

    def __init__(self, job: Job, parts: Sequence[Part]) -> None:
        self.outcome = Outcome()
        self._folder = Path(job.out)
        self._path = self._folder / PROGRESS
        self._parts = {part.name: part for part in parts}
        self._files = {part.source.file for part in parts}
        self._done: set[str] = set()
        head = plain({"format": _FORMAT, "verb": job.verb, "model": job.model, "options": job.options})
        is_new = not self._path.is_file()
        if is_new:
            self._check_empty()
        remove_partials(self._folder)
        with written(self._path) as partial, partial.open("w", encoding="utf-8") as file:
            file.write(f"{json.dumps(head)}\n")
            for done in () if is_new else self._read(head):
                file.write(f"{done.to_json()}\n")
                self._count(done)
        self.outcome.kept = len(self._done)

    def __contains__(self, part: Part) -> bool:
        return part.name in self._done

    def add(self, done: Done) -> None:
        """Note that a part is written."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{done.to_json()}\n")
        self._count(done)

    def _count(self, done: Done) -> None:
        self._done.add(done.part.name)
        self.outcome.add(done)

    def _check_empty(self) -> None:
        others = [each.name for each in self._folder.iterdir() if not each.name.startswith(".")]
        if others:
            raise InvalidArgumentError(
                f"--out {self._folder} holds other files, such as {min(others)}. Choose another folder."
            )

    def _read(self, head: dict[str, Any]) -> Iterator[Done]:
        """The parts that are done, and whole."""
        with self._path.open(encoding="utf-8") as file:
            self._check_head(self._parsed(file.readline()), head)
            for line in file:
                if not line.endswith("\n"):
                    return  # A process was killed while it wrote this.
                try:
                    done = Done.from_json(line)
                except (ValueError, KeyError, TypeError) as error:
                    raise self._damaged(error) from error
                self._check_part(done.part)
                if done.is_whole(self._folder):
                    yield done

    def _parsed(self, line: str) -> dict[str, Any]:
        try:
            return dict(json.loads(line))
        except (ValueError, TypeError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> DataError:
        return DataError(f"{self._path} was changed or damaged: {error}. {_ANEW}")

    def _check_head(self, found: dict[str, Any], wanted: dict[str, Any]) -> None:
        differing = [name for name in wanted if found.get(name) != wanted[name]]
        if not differing:
            return
        before = {
            "format": "was written by another release",
            "verb": f"holds the results of `vae {found.get('verb')}`",
            "model": "holds the results of another model",
            "options": "holds results of other settings: "
            + _differences(found.get("options", {}), wanted["options"]),
        }
        raise DataError(f"{self._folder} {before[differing[0]]}. {_ANEW}")

    def _check_part(self, part: Part) -> None:
        file = part.source.file
        if file not in self._files:
            raise DataError(
                f"{self._folder} holds the results of {file}, which is not there any more. {_ANEW}"
            )
        if self._parts.get(part.name) != part:
            raise DataError(f"{file} has changed since its results in {self._folder} were written. {_ANEW}")


def _differences(found: dict[str, Any], wanted: dict[str, Any]) -> str:
    return ", ".join(
        f"{name} was {found.get(name)} and is {wanted.get(name)}"
        for name in sorted({*found, *wanted})
        if found.get(name) != wanted.get(name)
    )
