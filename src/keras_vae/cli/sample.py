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
    Data,
    Json,
    Quiet,
    RunFolder,
    Seed,
    example,
    out_option,
    run_data,
)
from keras_vae.cli.output import write_result, write_rows
from keras_vae.errors import InvalidArgumentError


@example("vae sample runs/digits -n 64 --out samples.png")
def sample(
    run: RunFolder,
    data: Data = None,
    num_samples: Annotated[
        int, typer.Option("--num-samples", "-n", help="How many images, or rows of a table.")
    ] = 64,
    condition: Condition = None,
    temperature: Annotated[
        float,
        typer.Option(
            metavar="T",
            help="Multiplies the standard deviation of the latents: below 1, what is made is more typical "
            "and varies less.",
        ),
    ] = 1.0,
    density: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Draw latents from a mixture of N normals, fitted to the codes of DATA's training "
            "examples, in place of the prior.",
            show_default=False,
        ),
    ] = None,
    seed: Seed = 0,
    out: Annotated[
        Path | None, out_option(PICTURES + ARRAYS + TABLES + FOLDERS, "sample-N-seedS.png")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Generate new images from the prior, or new rows of a table in its own types.

    DATA is read for --density alone.
    """
    if data is not None and density is None:
        raise InvalidArgumentError(
            f"Samples of the prior need no data: add --density N, or leave out {data}."
        )
    with waiting("sampling", quiet):
        from keras_vae import plots, runs, tasks

        finished = runs.Run(run)
        given = asked(finished.model, condition)
        codes = None
        if density is not None:
            seen = run_data(finished, data).inputs("train", finished.model.condition_names)
            codes = tasks.fit_density(finished.model, seen, density)
        examples = tasks.sample(
            finished.model,
            num_samples,
            seed,
            given,
            draw=finished.schema is not None,
            temperature=temperature,
            density=codes,
        )
        described = finished.description["data"]
    name = f"sample-{num_samples}-seed{seed}"
    name += f"-temperature{temperature:g}" if temperature != 1.0 else ""
    name += f"-density{density}" if density is not None else ""
    name += suffix(condition)
    if finished.schema is not None:
        target = out or finished.tables / f"{name}.csv"
        write_rows(target, finished.schema, examples, quiet, given, json=json)
    else:
        write_result(
            out or finished.pictures / f"{name}.png",
            examples,
            lambda: plots.plot_images(examples, described["value_range"]),
            quiet,
            described,
            json,
        )
