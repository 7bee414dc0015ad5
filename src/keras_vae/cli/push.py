"""`vae push`."""

from typing import Annotated

import typer

from keras_vae.cli.loading import waiting
from keras_vae.cli.options import Json, Quiet, RunFolder, example
from keras_vae.cli.output import print_json


@example("vae push runs/digits hf://ada/digits --license apache-2.0")
def push(
    run: RunFolder,
    address: Annotated[
        str,
        typer.Argument(metavar="hf://USER/NAME[@BRANCH]", help="The repository; made if it is not there."),
    ],
    license: Annotated[
        str | None,
        typer.Option(help="Of the model, as the Hub calls it: apache-2.0, mit, …", show_default=False),
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Nobody else may see it.")] = False,
    examples: Annotated[
        bool,
        typer.Option(help="Whether pictures and report go along, which show examples of the data."),
    ] = True,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Upload a run to the Hugging Face Hub, with a model card. Log in first: hf auth login, or HF_TOKEN."""
    with waiting("uploading", quiet):
        from keras_vae import runs

        page = runs.push(runs.Run(run), address, license=license, private=private, examples=examples)
    if json:
        print_json({"page": page, "address": address})
    elif not quiet:
        typer.echo(f"Pushed {run} to {page}")
