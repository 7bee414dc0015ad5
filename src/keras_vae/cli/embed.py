"""`vae embed`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_vae.cli.in_parts import Engine, Workers, described, is_in_parts, write_parts
from keras_vae.cli.loading import waiting
from keras_vae.cli.options import (
    ARRAYS,
    FOLDERS,
    TABLES,
    Data,
    Json,
    Quiet,
    RunFolder,
    Seed,
    example,
    has_ending,
    out_option,
    run_items,
)
from keras_vae.cli.output import print_json, writing
from keras_vae.cli.train import stem
from keras_vae.errors import InvalidArgumentError

if TYPE_CHECKING:
    import numpy as np

    from keras_vae.data import Items


@example("vae embed runs/digits photos/ --out codes.parquet")
def embed(
    run: RunFolder,
    data: Data = None,
    samples: Annotated[
        int | None,
        typer.Option(
            metavar="K",
            help="Write K samples of each posterior, a row each. [default: its mean]",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, out_option(TABLES + ARRAYS + FOLDERS, "RUN/tables/embed.csv", "parts")
    ] = None,
    engine: Engine = None,
    workers: Workers = None,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the latent code of every image or row. Each has its name, and its label where that is known.

    An .npy file holds the codes alone. A folder of Parquet files becomes a folder of them, in memory that
    does not grow with the rows; the same command goes on with one that was stopped.
    """
    if samples is not None and samples < 1:
        raise InvalidArgumentError(f"--samples must be at least 1. Received: {samples}")
    with waiting("reading", quiet):
        from keras_vae import runs, tasks

        finished = runs.Run(run)
        in_parts = is_in_parts(data, out, TABLES + ARRAYS, engine, workers)
        items = None if in_parts else run_items(finished, data)
    of_data = f"-{stem(str(Path(data).absolute()))}" if data else ""
    drawn = f"-{samples}-seed{seed}" if samples else ""
    target = out or finished.tables / f"embed{of_data}{drawn}{'' if in_parts else '.csv'}"
    found: dict[str, Any] = {"latent_dim": finished.model.latent_dim, "samples": samples}
    if items is None:
        assert data is not None
        options = {"num_samples": samples, "seed": seed}
        outcome = write_parts(finished, data, target, "embed", options, engine, workers, quiet, json)
        found = described(outcome, target) | found
    else:
        with writing(target, quiet or json), waiting("embedding", quiet):
            inputs = items.inputs(finished.model.condition_names)
            codes = tasks.embed_batches(finished.model, inputs, samples, seed)
            _write(target, items, codes)
        found = {
            "items": len(items),
            **found,
            "file": str(target),
            "unreadable": items.findings.unreadable,
            "unknown": items.findings.unknown,
        }
    if json:
        print_json(found)


def _write(target: Path, items: "Items", codes: "Iterator[np.ndarray]") -> None:
    from keras_vae.data import write_array, write_batches

    if has_ending(target, ARRAYS):
        write_array(target, codes, len(items))
    else:
        write_batches(target, _tables(items, codes))


def _tables(items: "Items", codes: "Iterator[np.ndarray]") -> Iterator[dict[str, Any]]:
    """The names of the items beside their codes, a batch at a time."""
    from keras_vae.runs.result_columns import code_columns

    start = 0
    for batch in codes:
        yield code_columns(items.identity(slice(start, start + len(batch))), batch)
        start += len(batch)
