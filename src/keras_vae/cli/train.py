"""`vae train` and `vae curves`."""

import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from keras_vae.cli.figures import bound_rows
from keras_vae.cli.inspect import odd_rows, show
from keras_vae.cli.loading import waiting
from keras_vae.cli.options import (
    PICTURES,
    Binarize,
    Color,
    Columns,
    Json,
    Quiet,
    Resize,
    RunFolder,
    Seed,
    Size,
    Split,
    example,
    out_option,
    read_data,
)
from keras_vae.cli.output import diagnosis_rows, exit_code, print_json, print_table, write_result
from keras_vae.errors import RunError, RunNotFoundError, RunWriteError, TrainingStoppedError

_OWN = "[default: the recipe's]"
# What keeps trackers from talking.
_QUIETLY = {"WANDB_SILENT": "true", "MLFLOW_LOGGING_LEVEL": "ERROR"}


@example("vae train mnist-5k --recipe article --latent-dim 10 --epochs 30 --out runs/digits")
def train(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="mnist-5k (5,000 digits, no download), mnist, shapes (rendered from known factors), a "
            "folder of images, an .npz, .npy or IDX file, or a table: .csv, .tsv or .parquet.",
        ),
    ] = "mnist-5k",
    size: Size = None,
    resize: Resize = "fill",
    color: Color = "auto",
    binarize: Binarize = None,
    column: Columns = None,
    split: Split = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="The model: article, conv, residual, dense, or table. [default: conv, or table for a "
            "table]",
            show_default=False,
        ),
    ] = None,
    latent_dim: Annotated[int | None, typer.Option(help=f"Latent units. {_OWN}")] = None,
    beta: Annotated[float | None, typer.Option(help=f"Weight of the KL; 1 is the ELBO. {_OWN}")] = None,
    likelihood: Annotated[
        str | None,
        typer.Option(help=f"bernoulli, normal, normal:scale=0.1, normal:activation=tanh, … {_OWN}"),
    ] = None,
    posterior: Annotated[str | None, typer.Option(help=f"diagonal_normal, full_normal, … {_OWN}")] = None,
    prior: Annotated[
        str | None,
        typer.Option(help=f"standard_normal, mixture_of_normals:num_components=50, … {_OWN}"),
    ] = None,
    objective: Annotated[
        str | None, typer.Option(help=f"elbo, elbo:free_bits=0.1, iwae:num_samples=50, … {_OWN}")
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=KIND]",
            help="Make the model conditional on a column of the data: label, age=real; several times for "
            "several.",
            show_default=False,
        ),
    ] = None,
    schedule: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WEIGHT:…",
            help="Move a weight of the objective while training: beta:start=0,epochs=10, "
            "beta:cycles=4,shape=cosine,epochs=20, capacity:end=25,epochs=30.",
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help=f"Passes over the data. {_OWN}")] = None,
    batch_size: Annotated[int | None, typer.Option(help=f"Examples a step. {_OWN}")] = None,
    learning_rate: Annotated[float | None, typer.Option(help=f"Of Adam. {_OWN}")] = None,
    rate_schedule: Annotated[
        str | None,
        typer.Option(
            help=f"Of the learning rate: constant, or cosine, a short rise and down to nothing. {_OWN}"
        ),
    ] = None,
    seed: Seed = 0,
    precision: Annotated[
        str, typer.Option(help="float32, bfloat16, or auto: bfloat16 where the CPU is fast at it.")
    ] = "auto",
    out: Annotated[
        Path | None,
        typer.Option(
            help="The run's folder, new or empty. [default: runs/DATA-RECIPE-N]", show_default=False
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with a training that was stopped or killed, to the same end: that in --out, or "
            "else with the last one that runs/ holds of this data and recipe.",
        ),
    ] = False,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Follow it on a web page of this machine: curves, samples and the latent map after each "
            "epoch; and then explore it there.",
        ),
    ] = False,
    track: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TRACKER",
            help="Write it down for tensorboard (into RUN/tensorboard), mlflow or wandb, too (where their "
            "own environment variables say); several times for several.",
            show_default=False,
        ),
    ] = None,
    distributed: Annotated[
        bool,
        typer.Option(
            "--distributed",
            help="Train on all cards of this machine; or, called in each process of a launcher, on all of "
            "them together (KERAS_BACKEND=jax). --batch-size is of all of them.",
        ),
    ] = False,
    frames: Annotated[bool, typer.Option("--frames", hidden=True)] = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Train a model on images or a table. It is written into a folder with its figures and pictures."""
    with waiting("loading Keras", quiet):
        from keras_vae import runs
        from keras_vae.data import is_table

        recipe = recipe or ("table" if is_table(data) else "conv")
        settings = runs.Settings(
            recipe=recipe,
            latent_dim=latent_dim,
            beta=beta,
            likelihood=likelihood,
            posterior=posterior,
            prior=prior,
            objective=objective,
            conditions=tuple(condition or ()),
            schedules=tuple(schedule or ()),
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            learning_rate_schedule=rate_schedule,
            seed=seed,
            precision=precision,
        )
        settings.resolved()
        engine = runs.distributed(lambda text: typer.echo(text, err=True)) if distributed else runs.Engine()
        quiet = quiet or not engine.is_first
    if quiet:
        for name, value in _QUIETLY.items():
            os.environ.setdefault(name, value)
    with contextlib.ExitStack() as pages:
        with _together(engine):
            folder = out or Path(engine.from_first(lambda: str(_folder(f"{stem(data)}-{recipe}", resume))))
            trackers = runs.trackers(track or (), folder)
            with waiting("reading the data", quiet):
                dataset = read_data(data, size, resize, color, column, split, binarize)
            page = pages.enter_context(_watched(folder)) if watch and engine.is_first else None
            run = train_run(
                dataset,
                data,
                folder,
                settings,
                quiet,
                json,
                resume,
                _command(folder),
                (watch or frames) and engine.is_first,
                trackers,
                engine,
            )
        if engine.is_first:
            _show_run(run, f"{recipe} on {stem(data)}", quiet, json)
        if page:
            page.stay(lambda: typer.echo(f"The page stays at {page.address} until Ctrl-C.", err=True))


@contextlib.contextmanager
def _together(engine: Any) -> Iterator[None]:
    """Inside the engine; what all processes fail for is said by the first one alone."""
    try:
        with engine:
            yield
    except RunError as error:
        if engine.is_first or not engine.is_over:
            raise
        raise typer.Exit(exit_code(error)) from error


def _watched(folder: Path) -> Any:
    """A page that follows the run in that folder, in a thread."""
    from keras_vae import explorer

    workspace = explorer.Workspace(folder.parent)
    name = workspace.add(folder)
    page = explorer.Page(workspace, f"#/watch?run={name}", may_train=False)
    typer.echo(f"Watch it at {page.address}", err=True)
    return page


def _show_run(run: Any, title: str, quiet: bool, json: bool) -> None:
    if json:
        print_json({"run": str(run.folder), **run.metrics, "seconds": _seconds(run)})
    elif not quiet:
        print_table(f"{title}, {len(run.history['loss'])} epochs", _rows(run))


def _folder(stem: str, resume: bool) -> Path:
    """The next free folder of that name; to resume, the last one that was not finished."""
    from keras_vae import runs

    free = runs.next_folder(stem)
    number = int(free.name.rpartition("-")[2])
    earlier = (free.with_name(f"{stem}-{each}") for each in range(number - 1, 0, -1))
    unfinished = next((folder for folder in earlier if runs.is_unfinished(folder)), None)
    if unfinished is None:
        if resume:
            raise RunNotFoundError(
                f"No training to go on with in {free.parent}/{stem}-…; leave out --resume."
            )
        return free
    if resume:
        return unfinished
    typer.echo(f"{unfinished} was not finished. {runs.how_to_go_on(unfinished)}", err=True)
    return free


def _command(folder: Path) -> str:
    """What to call to go on with a training that this command begins in that folder."""
    given = sys.argv[1:]
    resume = [] if "--resume" in given else ["--resume"]
    names_folder = any(each == "--out" or each.startswith("--out=") for each in given)
    return shlex.join(["vae", *given, *([] if names_folder else ["--out", str(folder)]), *resume])


def train_run(
    dataset: Any,
    name: str,
    folder: Path,
    settings: Any,
    quiet: bool,
    plain: bool = False,
    resume: bool = False,
    command: str | None = None,
    frames: bool = False,
    trackers: Sequence[Any] = (),
    engine: Any = None,
) -> Any:
    """Train into a folder, and show how it goes: what is odd about the data first.

    `plain` leaves standard output alone; `frames` keeps what a page shows of each epoch.
    """
    import keras

    from keras_vae import runs
    from keras_vae.cli.progress import TrainingProgress
    from keras_vae.data import inspect

    found = inspect(dataset)

    def show_findings(_: Any) -> None:
        if plain or quiet:
            for what, text in odd_rows(found).items():
                typer.echo(f"{what}: {text}", err=True)
        else:
            show(name, found)

    progress = None if quiet else TrainingProgress()
    shown = [] if resume else [keras.callbacks.LambdaCallback(on_train_begin=show_findings)]
    kept = [runs.Frames(folder, dataset)] if frames else []
    try:
        return runs.train(
            dataset,
            folder,
            settings,
            [*shown, *kept, *trackers, *([progress] if progress else [])],
            resume=resume,
            notify=progress.say if progress else lambda text: typer.echo(text, err=True),
            command=command,
            engine=engine,
        )
    except (TrainingStoppedError, KeyboardInterrupt) as stopped:
        if progress:
            progress.stop()
        said = "" if isinstance(stopped, KeyboardInterrupt) else f"{stopped} "
        number = getattr(stopped, "signal", signal.SIGINT)
        raise TrainingStoppedError(f"{said}{runs.how_to_go_on(folder)}", number) from stopped
    except RunWriteError as error:
        raise RunWriteError(f"{error}. When there is room: {runs.how_to_go_on(folder)}") from error
    finally:
        if progress:
            progress.stop()


def stem(data: str) -> str:
    """What a data set is called, without its folder and its ending.

    Example:
        >>> stem("tables/people.csv.gz"), stem("mnist-5k")
        ('people', 'mnist-5k')
    """
    name = Path(data).name
    return name.partition(".")[0] or name


@example("vae curves runs/digits --out curves.png")
def curves(
    run: RunFolder,
    out: Annotated[Path | None, out_option(PICTURES, "curves.png")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw the loss and its two terms over the epochs."""
    with waiting("loading", quiet):
        from keras_vae import plots, runs

        finished = runs.Run(run)
    write_result(
        out or finished.pictures / "curves.png",
        None,
        lambda: plots.plot_history(finished.history),
        quiet,
        json=json,
    )


def _seconds(run: Any) -> float:
    return sum(run.history["seconds"])


def _rows(run: Any) -> dict[str, str]:
    pictures = "\n".join(str(path) for path in sorted(run.pictures.glob("*.png")))
    return {
        **bound_rows(run.metrics),
        **diagnosis_rows(run.metrics["diagnosis"]),
        "training": f"{_seconds(run):.0f} s",
        "model": str(run.folder / "model.keras"),
        "figures": f"{run.folder / 'metrics.json'}\n{run.folder / 'history.csv'}",
        "pictures": pictures,
        "report": str(run.report),
    }
