"""`vae export`."""

from pathlib import Path
from typing import Annotated

import typer

from keras_vae.cli.loading import waiting
from keras_vae.cli.options import Data, Json, Quiet, RunFolder, example
from keras_vae.cli.output import print_columns, print_json


@example("vae export runs/digits --format onnx --endpoint encode --endpoint decode")
def export(
    run: RunFolder,
    data: Data = None,
    format_: Annotated[
        str, typer.Option("--format", help="onnx, saved_model, litert or openvino.")
    ] = "onnx",
    endpoint: Annotated[
        list[str] | None,
        typer.Option(
            help="encode, decode, score or sample; several times for several. [default: all]",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder to write. [default: RUN/exported/FORMAT]", show_default=False),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the model for other programs. It is run there on test data, and kept only if it agrees."""
    with waiting("exporting", quiet):
        from keras_vae import exporting, runs

        exported = exporting.export(runs.Run(run), format_, out, endpoint or exporting.ENDPOINTS, data)
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
