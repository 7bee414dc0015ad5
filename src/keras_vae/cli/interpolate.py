"""`vae interpolate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_vae.cli.conditions import Condition, asked, suffix
from keras_vae.cli.loading import waiting
from keras_vae.cli.options import (
    ARRAYS,
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

if TYPE_CHECKING:
    import numpy as np


@example("vae interpolate runs/digits --from 3 --to 412 --steps 10 --method spherical")
def interpolate(
    run: RunFolder,
    data: Data = None,
    start: Annotated[
        str,
        typer.Option(
            "--from", help="A test example by its number, or a latent point: 0.5,-1.2", metavar="I"
        ),
    ] = "0",
    end: Annotated[str, typer.Option("--to", help="Likewise; -1 is the last one.", metavar="J")] = "-1",
    steps: Annotated[int, typer.Option(help="Steps on the way, both ends included.")] = 10,
    method: Annotated[str, typer.Option(help="linear, spherical, or both (for tables: linear).")] = "both",
    condition: Condition = None,
    out: Annotated[Path | None, out_option(PICTURES + ARRAYS + TABLES, "interpolate-I-J.png")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Turn one example into another through the latent space."""
    with waiting("interpolating", quiet):
        import numpy as np

        from keras_vae import plots, runs, tasks

        finished = runs.Run(run)
        dataset = run_data(finished, data)
        inputs = dataset.inputs("test", finished.model.condition_names)
        (first, known), (last, known_last) = (
            code_of(text, finished.model, inputs) for text in (start, end)
        )
        conditions = tasks.shared_conditions(known, known_last) | asked(finished.model, condition)
        if method == "both" and finished.schema is not None:
            method = "linear"
        methods = ("linear", "spherical") if method == "both" else (method,)
        frames = {
            name: tasks.interpolate(finished.model, first, last, steps, name, conditions)
            for name in methods
        }
    name = f"interpolate-{start}-{end}{suffix(condition)}"
    if finished.schema is not None:
        rows = frames[method]
        target = out or finished.tables / f"{name}.csv"
        return write_rows(target, finished.schema, rows, quiet, conditions, json=json)
    return write_result(
        out or finished.pictures / f"{name}.png",
        np.stack(list(frames.values())) if method == "both" else frames[method],
        lambda: plots.plot_rows(frames, dataset.value_range),
        quiet,
        json=json,
    )


def code_of(text: str, model: Any, inputs: Any) -> "tuple[np.ndarray, Any]":
    """The code of the test example with that number, and the example; or the point that the text spells."""
    import numpy as np

    from keras_vae import tasks
    from keras_vae.data import count, take

    try:
        if "," in text or "." in text:
            return np.array([float(part) for part in text.split(",")], "float32"), None
        index = int(text)
    except ValueError:
        raise InvalidArgumentError(
            f"{text!r} is neither the number of a test example nor a latent point such as 0.5,-1.2."
        ) from None
    total = count(inputs)
    if not -total <= index < total:
        raise InvalidArgumentError(f"There is no test example {index}: they are numbered 0 to {total - 1}.")
    return tasks.embed(model, take(inputs, [index]))[0], take(inputs, index)
