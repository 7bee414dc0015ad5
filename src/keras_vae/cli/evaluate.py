"""`vae evaluate`."""

import dataclasses
from typing import Annotated

import typer

from keras_vae.cli.loading import waiting
from keras_vae.cli.options import Data, Json, Quiet, RunFolder, Seed, example, run_data
from keras_vae.cli.output import diagnosis_rows, print_json, print_table


@example("vae evaluate runs/digits --num-samples 100")
def evaluate(
    run: RunFolder,
    data: Data = None,
    num_samples: Annotated[
        int,
        typer.Option(
            help="Importance samples an example for a tighter estimate of log p(x); 0 leaves it out."
        ),
    ] = 0,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure a model on test examples. Its bound, what that is made of, and what its latent units do."""
    with waiting("evaluating", quiet):
        from keras_vae import runs, tasks

        finished = runs.Run(run)
        inputs = run_data(finished, data).inputs("test", finished.model.condition_names)
        evaluation = tasks.evaluate(finished.model, inputs, num_samples, seed)
        diagnosis = tasks.diagnose(finished.model, inputs)
    if json:
        print_json({"test": dataclasses.asdict(evaluation), "diagnosis": dataclasses.asdict(diagnosis)})
    elif not quiet:
        rows = {
            "ELBO": f"{evaluation.elbo:.2f} ± {evaluation.elbo_standard_error:.2f} nats per example",
            "reconstruction": f"{evaluation.reconstruction:.2f} nats",
            "KL": f"{evaluation.kl:.2f} nats",
        }
        if evaluation.log_likelihood is not None:
            rows[f"log p(x), {num_samples} samples"] = (
                f"{evaluation.log_likelihood:.2f} ± {evaluation.log_likelihood_standard_error:.2f} nats"
            )
        rows |= diagnosis_rows(dataclasses.asdict(diagnosis))
        print_table(f"{run}, {evaluation.num_examples} test examples", rows)
