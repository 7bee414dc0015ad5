"""`vae interpolate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_vae.cli.loading import waiting
from keras_vae.cli.options import ARRAYS, PICTURES, Data, Quiet, RunFolder, example, out_option
from keras_vae.cli.output import write_result
from keras_vae.errors import InvalidArgumentError

if TYPE_CHECKING:
    import numpy as np


@example("vae interpolate runs/digits --from 3 --to 412 --steps 10 --method spherical")
def interpolate(
    run: RunFolder,
    data: Data = None,
    start: Annotated[
        str,
        typer.Option("--from", help="A test image by its number, or a latent point: 0.5,-1.2", metavar="I"),
    ] = "0",
    end: Annotated[
        str, typer.Option("--to", help="Likewise; -1 is the last test image.", metavar="J")
    ] = "-1",
    steps: Annotated[int, typer.Option(help="Images on the way, both ends included.")] = 10,
    method: Annotated[str, typer.Option(help="linear, spherical, or both.")] = "both",
    out: Annotated[Path | None, out_option(PICTURES + ARRAYS, "interpolate-I-J.png")] = None,
    quiet: Quiet = False,
) -> None:
    """Turn one image into another through the latent space."""
    with waiting("interpolating", quiet):
        import numpy as np

        from keras_vae import plots, runs, tasks

        finished = runs.Run(run)
        dataset = finished.data(data)
        first, last = (_latent_point(text, finished.model, dataset.x_test) for text in (start, end))
        methods = ("linear", "spherical") if method == "both" else (method,)
        frames = {name: tasks.interpolate(finished.model, first, last, steps, name) for name in methods}
    write_result(
        out or finished.pictures / f"interpolate-{start}-{end}.png",
        np.stack(list(frames.values())) if method == "both" else frames[method],
        lambda: plots.plot_interpolation(frames, dataset.value_range),
        quiet,
    )


def _latent_point(text: str, model: Any, images: "np.ndarray") -> "np.ndarray":
    """The latent code of the test image with that number, or the point that the text spells."""
    import numpy as np

    from keras_vae import tasks

    try:
        if "," in text or "." in text:
            return np.array([float(part) for part in text.split(",")], "float32")
        index = int(text)
    except ValueError:
        raise InvalidArgumentError(
            f"{text!r} is neither the number of a test image nor a latent point such as 0.5,-1.2."
        ) from None
    if not -len(images) <= index < len(images):
        raise InvalidArgumentError(
            f"There is no test image {index}: they are numbered 0 to {len(images) - 1}."
        )
    return tasks.embed(model, images[index][None])[0]
