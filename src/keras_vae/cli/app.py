"""The command and its sub-commands."""

import os
import sys
from typing import Annotated

import typer

import keras_vae
from keras_vae.cli import (
    compare,
    disentangle,
    embed,
    evaluate,
    explore,
    export,
    impute,
    inspect,
    interpolate,
    latent,
    push,
    reconstruct,
    report,
    sample,
    score,
    serve,
    train,
    traverse,
)
from keras_vae.cli.output import exit_code
from keras_vae.errors import KerasVaeError

app = typer.Typer(
    name="vae",
    help="Variational autoencoders: train one on images or a table, look at it, and use it.",
    epilog="Start with: vae train",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    inspect.inspect,
    train.train,
    evaluate.evaluate,
    explore.explore,
    report.report,
    compare.compare,
    embed.embed,
    sample.sample,
    reconstruct.reconstruct,
    score.score,
    impute.impute,
    interpolate.interpolate,
    traverse.traverse,
    disentangle.disentangle,
    latent.map_,
    latent.grid,
    train.curves,
    export.export,
    serve.serve,
    push.push,
):
    app.command(command.__name__.rstrip("_"), epilog=command.example)(command)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"keras-vae {keras_vae.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    del version


def main() -> None:
    """Run the command; an error made on purpose becomes one message and exit code 2."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The command shows that something goes on by itself.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        app()
    except KerasVaeError as error:
        typer.echo(f"vae: {error}", err=True)
        sys.exit(exit_code(error))
