"""One part → one file: what every engine does, whether here or in its workers."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.bulk.fingerprint import fingerprint
from keras_vae.bulk.job import Done, Job, checksum
from keras_vae.bulk.parts import Part, Source
from keras_vae.bulk.pieces import Piece
from keras_vae.bulk.readers import reader_for
from keras_vae.bulk.verbs import verb_for
from keras_vae.data import write_batches
from keras_vae.errors import DataError
from keras_vae.runs import Run
from keras_vae.tasks import reporting_within

#: So many of the rows that could not be read are named.
NAMED = 10


class Worker:
    """Loads a model once, and then does one part after another.

    Args:
        job: what is to be done.
        run: the run of the job, where it is loaded already.

    Raises:
        DataError: if its model is not the one that the job began with.
    """

    def __init__(self, job: Job, run: Run | None = None) -> None:
        run = run or Run(Path(job.run))
        if fingerprint(run.model, job.verb) != job.model:
            raise DataError(f"{run.folder} was trained, or calibrated, anew while its model was at work.")
        self._source, self._out = Path(job.source), Path(job.out)
        self._reader = reader_for(run, self._source)
        self._verb = verb_for(job.verb, run.model, job.options)
        self._batch_size = self._verb.batch_size(self._reader.event_shape)

    def do(self, part: Part) -> Done:
        """Write the file of a part.

        Raises:
            DataError: which names the file that cannot be read, or has changed since the work began.
        """
        self._check_unchanged(part)
        self._verb.begin(part)
        counts = _Counts()
        path = self._out / part.name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_batches(path, self._tables(part, counts))
        self._check_unchanged(part)
        return Done(
            part,
            path.stat().st_size,
            checksum(path),
            counts.items,
            counts.unreadable,
            tuple(counts.named),
            dict(counts.unknown),
            self._verb.summary(),
        )

    def _tables(self, part: Part, counts: "_Counts") -> Iterator[dict[str, Any]]:
        empty = True
        for piece in self._reader.pieces(part, self._batch_size):
            with reporting_within(counts.items, part.rows):
                columns = self._verb.columns(piece)
            counts.add(piece)
            empty = False
            yield columns
        if empty:
            none = np.empty((0, *self._reader.event_shape), "float32")
            yield self._verb.columns(Piece(np.empty(0, int), none))

    def _check_unchanged(self, part: Part) -> None:
        path = self._source / part.source.file
        if not path.is_file() or Source.of(self._source, part.source.file) != part.source:
            raise DataError(f"{path} was changed while the work was going on.")


@dataclass
class _Counts:
    items: int = 0
    unreadable: int = 0
    named: list[str] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)

    def add(self, piece: Piece) -> None:
        self.items += len(piece.rows)
        unreadable = piece.findings.unreadable
        self.unreadable += len(unreadable)
        self.named += list(unreadable.values())[: NAMED - len(self.named)]
        self.unknown.update(piece.findings.unknown)
