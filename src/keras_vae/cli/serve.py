"""`vae serve`."""

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from keras_vae.cli.options import Endpoints, Quiet, example
from keras_vae.errors import ExportError, RunNotFoundError


@example("vae serve runs/digits --port 8080")
def serve(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", help="The folder of a finished run, or one that vae export wrote as ONNX."
        ),
    ],
    endpoint: Endpoints = None,
    host: Annotated[
        str, typer.Option(help="Where to listen; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any that is free.")] = 8080,
    max_batch: Annotated[int, typer.Option(min=1, help="Examples that are computed together.")] = 64,
    max_waiting: Annotated[
        int, typer.Option(min=1, help="Examples of an endpoint that may wait; who comes then gets a 503.")
    ] = 4096,
    max_mb: Annotated[int, typer.Option(min=1, help="Of a request, in MB.")] = 64,
    threads: Annotated[int, typer.Option(min=0, help="For a computation; 0 for one a core.")] = 0,
    quiet: Quiet = False,
) -> None:
    """Serve a model by the Open Inference Protocol, version 2 (KServe). Keras is not loaded for it."""
    from keras_vae import serving

    limits = serving.Limits(max_batch, max_waiting, max_mb * 1024**2)
    server = serving.Server(_exported(run, quiet), endpoint, host, port, limits, threads)
    with contextlib.suppress(KeyboardInterrupt):
        typer.echo(server.address if quiet else f"Serving at {server.address} until Ctrl-C.")
        server.run()


def _exported(run: Path, quiet: bool) -> Any:
    """The export to serve; that of a run is made if there is none of its model."""
    from keras_vae import serving
    from keras_vae.seal import MODEL

    if (run / serving.DESCRIPTION).is_file():
        return serving.Exported(run)
    model, folder = run / MODEL, run / "exported" / "onnx"
    if not model.is_file():
        raise RunNotFoundError(f"{run} holds neither a finished run nor an export.")
    if (folder / serving.DESCRIPTION).is_file():
        exported = serving.Exported(folder)
        if exported.is_of(model):
            return exported
    if not quiet:
        typer.echo("Exporting to ONNX, once.", err=True)
    # In a process of its own: what serves does not carry TensorFlow along.
    made = subprocess.run(
        [sys.executable, "-m", "keras_vae", "export", str(run), "--format", "onnx", "--quiet"],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if made.returncode:
        said = made.stderr.strip().splitlines()
        raise ExportError(said[-1].removeprefix("vae: ") if said else "The export failed.")
    return serving.Exported(folder)
