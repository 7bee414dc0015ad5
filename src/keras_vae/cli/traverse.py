"""`vae traverse`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_vae.cli.conditions import Condition, asked, suffix
from keras_vae.cli.interpolate import code_of
from keras_vae.cli.loading import waiting
from keras_vae.cli.options import (
    ARRAYS,
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
from keras_vae.cli.output import print_json, write_result, write_rows

if TYPE_CHECKING:
    import numpy as np

    from keras_vae.tasks import Traversal


@example("vae traverse runs/digits --units 10 --out traverse.png")
def traverse(
    run: RunFolder,
    data: Data = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Where the other units are held: a test example by its number, or a latent point: "
            "0.5,-1.2 [default: the mean of the codes]",
            metavar="I",
            show_default=False,
        ),
    ] = None,
    steps: Annotated[int, typer.Option(help="How many values of each unit.")] = 9,
    units: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="The N most informative units. [default: all of them]", show_default=False
        ),
    ] = None,
    condition: Condition = None,
    seed: Seed = 0,
    out: Annotated[Path | None, out_option(PICTURES + ARRAYS + TABLES, "traverse.png")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what each latent unit does. It alone moves through the range of its codes, and is decoded.

    Units come in the order of what they tell of the test data, and those that tell nothing are said to be
    dead; --json prints which they are, with their nats and values.
    """
    with waiting("traversing", quiet):
        from keras_vae import plots, runs, tasks

        finished = runs.Run(run)
        dataset = run_data(finished, data)
        inputs = dataset.inputs("test", finished.model.condition_names)
        code, known = (None, None) if start is None else code_of(start, finished.model, inputs)
        given = tasks.shared_conditions(known, known) | asked(finished.model, condition)
        found = tasks.traverse(finished.model, inputs, code, steps, units, seed, given)
    name = f"traverse{'' if start is None else f'-{start}'}{suffix(condition)}"
    if finished.schema is not None:
        target = out or finished.tables / f"{name}.csv"
        write_rows(target, finished.schema, found.frames, quiet or json, given, _places(found))
    else:
        target = out or finished.pictures / f"{name}.png"
        write_result(
            target,
            found.frames,
            lambda: plots.plot_traversal(
                found.frames, found.units, found.active, found.values, dataset.value_range, found.kl
            ),
            quiet or json,
        )
    if json:
        print_json({"file": str(target), "units": _described(found)})


def _described(found: "Traversal") -> list[dict[str, Any]]:
    """What there is to say of each unit; the first one is number 1."""
    return [
        {
            "unit": int(unit) + 1,
            "kl": None if found.kl is None else float(found.kl[i]),
            "variance_of_means": float(found.variance_of_means[i]),
            "dead": not found.active[i],
            "values": found.values[i].tolist(),
        }
        for i, unit in enumerate(found.units)
    ]


def _places(found: "Traversal") -> "dict[str, np.ndarray]":
    """The unit and the value that each row of a table belongs to."""
    import numpy as np

    return {
        "unit": np.repeat(found.units + 1, found.values.shape[1]),
        "value": found.values.ravel().round(4),
    }
