"""`vae impute`."""

from pathlib import Path
from typing import Annotated

import typer

from keras_vae.cli.loading import waiting
from keras_vae.cli.options import TABLES, Columns, Json, Quiet, Seed, checked, example, kinds_of, out_option
from keras_vae.cli.output import print_json, writing
from keras_vae.cli.train import stem, train_run
from keras_vae.errors import InvalidArgumentError, UnknownNameError

FILLS = ("mean", "sample")


@example("vae impute people.csv --out filled.csv --uncertainty doubt.csv")
def impute(
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="A table with gaps: .csv, .tsv or .parquet.")
    ],
    run: Annotated[
        Path | None,
        typer.Option(
            help="A finished run on a table with the same columns. [default: one is trained on TABLE]",
            show_default=False,
        ),
    ] = None,
    fill: Annotated[
        str,
        typer.Option(help="mean: the expectation of a number, the likeliest class; or sample: a draw."),
    ] = "mean",
    out: Annotated[Path | None, out_option(TABLES, "RUN/tables/TABLE-filled.csv")] = None,
    uncertainty: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=checked(TABLES, "--uncertainty"),
            help="Also write how uncertain each entry is: the standard deviation of a number (of a date in "
            "days), the probability of another class; nothing where it was known.",
            show_default=False,
        ),
    ] = None,
    num_samples: Annotated[int, typer.Option(help="Of z for each row.")] = 200,
    column: Columns = None,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fill the gaps of a table from what is known. What is known stays as it is."""
    if fill not in FILLS:
        raise UnknownNameError("way to fill", fill, FILLS)
    if run is not None and column:
        raise InvalidArgumentError(
            "--column is for a model that is trained here; that of --run knows its columns."
        )
    with waiting("loading", quiet):
        from keras_vae import runs, tasks
        from keras_vae.data import doubts, fill_gaps, load_table, open_table, write_table

        finished = None if run is None else runs.Run(run)
        dataset = load_table(table, kinds_of(column)) if finished is None else None
    if finished is None:
        settings = runs.Settings(recipe="table", seed=seed)
        finished = train_run(dataset, table, runs.next_folder(f"{stem(table)}-table"), settings, quiet)
        if not (quiet or json):
            typer.echo(f"Trained {finished.folder}")
    with waiting("imputing", quiet):
        source = open_table(table)
        found = finished.table(table)
        filled = tasks.impute(finished.model, found.inputs(), num_samples, num_draws=1, seed=seed)
        numbers = filled.filled if fill == "mean" else filled.draws[0]
        result = fill_gaps(source, found.schema, numbers)
    for name, count in found.unknown.items():
        typer.echo(f"{name}: {count:,} entries are categories that the model does not know.", err=True)
    target = out or finished.tables / f"{stem(table)}-filled.csv"
    with writing(target, quiet or json):
        write_table(target, result)
    if uncertainty is not None:
        with writing(uncertainty, quiet or json):
            write_table(uncertainty, doubts(source, found.schema, filled.uncertainty))
    if json:
        files = {"run": finished.folder, "file": target, "uncertainty": uncertainty}
        print_json({name: None if path is None else str(path) for name, path in files.items()})
