"""`vae sample`."""

from pathlib import Path
from typing import Annotated

import typer

from keras_vae.cli.conditions import Condition, asked, suffix
from keras_vae.cli.loading import waiting
from keras_vae.cli.options import ARRAYS, FOLDERS, PICTURES, Quiet, RunFolder, Seed, example, out_option
from keras_vae.cli.output import write_result


@example("vae sample runs/digits -n 64 --out samples.png")
def sample(
    run: RunFolder,
    num_samples: Annotated[int, typer.Option("--num-samples", "-n", help="How many images.")] = 64,
    condition: Condition = None,
    seed: Seed = 0,
    out: Annotated[Path | None, out_option(PICTURES + ARRAYS + FOLDERS, "sample-N-seedS.png")] = None,
    quiet: Quiet = False,
) -> None:
    """Generate new images from the prior."""
    with waiting("sampling", quiet):
        from keras_vae import plots, runs, tasks

        finished = runs.Run(run)
        images = tasks.sample(finished.model, num_samples, seed, asked(finished.model, condition))
        described = finished.description["data"]
    target = out or finished.pictures / f"sample-{num_samples}-seed{seed}{suffix(condition)}.png"
    write_result(
        target, images, lambda: plots.plot_images(images, described["value_range"]), quiet, described
    )
