"""`vae evaluate`."""

import dataclasses
from typing import Annotated, Any

import typer

from keras_vae.cli.figures import bound_rows, frechet_rows, likelihood_rows
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
    frechet: Annotated[
        bool,
        typer.Option(help="For images: the Fréchet distance of samples, in the package's own features."),
    ] = True,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure a model on test examples. Its bound, what that is made of, and what its latent units do.

    Where the data are the run's own, also the gap to training; for images, how far samples are from them.
    """
    with waiting("evaluating", quiet):
        from keras_vae import runs, tasks

        finished = runs.Run(run)
        dataset = run_data(finished, data)
        is_own = dataset.fingerprint == finished.description["data"]["fingerprint"]
        figures = runs.measured(finished.model, dataset, num_samples, seed, with_training=is_own)
        inputs = dataset.inputs("test", finished.model.condition_names)
        if frechet and finished.schema is None and _has_distance(dataset):
            found = tasks.frechet(finished.model, inputs, dataset.x_train, dataset.value_range, seed)
            figures["frechet"] = dataclasses.asdict(found)
        figures["diagnosis"] = dataclasses.asdict(tasks.diagnose(finished.model, inputs))
    if json:
        print_json(figures)
    elif not quiet:
        rows = bound_rows(figures) | likelihood_rows(figures["test"])
        if "frechet" in figures:
            rows |= frechet_rows(figures["frechet"])
        rows |= diagnosis_rows(figures["diagnosis"])
        print_table(f"{finished.folder}, {figures['test']['num_examples']} test examples", rows)


def _has_distance(dataset: Any) -> bool:
    """Whether the images are large enough, and there are two of them."""
    from keras_vae.tasks.image_features import SMALLEST_SIDE

    fewest = min(len(dataset.x_train), len(dataset.x_test))
    return min(dataset.event_shape[:2]) >= SMALLEST_SIDE and fewest > 1
