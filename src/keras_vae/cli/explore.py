"""`vae explore`."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from keras_vae.cli.loading import waiting
from keras_vae.cli.options import Data, Quiet, example
from keras_vae.errors import InvalidArgumentError


@example("vae explore runs/digits")
def explore(
    run: Annotated[
        Path | None,
        typer.Argument(
            metavar="RUN",
            help="The folder of a finished run, or hf://USER/NAME[@REVISION] for one on the Hub; those in "
            "runs/ are there, too.",
            show_default=False,
        ),
    ] = None,
    data: Data = None,
    host: Annotated[
        str, typer.Option(help="Where to listen; 0.0.0.0 lets other machines in, who may do all you may.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The first to try; 0 for any that is free.")
    ] = 8017,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Whether to open it in your browser.")
    ] = True,
    limit: Annotated[int, typer.Option(min=2, help="Items that are shown, at most.")] = 50_000,
    quiet: Quiet = False,
) -> None:
    """See and touch a model on a web page; train there, too."""
    with waiting("loading Keras", quiet):
        from keras_vae import explorer, runs

        workspace = explorer.Workspace(limit=limit)
        begins = "#/runs"
        if run is not None:
            name = workspace.add(runs.Run(run).folder, data)
            workspace.opened(name)
            begins = f"#/map?run={name}"
        elif data is not None:
            raise InvalidArgumentError("Name the run first: vae explore RUN DATA.")
        page = explorer.Page(workspace, begins, host, port, browser)
    with contextlib.suppress(KeyboardInterrupt):
        typer.echo(page.address if quiet else f"The page is at {page.address} until Ctrl-C.")
        if page.is_open and not quiet:
            typer.echo("Other machines can reach it, and train and read runs here.", err=True)
        page.run()
    for said in page.close():
        typer.echo(said, err=True)
