"""`vae disentangle`."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_vae.cli.loading import waiting
from keras_vae.cli.options import (
    PICTURES,
    Data,
    Json,
    Quiet,
    RunFolder,
    Seed,
    example,
    out_option,
    run_data,
)
from keras_vae.cli.output import print_columns, print_json, write_result
from keras_vae.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

    from keras_vae.data import Dataset
    from keras_vae.tasks import Disentanglement

_FEW = 1000
_ASKS = {
    "mig": ("MIG", "one unit for each factor, and no second one"),
    "sap": ("SAP", "the same, by what thresholds on a unit predict"),
    "modularity": ("modularity", "each unit about one factor"),
    "factor_vae": ("FactorVAE score", "the steadiest unit tells which factor is fixed"),
    "beta_vae": ("β-VAE score", "differences of codes tell which factor is fixed"),
    "dci_disentanglement": ("DCI disentanglement", "each unit serves one factor"),
    "dci_completeness": ("DCI completeness", "each factor needs one unit"),
    "dci_informativeness": ("DCI informativeness", "the factors can be predicted at all"),
}


@example("vae disentangle runs/shapes --out units.png")
def disentangle(
    run: RunFolder,
    data: Data = None,
    factor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A column that is a factor; several times for several. [default: the label and all "
            "columns beside the images]",
            show_default=False,
        ),
    ] = None,
    num_bootstraps: Annotated[
        int, typer.Option(help="Halves of the examples that the intervals come from; 0 leaves them out.")
    ] = 100,
    seed: Seed = 0,
    out: Annotated[Path | None, out_option(PICTURES)] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure how well latent units keep known factors apart. By six metrics, on test examples.

    --out draws what each unit says of each factor. The built-in data set shapes knows its factors.
    """
    with waiting("embedding", quiet):
        from keras_vae import runs, tasks

        finished = runs.Run(run)
        dataset = run_data(finished, data)
        conditions = finished.model.condition_names
        factors = known_factors(dataset, factor, conditions)
        codes = tasks.embed(finished.model, dataset.inputs("test", conditions))
        is_known, values = _known(factors, dataset)
        if not quiet:
            _say_what_is_missing(is_known)
        codes, values = codes[is_known], values[is_known]
        found = tasks.disentangle(codes, values, list(factors), num_bootstraps, seed)
    if json:
        units = [unit + 1 for unit in found.active_units]
        print_json(
            {
                "run": str(finished.folder),
                "data": dataset.name,
                "seed": seed,
                **dataclasses.asdict(found),
                "active_units": units,
            }
        )
    elif not quiet:
        _show(str(finished.folder), found)
    if out is not None:
        write_result(out, None, lambda: _picture(found), quiet or json)


def known_factors(
    dataset: "Dataset", asked: list[str] | None, conditions: tuple[str, ...]
) -> "dict[str, np.ndarray]":
    """The columns of the test examples that are factors, by name.

    Those that were asked for; or all that are known of images and have two values at least, but for what
    the model is conditional on: its codes need not say that.

    Raises:
        UnknownNameError: if there is no column of that name.
        DataError: if fewer than 2 are known, or none was named of a table.
    """
    import numpy as np

    from keras_vae.data import TableData

    columns = dataset.columns("test")
    for name in asked or ():
        if name not in columns:
            raise UnknownNameError("column", name, columns)
    if asked:
        return {name: columns[name] for name in asked}
    if isinstance(dataset, TableData):
        raise DataError(
            f"{dataset.name} is a table, and its model models all columns alike: say which of them are "
            f"factors, --factor NAME for each. Known: {', '.join(columns)}."
        )
    known = {
        name: column
        for name, column in columns.items()
        if name not in conditions and len(np.unique(column[np.isfinite(column)])) > 1
    }
    if len(known) < 2:
        raise DataError(
            f"{dataset.name} knows too few factors of its images: at least 2 must vary, to be told apart. "
            f"Found: {', '.join(known) or 'none'}. Use the built-in data set shapes, which knows 6, or an "
            ".npz file with a column for each factor: arrays NAME_train and NAME_test beside the images."
        )
    return known


def _known(factors: "dict[str, np.ndarray]", dataset: "Dataset") -> "tuple[np.ndarray, np.ndarray]":
    """Of which examples every factor is known, `(n,)`; and the factors, `(n, factors)`."""
    import numpy as np

    values = np.stack(list(factors.values()), axis=1).astype("float64")
    is_class = np.array([bool(dataset.class_names(name)) for name in factors])
    return (np.isfinite(values) & ~(is_class & (values < 0))).all(axis=1), values


def _say_what_is_missing(is_known: "np.ndarray") -> None:
    known = int(is_known.sum())
    if known < len(is_known):
        left_out = len(is_known) - known
        typer.echo(f"{left_out:,} test examples are left out: not every factor of them is known.", err=True)
    if known < _FEW:
        typer.echo(
            f"{known:,} test examples are few: with fewer than {_FEW:,}, intervals are wide.", err=True
        )


def _show(title: str, found: "Disentanglement") -> None:
    num_units = len(found.mutual_information)
    title += (
        f", {found.num_examples:,} test examples, {len(found.active_units)} of {num_units} units active"
    )
    rows = [["metric", "score", "95 % interval", "by chance", "what it asks for"]]
    for name, score in found.scores.items():
        interval = "" if score.low is None else f"{score.low:.2f} … {score.high:.2f}"
        metric, asks = _ASKS[name]
        rows.append([metric, f"{score.value:.2f}", interval, f"{score.chance:.2f}", asks])
    print_columns(title, rows)
    typer.echo("1 is best, and only what is above chance counts. Intervals are for other examples, and not")
    typer.echo("for other trainings: compare several seeds.\n")
    print_columns("each factor, and the units that say most of it", _factor_rows(found))


def _factor_rows(found: "Disentanglement") -> list[list[str]]:
    rows = [["factor", "values", "best unit", "next unit", "MIG", "SAP", "completeness", "predicted"]]
    scores = [found.per_factor[each] for each in ("mig", "sap", "dci_completeness", "dci_informativeness")]
    for number, name in enumerate(found.factors):
        shares = [row[number] / found.entropy[number] for row in found.mutual_information]
        order = sorted(range(len(shares)), key=lambda unit: -shares[unit])
        best = [f"{unit + 1}: {100 * shares[unit]:.0f} %" for unit in order[:2]]
        figures = [f"{each[number]:.2f}" for each in scores]
        rows.append([name, str(found.num_classes[number]), *best, *[""] * (2 - len(best)), *figures])
    return rows


def _picture(found: "Disentanglement") -> "Figure":
    import numpy as np

    from keras_vae import plots

    information = np.array(found.mutual_information)
    active = np.isin(np.arange(len(information)), found.active_units)
    return plots.plot_information(information, np.array(found.entropy), active, found.factors)
