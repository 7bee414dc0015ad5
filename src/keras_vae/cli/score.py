"""`vae score`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_vae.cli.in_parts import Engine, Workers, described, is_in_parts, write_parts
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
    checked,
    example,
    has_ending,
    out_option,
    run_items,
)
from keras_vae.cli.output import print_columns, print_json, writing
from keras_vae.cli.score_summary import Scored, Summary
from keras_vae.cli.train import stem
from keras_vae.errors import InvalidArgumentError

if TYPE_CHECKING:
    import numpy as np

    from keras_vae.data import Items

_USUAL_RATE = 0.05


@example("vae score runs/digits photos/ --false-alarm-rate 0.01 --out scores.csv --map where.png")
def score(
    run: RunFolder,
    data: Data = None,
    false_alarm_rate: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            help="The share of ordinary items that may be called anomalies. [default: 0.05]",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, out_option(TABLES + FOLDERS, "RUN/tables/score.csv", "parts")] = None,
    map_: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="FILE",
            callback=checked(PICTURES + ARRAYS + TABLES, "--map"),
            help="Also show where: a picture of the strangest images (.png, .pdf, .svg), the share of each "
            "pixel (.npy), or of each column of a table (.csv, .csv.gz, .parquet).",
            show_default=False,
        ),
    ] = None,
    calibrate: Annotated[
        str | None,
        typer.Option(
            metavar="DATA",
            help="First calibrate the model with these ordinary items, which it was not trained on, and "
            "keep that in the run. [default: as its training did, with the run's own test data]",
            show_default=False,
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            help="bound, importance, unexplained (for images) or density (for many latents). Another one "
            "than before calibrates the model anew. [default: as calibrated]",
            show_default=False,
        ),
    ] = None,
    num_samples: Annotated[
        int | None, typer.Option(help="Samples of z an item. [default: as calibrated]", show_default=False)
    ] = None,
    engine: Engine = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell how strange every image or row is. The strangest come first on the screen, with a p-value.

    A folder of Parquet files becomes a folder of scores, in memory that does not grow with the rows; the
    same command goes on with one that was stopped.
    """
    with waiting("reading", quiet):
        from keras_vae import runs, tasks

        finished = runs.Run(run)
        in_parts = is_in_parts(data, out, TABLES, engine, workers)
        if map_ is not None:
            _check_map(map_, finished.schema, in_parts)
        if calibrate is not None:
            finished.calibrate(run_items(finished, calibrate), method, num_samples)
        elif _differs(finished.model.calibration, method=method, num_samples=num_samples):
            finished.calibrate(None, method, num_samples)
        rate = _rate(finished.model.calibration, false_alarm_rate)
        items = None if in_parts else run_items(finished, data)
    of_data = f"-{stem(str(Path(data).absolute()))}" if data else ""
    target = out or finished.tables / f"score{of_data}{'' if in_parts else '.csv'}"
    if items is None:
        assert data is not None
        settings = tasks.Scorer(finished.model, method, num_samples).settings
        options = {"rate": rate, **settings}
        outcome = write_parts(finished, data, target, "score", options, engine, workers, quiet, json)
        summary = Summary.of_parts(outcome, settings, rate)
        where = described(outcome, target)
    else:
        scored = Scored(items, rate)
        with writing(target, quiet or json), waiting("scoring", quiet):
            from keras_vae.data import write_batches

            inputs = items.inputs(finished.model.condition_names)
            write_batches(
                target, scored.tables(tasks.score_batches(finished.model, inputs, method, num_samples))
            )
        summary = scored.summary()
        where = {"file": str(target), "unreadable": items.findings.unreadable}
        if map_ is not None:
            with writing(map_, quiet or json), waiting("mapping", quiet):
                _write_map(map_, finished, items, scored, method, num_samples)
    if json:
        print_json(summary.described() | where)
    elif not quiet:
        typer.echo(summary.title())
        print_columns(None, summary.rows())


def _differs(calibration: Any, **asked: Any) -> bool:
    """Whether scores are asked for that the model was not calibrated for."""
    before = {} if calibration is None else calibration.settings
    return any(each is not None and each != before.get(name) for name, each in asked.items())


def _rate(calibration: Any, asked: float | None) -> float | None:
    """The rate of false alarms, if the model can tell; the usual one unless another is asked for."""
    if calibration is None:
        if asked is not None:
            raise InvalidArgumentError(
                "The run's model was never calibrated, and knows no p-values. Name ordinary data that it "
                "was not trained on: --calibrate DATA."
            )
        return None
    if asked is None and len(calibration) + 1 < 1 / _USUAL_RATE:
        return None
    rate = _USUAL_RATE if asked is None else asked
    calibration.threshold(rate)
    return rate


def _check_map(path: Path, schema: Any, in_parts: bool) -> None:
    if in_parts:
        raise InvalidArgumentError(
            f"--map {path}: a folder of Parquet files has none. Score one of its files."
        )
    if schema is None and has_ending(path, TABLES):
        raise InvalidArgumentError(f"--map {path}: the shares of pixels are drawn, or written as .npy.")
    if schema is not None and has_ending(path, PICTURES):
        raise InvalidArgumentError(
            f"--map {path}: the shares of columns are written as .csv, .csv.gz, .parquet or .npy."
        )


def _write_map(
    path: Path,
    finished: Any,
    items: "Items",
    scored: Scored,
    method: str | None,
    num_samples: int | None,
) -> None:
    from keras_vae import plots, tasks
    from keras_vae.data import take, whole_file, write_array, write_batches

    model, inputs = finished.model, items.inputs(finished.model.condition_names)

    def maps() -> "Iterator[np.ndarray]":
        for batch in tasks.score_batches(model, inputs, method, num_samples, with_map=True):
            assert batch.map is not None
            yield batch.map

    if has_ending(path, ARRAYS):
        write_array(path, maps(), len(items))
    elif has_ending(path, TABLES):
        write_batches(path, _columns(items, finished.schema, maps()))
    else:
        import numpy as np

        rows = np.array(scored.strangest)
        some = take(inputs, rows)
        found = tasks.score(model, some, method, num_samples, with_map=True)
        titles = [line[0] + "\n" + "  p = ".join(line[1:]) for line in scored.summary().rows()[1:]]
        value_range = finished.description["data"]["value_range"]
        assert found.map is not None
        figure = plots.plot_scores(
            items.x[rows], tasks.reconstruct(model, some), found.map, titles, value_range
        )
        with whole_file(path) as partial:
            figure.savefig(partial)


def _columns(items: "Items", schema: Any, maps: "Iterator[np.ndarray]") -> Iterator[dict[str, Any]]:
    """The names of the items, and the share of each column."""
    start = 0
    for batch in maps:
        table = items.identity(slice(start, start + len(batch)))
        start += len(batch)
        yield table | {column.name: batch[:, i] for i, column in enumerate(schema.columns)}
