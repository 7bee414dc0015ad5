"""The engine of one process."""

from collections.abc import Iterator, Sequence

from keras_vae.bulk.job import Done, Job
from keras_vae.bulk.parts import Part
from keras_vae.bulk.work import Worker
from keras_vae.runs import Run
from keras_vae.tasks import reporting_within


def done_here(job: Job, run: Run, parts: Sequence[Part]) -> Iterator[Done]:
    """One part after the other, in this process."""
    worker = Worker(job, run)
    before, total = 0, sum(part.rows for part in parts)
    for part in parts:
        with reporting_within(before, total):
            done = worker.do(part)
        yield done
        before += part.rows
