"""A folder of Parquet files → a folder of results."""

import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from keras_vae.bulk.files import is_parquet_folder
from keras_vae.bulk.fingerprint import fingerprint
from keras_vae.bulk.here import done_here
from keras_vae.bulk.job import Done, Job
from keras_vae.bulk.on_ray import check_ray, done_on_ray
from keras_vae.bulk.outcome import Outcome
from keras_vae.bulk.parts import Part, find_parts
from keras_vae.bulk.progress import Progress
from keras_vae.bulk.readers import reader_for
from keras_vae.bulk.verbs import VERBS
from keras_vae.data import remove_partials
from keras_vae.errors import DataError, InvalidArgumentError, StoppedError, UnknownNameError
from keras_vae.runs import Run
from keras_vae.runs.lock import locked

ENGINES = ("local", "ray")


def process(
    run: Run,
    source: str | Path,
    out: str | Path,
    verb: str,
    options: dict[str, Any] | None = None,
    engine: str = "local",
    workers: int | None = None,
    began: Callable[[Outcome, int], None] | None = None,
) -> Outcome:
    """Embed or score all rows of a folder of Parquet files, in memory that does not grow with them.

    Each file becomes one of the same name below `out`, or several if it is large, each of which is there as
    a whole or not at all. What is there already, from a process that was killed or of a folder that has
    grown, is kept.

    Args:
        run: a finished run.
        source: the folder, of any depth.
        out: the folder of the results; it is made, or holds some of them already.
        verb: "embed" or "score".
        options: of the verb: arguments of `Embedding` or `Scoring`.
        engine: "local" for this process, or "ray" for as many as there are workers.
        workers: how many, on Ray; else one a CPU.
        began: is called with what is done already, and the number of all parts, before the work begins.

    Raises:
        DataError: if a file cannot be read, or holds other columns than the model takes; if `out` holds
            parts of another model, with other settings, or of files that have changed since. What was done
            stays.
        PackageMissingError: if Ray is not installed.
        InvalidArgumentError: if `out` holds something else.
        UnknownNameError: if there is no such engine or verb.
        RunBusyError: if another process writes there.
        StoppedError: after Ctrl-C.
    """
    if engine not in ENGINES:
        raise UnknownNameError("engine", engine, ENGINES)
    if verb not in VERBS:
        raise UnknownNameError("verb", verb, VERBS)
    if workers is not None and (engine != "ray" or workers < 1):
        raise InvalidArgumentError(
            f"--workers goes with --engine ray, and is at least 1. Received: {workers}"
        )
    if engine == "ray":
        check_ray()
    source, out = Path(source).absolute(), Path(out).absolute()
    if not is_parquet_folder(source):
        raise DataError(f"{source} is no folder with Parquet files.")
    parts = find_parts(source, reader_for(run, source).check)
    model = fingerprint(run.model, verb)
    job = Job(str(run.folder.absolute()), str(source), str(out), verb, options or {}, model)
    out.mkdir(parents=True, exist_ok=True)
    with locked(out, "is writing"):
        progress = Progress(job, parts)
        if began is not None:
            began(progress.outcome, len(parts))
        left = [part for part in parts if part not in progress]
        try:
            for done in _done(job, run, left, engine, workers) if left else ():
                progress.add(done)
        except KeyboardInterrupt:
            raise StoppedError(
                f"Stopped: {progress.outcome.parts:,} of {len(parts):,} parts are written, and stay. The "
                "same command goes on with the others.",
                signal.SIGINT,
            ) from None
        remove_partials(out)  # of workers that died
    return progress.outcome


def _done(job: Job, run: Run, parts: Sequence[Part], engine: str, workers: int | None) -> Iterator[Done]:
    return done_on_ray(job, parts, workers) if engine == "ray" else done_here(job, run, parts)
