"""`vae report`."""

from pathlib import Path
from typing import Annotated

from keras_vae.cli.loading import waiting
from keras_vae.cli.options import Data, Json, Quiet, RunFolder, example, out_option, run_data
from keras_vae.cli.output import writing


@example("vae report runs/digits --out digits.html")
def report(
    run: RunFolder,
    data: Data = None,
    out: Annotated[Path | None, out_option((".html",), "RUN/report.html")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the page of a run: what it is, how well it is, and what it makes. A training ends with one."""
    with waiting("looking at the run", quiet):
        from keras_vae import runs

        finished = runs.Run(run)
        dataset = run_data(finished, data)
        out = out or finished.report
    with writing(out, quiet, json), waiting("writing the report", quiet):
        runs.write_report(finished, dataset, out)
