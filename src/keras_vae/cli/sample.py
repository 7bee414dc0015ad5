"""`vae sample`."""

from pathlib import Path
from typing import Annotated

import typer

from keras_vae.cli.conditions import Condition, asked, suffix
from keras_vae.cli.loading import waiting
from keras_vae.cli.options import (
    ARRAYS,
    FOLDERS,
    PICTURES,
    TABLES,
    Quiet,
    RunFolder,
    Seed,
    example,
    out_option,
)
from keras_vae.cli.output import write_result, write_rows


@example("vae sample runs/digits -n 64 --out samples.png")
def sample(
    run: RunFolder,
    num_samples: Annotated[
        int, typer.Option("--num-samples", "-n", help="How many images, or rows of a table.")
    ] = 64,
    condition: Condition = None,
    seed: Seed = 0,
    out: Annotated[
        Path | None, out_option(PICTURES + ARRAYS + TABLES + FOLDERS, "sample-N-seedS.png")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Generate new images from the prior, or new rows of a table in its own types."""
    with waiting("sampling", quiet):
        from keras_vae import plots, runs, tasks

        finished = runs.Run(run)
        given = asked(finished.model, condition)
        examples = tasks.sample(finished.model, num_samples, seed, given, draw=finished.schema is not None)
        described = finished.description["data"]
    name = f"sample-{num_samples}-seed{seed}{suffix(condition)}"
    if finished.schema is not None:
        write_rows(out or finished.tables / f"{name}.csv", finished.schema, examples, quiet, given)
    else:
        write_result(
            out or finished.pictures / f"{name}.png",
            examples,
            lambda: plots.plot_images(examples, described["value_range"]),
            quiet,
            described,
        )
