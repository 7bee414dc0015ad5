"""`vae map` and `vae grid`."""

from pathlib import Path
from typing import Annotated

import typer

from keras_vae.cli.conditions import Condition, asked, suffix
from keras_vae.cli.loading import waiting
from keras_vae.cli.options import (
    ARRAYS,
    PICTURES,
    Data,
    Json,
    Quiet,
    RunFolder,
    example,
    out_option,
    run_data,
)
from keras_vae.cli.output import write_result
from keras_vae.errors import InvalidArgumentError


@example("vae map runs/digits --out map.png")
def map_(
    run: RunFolder,
    data: Data = None,
    out: Annotated[Path | None, out_option(PICTURES + ARRAYS, "map.png")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw where test data lie in the latent space. They are coloured by label."""
    with waiting("embedding", quiet):
        from keras_vae import plots, runs, tasks

        finished = runs.Run(run)
        dataset = run_data(finished, data)
        plane = tasks.latent_map(finished.model, dataset.inputs("test", finished.model.condition_names))
    write_result(
        out or finished.pictures / "map.png",
        plane.points,
        lambda: plots.plot_latent_map(
            plane.points, dataset.y_test, plane.axes, dataset.label_names, dataset.label_title
        ),
        quiet,
        json=json,
    )


@example("vae grid runs/digits --size 20 --out grid.png")
def grid(
    run: RunFolder,
    size: Annotated[int, typer.Option(help="Images a side.")] = 20,
    condition: Condition = None,
    out: Annotated[Path | None, out_option(PICTURES + ARRAYS, "grid.png")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw what each place in the latent space decodes to. For models with two latent units."""
    with waiting("decoding", quiet):
        from keras_vae import plots, runs, tasks

        finished = runs.Run(run)
        if finished.schema is not None:
            raise InvalidArgumentError(
                "The grid is made of images, and this run's model makes rows of a table: use vae sample."
            )
        images = tasks.latent_grid(finished.model, size, asked(finished.model, condition))
        value_range = finished.description["data"]["value_range"]
    write_result(
        out or finished.pictures / f"grid{suffix(condition)}.png",
        images,
        lambda: plots.plot_latent_grid(images, value_range),
        quiet,
        json=json,
    )
