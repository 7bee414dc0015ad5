"""How far a score is to be trusted, and what it is by chance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from keras_vae.tasks.batching import map_batches
from keras_vae.tasks.disentanglement.labelled_codes import LabelledCodes
from keras_vae.tasks.disentanglement.measurement import Measurement

COVERAGE = 0.95


@dataclass(frozen=True)
class Metric:
    """A metric, and how often it is worth its cost.

    Args:
        measure: of labelled codes and a seed.
        most_rows: it looks at so many examples at most, drawn at random.
        most_bootstraps: its intervals come from so many halves at most.
        num_shuffles: its chance levels are the mean over so many.
    """

    measure: Callable[[LabelledCodes, int], Measurement]
    most_rows: int = 100_000
    most_bootstraps: int = 1_000
    num_shuffles: int = 10


@dataclass(frozen=True)
class Score:
    """A score from 0 to 1.

    Args:
        value: of all examples.
        low: where its 95 % interval begins; `None` if none was asked for.
        high: where it ends.
        chance: what the same codes score beside the factors of other examples.
        num_bootstraps: how many halves of the examples the interval comes from.
    """

    value: float
    low: float | None
    high: float | None
    chance: float
    num_bootstraps: int


def measure_all(
    metrics: Mapping[str, Metric], labelled: LabelledCodes, num_bootstraps: int, seed: int
) -> tuple[dict[str, Measurement], dict[str, Score]]:
    """Each metric once on all examples, many times on half of them, and a few times on shuffled ones.

    The halves are drawn without replacement. Drawing with replacement, the usual bootstrap, repeats
    examples: what is learned from one copy would be tested on another, and the mutual information of fewer
    different examples is larger. The score of a half scatters around that of the whole by as much as that
    of the whole around its expectation, because its variance is twice as large and half of it is shared
    (Shao & Wu, 1989: the jackknife that deletes half), so that no factor is needed. With the quantiles q of
    the scores of the halves less their median, the 95 % interval around the score s is
    [s − q(0.975), s − q(0.025)], cut at 0 and 1 (Politis & Romano, 1994). It says how much other examples
    would change the score; neither how much another training would, nor by how much the score of so few
    examples is too large or too small.

    Returns:
        What each metric made of all examples, by its name, and all scores by theirs.
    """
    plan = {
        name: _jobs(metric, labelled, min(num_bootstraps, metric.most_bootstraps), [seed, *name.encode()])
        for name, metric in metrics.items()
    }
    results = iter(_done([job for jobs in plan.values() for job in jobs]))
    whole, scores = {}, {}
    for name, jobs in plan.items():
        found = [next(results) for _ in jobs]
        whole[name] = found[0]
        num_halves = len(jobs) - 1 - metrics[name].num_shuffles
        for score in found[0].scores:
            values = np.array([each.scores[score] for each in found])
            scores[score] = _score(values[0], values[1 : 1 + num_halves], values[1 + num_halves :])
    return whole, scores


def _jobs(
    metric: Metric, labelled: LabelledCodes, num_halves: int, seed: list[int]
) -> list[Callable[[], Measurement]]:
    """All examples, the halves, and the shuffled ones, each with draws of its own."""
    generator = np.random.default_rng(seed)
    if len(labelled) > metric.most_rows:
        labelled = labelled.rows(generator.permutation(len(labelled))[: metric.most_rows])

    def job(
        change: Callable[[LabelledCodes, np.random.Generator], LabelledCodes], number: int
    ) -> Measurement:
        own = np.random.default_rng([*seed, number])
        return metric.measure(change(labelled, own), int(own.integers(2**31)))

    changes = [
        _as_it_is,
        *[LabelledCodes.half] * num_halves,
        *[LabelledCodes.shuffled] * metric.num_shuffles,
    ]
    return [partial(job, change, number) for number, change in enumerate(changes)]


def _as_it_is(labelled: LabelledCodes, generator: np.random.Generator) -> LabelledCodes:
    del generator
    return labelled


def _done(jobs: list[Callable[[], Measurement]]) -> list[Measurement]:
    """What they return; as batches of one, so that `reporting` hears of each."""
    results: list[Measurement] = []

    def run(number: np.ndarray) -> np.ndarray:
        results.append(jobs[int(number[0])]())
        return number

    map_batches(run, np.arange(len(jobs)), batch_size=1)
    return results


def _score(value: float, halves: np.ndarray, shuffled: np.ndarray) -> Score:
    low = high = None
    if len(halves):
        tail = (1.0 - COVERAGE) / 2.0
        below, above = np.quantile(halves - np.median(halves), [tail, 1.0 - tail])
        low, high = (float(np.clip(value - each, 0.0, 1.0)) for each in (above, below))
    return Score(float(value), low, high, float(shuffled.mean()), len(halves))
