"""Runs, ranked by their figures on the same test data."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.data import Dataset
from keras_vae.errors import DataError, InvalidArgumentError, RunError
from keras_vae.runs.figures import Figures, figures_of, measured
from keras_vae.runs.folder import Run
from keras_vae.runs.protocol import check_alike
from keras_vae.tasks.evaluate import standard_error

# A difference of fewer standard errors is none.
_LEAST_DIFFERENCE = 2.0


@dataclasses.dataclass(frozen=True)
class RankedRun:
    """A run among others.

    Args:
        rank: 1 for the best; the same for runs that tie.
        run: its folder.
        recipe: the name of its recipe.
        settings: those in which the runs differ, with this run's values.
        score: what it is ranked by, in nats: the estimate of log p(x) where it was asked for, or the ELBO.
        behind: the best score − this one.
        behind_standard_error: of that; 0 for the best.
        test: the figures on the test data, with their protocol, as `metrics.json` has them.
        gap: training ELBO − test ELBO.
        active_units: latent units that carry information.
        latent_dim: of how many.
        seconds: of training.
    """

    rank: int
    run: str
    recipe: str
    settings: dict[str, Any]
    score: float
    behind: float
    behind_standard_error: float
    test: dict[str, Any]
    gap: float
    active_units: int
    latent_dim: int
    seconds: float


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Runs in the order of their scores.

    Args:
        ranked_by: "log_likelihood" or "elbo".
        is_paired: whether differences were taken example by example.
        runs: the best first.
    """

    ranked_by: str
    is_paired: bool
    runs: list[RankedRun]


def compare(folders: Sequence[str | Path], num_samples: int = 0, seed: int = 0) -> Comparison:
    """Rank runs that were measured alike.

    By the ELBO that stands in `metrics.json`, with the errors of independent figures; a run of an older
    release, whose figures do not say how they were measured, is evaluated again. Or by log p(x) with
    `num_samples` importance samples, for which all are evaluated again with the same seed: then differences
    are taken example by example, and their errors are much smaller.

    Differences of less than twice their standard error are ties: down the list, each run has the rank of
    the one above it, unless it can be told from the first of that rank.

    Args:
        folders: of finished runs, at least 2.
        num_samples: importance samples an example; 0 ranks by the ELBO.
        seed: of the samples of z, where all runs are evaluated again.

    Raises:
        InvalidArgumentError: if there are fewer than 2 runs, or `num_samples` is negative.
        RunError: if the runs were not measured alike, see `check_alike`; if the figures of one are no
            numbers; or if the data are not there any more of a run that has to be evaluated again.
    """
    if len(folders) < 2:
        raise InvalidArgumentError(f"At least 2 runs are compared. Received: {len(folders)}")
    if num_samples < 0:
        raise InvalidArgumentError(f"num_samples must be zero or more. Received: num_samples={num_samples}")
    runs = [Run(Path(folder)) for folder in folders]
    metrics = [_metrics(run) for run in runs]
    check_alike(
        {str(run.folder): found["test"]["protocol"] for run, found in zip(runs, metrics, strict=True)}
    )
    if not num_samples:
        return _ranked(runs, metrics, "elbo")
    again = [_evaluated(run, num_samples, seed) for run in runs]
    metrics = [old | {"test": new.as_dict()} for old, new in zip(metrics, again, strict=True)]
    return _ranked(runs, metrics, "log_likelihood", [each.examples.best for each in again])


def _metrics(run: Run) -> dict[str, Any]:
    """What is in `metrics.json`; measured again if it does not say how it was measured."""
    if "protocol" in run.metrics.get("test", {}):
        return run.metrics
    seed = run.description["settings"]["seed"]
    return run.metrics | measured(Run(run.folder).model, _data(run), seed=seed)


def _evaluated(run: Run, num_samples: int, seed: int) -> Figures:
    """By a copy of the run, so that no more than one model is kept in memory."""
    return figures_of(Run(run.folder).model, _data(run), num_samples=num_samples, seed=seed)


def _data(run: Run) -> Dataset:
    try:
        return Run(run.folder).data()
    except DataError as error:
        raise RunError(f"{run.folder} has to be evaluated again, and cannot be: {error}") from error


def _ranked(
    runs: Sequence[Run],
    metrics: Sequence[dict[str, Any]],
    ranked_by: str,
    scores_of_examples: Sequence[np.ndarray] | None = None,
) -> Comparison:
    scores = [found["test"][ranked_by] for found in metrics]
    for run, score in zip(runs, scores, strict=True):
        if not math.isfinite(_number(score)):
            raise RunError(f"{run.folder} cannot be ranked: its {ranked_by} is no finite number.")
    errors = [_number(found["test"][f"{ranked_by}_standard_error"]) for found in metrics]

    def error_between(a: int, b: int) -> float:
        if a == b:
            return 0.0
        if scores_of_examples is None:
            return math.hypot(errors[a], errors[b])
        return standard_error(scores_of_examples[a] - scores_of_examples[b])

    order = sorted(range(len(runs)), key=lambda i: -scores[i])
    differing = _differing([run.description["settings"] for run in runs])
    ranked: list[RankedRun] = []
    leader, rank = order[0], 1
    for place, i in enumerate(order, start=1):
        if scores[leader] - scores[i] > _LEAST_DIFFERENCE * error_between(leader, i):
            leader, rank = i, place
        settings = runs[i].description["settings"]
        ranked.append(
            RankedRun(
                rank=rank,
                run=str(runs[i].folder),
                recipe=settings["recipe"],
                settings={name: settings.get(name) for name in differing},
                score=scores[i],
                behind=scores[order[0]] - scores[i],
                behind_standard_error=error_between(order[0], i),
                test=metrics[i]["test"],
                gap=_number(metrics[i]["gap"]),
                active_units=metrics[i]["diagnosis"]["active_units"],
                latent_dim=len(metrics[i]["diagnosis"]["variance_of_means"]),
                seconds=sum(runs[i].history["seconds"]),
            )
        )
    return Comparison(ranked_by, scores_of_examples is not None, ranked)


def _number(figure: float | None) -> float:
    """Where a file holds `null`, the figure was no number."""
    return math.nan if figure is None else figure


def _differing(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of settings, the recipe apart, that are not the same for all."""
    names = dict.fromkeys(name for each in settings for name in each if name != "recipe")
    return [name for name in names if len({str(each.get(name)) for each in settings}) > 1]
