"""`vae reconstruct`."""

from pathlib import Path
from typing import Annotated

import typer

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
    example,
    out_option,
    run_data,
)
from keras_vae.cli.output import write_result, write_rows
from keras_vae.errors import InvalidArgumentError


@example("vae reconstruct runs/digits mnist-5k -n 10 --out reconstructions.png")
def reconstruct(
    run: RunFolder,
    data: Data = None,
    num_images: Annotated[
        int, typer.Option("--num-images", "-n", help="How many examples, spread over the test set.")
    ] = 10,
    out: Annotated[
        Path | None, out_option(PICTURES + ARRAYS + TABLES + FOLDERS, "reconstruct-N.png")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Send test data through the model and back. Images are drawn beside the originals."""
    if num_images < 1:
        raise InvalidArgumentError(f"-n must be at least 1. Received: {num_images}")
    with waiting("reconstructing", quiet):
        from keras_vae import plots, runs, tasks
        from keras_vae.data import spread, take

        finished = runs.Run(run)
        dataset = run_data(finished, data)
        rows = spread(len(dataset.x_test), num_images)
        originals = dataset.x_test[rows]
        inputs = dataset.inputs("test", finished.model.condition_names)
        images = tasks.reconstruct(finished.model, take(inputs, rows))
    if finished.schema is not None:
        target = out or finished.tables / f"reconstruct-{num_images}.csv"
        return write_rows(target, finished.schema, images, quiet, json=json)
    return write_result(
        out or finished.pictures / f"reconstruct-{num_images}.png",
        images,
        lambda: plots.plot_reconstructions(originals, images, dataset.value_range),
        quiet,
        finished.description["data"],
        json,
    )
