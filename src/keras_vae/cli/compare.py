"""`vae compare`."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_vae.cli.loading import waiting
from keras_vae.cli.options import Json, Quiet, Seed, example
from keras_vae.cli.output import print_columns, print_json

if TYPE_CHECKING:
    from keras_vae.runs import Comparison, RankedRun

_FIGURES = ["ELBO", "reconstr.", "KL", "active", "log p(x)", "behind", "gap", "seconds"]


@example("vae compare runs/dense runs/conv --num-samples 100")
def compare(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN", help="The folders of finished runs, two or more.")
    ],
    num_samples: Annotated[
        int,
        typer.Option(
            help="Evaluate all again with so many importance samples an example, and rank by log p(x); 0 "
            "ranks by the ELBO that stands in metrics.json."
        ),
    ] = 0,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Rank runs that were measured alike. What cannot be told apart shares a rank.

    Runs on other test data, binarised otherwise, or whose likelihoods measure something else, are refused.
    """
    with waiting("comparing", quiet):
        from keras_vae.runs import compare as compared

        comparison = compared(runs, num_samples, seed)
    if json:
        print_json(dataclasses.asdict(comparison))
    elif not quiet:
        print_columns(_title(comparison), [["", "run", *_FIGURES], *map(_row, comparison.runs)])
        typer.echo(_explanation(comparison))


def _title(comparison: "Comparison") -> str:
    protocol = comparison.runs[0].test["protocol"]
    by = {"elbo": "ELBO", "log_likelihood": f"log p(x), {protocol['num_samples']:,} samples"}
    binarised = "" if protocol["binarization"] == "none" else f", binarised ({protocol['binarization']})"
    return (
        f"By {by[comparison.ranked_by]}, in nats, of {protocol['num_examples']:,} {protocol['split']} "
        f"examples{binarised}; {protocol['measure']}"
    )


def _row(ranked: "RankedRun") -> list[str]:
    test = ranked.test
    settings = [f"{name}={value}" for name, value in ranked.settings.items()]
    log_likelihood = "–"
    if test["log_likelihood"] is not None:
        log_likelihood = f"{test['log_likelihood']:.2f} ± {test['log_likelihood_standard_error']:.2f}"
    return [
        str(ranked.rank),
        "\n".join([ranked.run, ranked.recipe, *settings]),
        f"{test['elbo']:.2f} ± {test['elbo_standard_error']:.2f}",
        f"{test['reconstruction']:.2f}",
        f"{test['kl']:.2f}",
        f"{ranked.active_units} of {ranked.latent_dim}",
        log_likelihood,
        f"{ranked.behind:.2f} ± {ranked.behind_standard_error:.2f}" if ranked.behind else "",
        f"{ranked.gap:.2f}",
        f"{ranked.seconds:.0f}",
    ]


def _explanation(comparison: "Comparison") -> str:
    ties = "Ties share a rank: they differ by less than twice the standard error of the difference"
    if comparison.is_paired:
        return f"{ties}, taken example by example."
    return f"{ties}. Taken example by example, with --num-samples, that error is smaller."
