"""What `vae embed` and `vae score` do with a folder of Parquet files."""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_vae.cli.loading import silent, waiting
from keras_vae.cli.options import FOLDERS, checked, has_ending, say_left_out, say_unknown
from keras_vae.errors import InvalidArgumentError, RunError

if TYPE_CHECKING:
    from keras_vae.bulk import Outcome
    from keras_vae.runs import Run

_DOING = {"embed": "embedding", "score": "scoring"}

Engine = Annotated[
    str | None,
    typer.Option(
        help="For a folder of Parquet files: local, in this process, or ray, on Ray Data: in the cluster "
        "that RAY_ADDRESS names, or on this machine. [default: local]",
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(metavar="N", help="Processes on Ray. [default: one a CPU]", show_default=False),
]


def is_in_parts(
    data: str | None, out: Path | None, kinds: tuple[str, ...], engine: str | None, workers: int | None
) -> bool:
    """Whether the data are a folder of Parquet files, and so the results; else these are a file.

    Raises:
        InvalidArgumentError: if an option is for the one, and the data are the other.
    """
    from keras_vae.bulk import is_parquet_folder

    if is_parquet_folder(data):
        if out is not None and not has_ending(out, FOLDERS):
            raise InvalidArgumentError(
                f"--out {out}: a folder of Parquet files becomes a folder, too. Give it no ending."
            )
        return True
    for option, value in (("--engine", engine), ("--workers", workers)):
        if value is not None:
            raise InvalidArgumentError(
                f"{option} is for a folder of Parquet files. Received: {data or 'the data of the run'}"
            )
    checked(kinds)(out)
    return False


def write_parts(
    finished: "Run",
    data: str,
    out: Path,
    verb: str,
    options: dict[str, Any],
    engine: str | None,
    workers: int | None,
    quiet: bool,
    json: bool,
) -> "Outcome":
    """Do it, and say what was there already, what could not be read, and where the results are."""
    from keras_vae import bulk

    with (
        waiting(_DOING[verb], quiet),
        os.fdopen(os.dup(2), "w") as stderr,
        silent() if engine == "ray" else contextlib.nullcontext(),
    ):

        def began(outcome: "Outcome", parts: int) -> None:
            if outcome.kept and not quiet:
                said = f"{outcome.kept:,} of {parts:,} parts are in {out} already, and stay."
                typer.echo(said, file=stderr)
                stderr.flush()

        try:
            outcome = bulk.process(finished, data, out, verb, options, engine or "local", workers, began)
        except OSError as error:
            raise RunError(f"{out} cannot be written: {error}") from error
    if not (quiet or json):
        typer.echo(f"Wrote {out}")
    say_left_out(outcome.named, outcome.unreadable)
    say_unknown(outcome.unknown)
    return outcome


def described(outcome: "Outcome", folder: Path) -> dict[str, Any]:
    """What `--json` says of it."""
    return {
        "items": outcome.items,
        "folder": str(folder),
        "parts": outcome.parts,
        "kept": outcome.kept,
        "unreadable": outcome.unreadable,
        "unknown": dict(outcome.unknown),
    }
