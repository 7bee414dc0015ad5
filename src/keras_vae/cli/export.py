"""`vae export`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from keras_vae.cli.loading import waiting
from keras_vae.cli.options import Data, Endpoints, Json, Quiet, RunFolder, example
from keras_vae.cli.output import print_columns, print_json
from keras_vae.errors import InvalidArgumentError


@example("vae export runs/digits --format onnx --endpoint encode --endpoint decode")
def export(
    run: RunFolder,
    data: Data = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            help="onnx, saved_model, litert or openvino for other programs; html for a page that decodes "
            "in a browser, without a server.",
        ),
    ] = "onnx",
    endpoint: Endpoints = None,
    codes: Annotated[
        bool, typer.Option("--codes/--no-codes", help="Whether a page shows the codes of test examples.")
    ] = True,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The folder to write, or the page. [default: RUN/exported/FORMAT, or NAME.html]",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the model for other programs. It is run there on test data, and kept only if it agrees."""
    if format_ == "html" and endpoint:
        raise InvalidArgumentError("A page decodes, and has no other endpoints: leave --endpoint out.")
    with waiting("exporting", quiet):
        from keras_vae import exporting, runs

        finished = runs.Run(run)
        if format_ == exporting.PAGE:
            page = exporting.export_page(finished, out, data, codes)
        else:
            chosen = endpoint or exporting.ENDPOINTS
            exported = exporting.export(finished, format_, out, chosen, data)
    if format_ == exporting.PAGE:
        if json:
            print_json({"file": str(page)})
        elif not quiet:
            typer.echo(f"Wrote {page}")
    else:
        _show(exported, json, quiet)


def _show(exported: Any, json: bool, quiet: bool) -> None:
    if json:
        print_json(
            {
                "folder": str(exported.folder),
                "files": exported.files,
                "differences": exported.differences,
                "checked_with": exported.checked_with,
            }
        )
    elif not quiet:
        rows = [["endpoint", "file", "difference from Keras"]]
        for name, outputs in exported.differences.items():
            found = ", ".join(f"{output} {each:.0e}" for output, each in outputs.items())
            rows.append([name, exported.files[name], found])
        print_columns(f"{exported.folder}, checked with {exported.checked_with} examples", rows)
