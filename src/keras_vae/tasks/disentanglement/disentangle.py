"""How well latent units keep known factors apart: every metric, with its interval and its chance level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.errors import DataError, InvalidArgumentError, UnknownNameError
from keras_vae.tasks.diagnose import ACTIVE_VARIANCE
from keras_vae.tasks.disentanglement.beta_vae import beta_vae
from keras_vae.tasks.disentanglement.dci import dci
from keras_vae.tasks.disentanglement.factor_vae import factor_vae
from keras_vae.tasks.disentanglement.labelled_codes import LabelledCodes
from keras_vae.tasks.disentanglement.mig import mig
from keras_vae.tasks.disentanglement.modularity import modularity
from keras_vae.tasks.disentanglement.resampling import Metric, Score, measure_all
from keras_vae.tasks.disentanglement.sap import sap

METRICS: dict[str, Metric] = {
    "mig": Metric(mig),
    "sap": Metric(sap),
    "modularity": Metric(modularity),
    "factor_vae": Metric(factor_vae),
    "beta_vae": Metric(beta_vae),
    "dci": Metric(dci, most_rows=5_000, most_bootstraps=20, num_shuffles=3),
}
FEWEST_BOOTSTRAPS = 20


@dataclass(frozen=True)
class Disentanglement:
    """What the units say of the factors.

    Args:
        num_examples: how many examples this is of.
        factors: their names.
        num_classes: of each factor; 20 for one of more different values, which was put into bins.
        active_units: the numbers of the units that were measured, from 0; the others carry nothing.
        scores: by name, from 0 to 1; see the metrics.
        per_factor: by name of a score, what it is of each factor.
        entropy: H(v) of each factor in nats, the most that a unit can say of it.
        mutual_information: I(z; v) in nats, a row for each unit, a column for each factor; 0 for a unit
            that carries nothing.
        importance: of each unit in predicting each factor, likewise; `None` without the metric "dci".
    """

    num_examples: int
    factors: tuple[str, ...]
    num_classes: list[int]
    active_units: list[int]
    scores: dict[str, Score]
    per_factor: dict[str, list[float]]
    entropy: list[float]
    mutual_information: list[list[float]]
    importance: list[list[float]] | None = None


def disentangle(
    codes: Any,
    factors: Any,
    names: Sequence[str] | None = None,
    num_bootstraps: int = 100,
    seed: int = 0,
    metrics: Iterable[str] = tuple(METRICS),
    least_variance: float = ACTIVE_VARIANCE,
) -> Disentanglement:
    """Measure codes against the factors that their examples were made from, or are known to have.

    Units of which the variance is not above `least_variance` are left out first. The posterior mean of a
    unit that has collapsed to the prior is nearly constant, but what is left of it may follow a factor, and
    the metrics, which do not look at scales, would take it for a good unit, though no sample of z says
    anything.

    The interval of a score comes from the scores of halves of the examples, its chance level from the same
    codes beside the factors of other examples; see `measure_all`. DCI, which costs most, looks at 5,000
    examples at most, drawn at random, and its intervals come from 20 halves at most; the other metrics look
    at 100,000 at most.

    Args:
        codes: `(n, units)`, as `embed` returns them: posterior means.
        factors: `(n, k)` numbers. A factor of more than 20 different values is put into 20 bins of equally
            many examples.
        names: of the factors.
        num_bootstraps: how many halves; 0 leaves the intervals out.
        seed: the same seed gives the same figures.
        metrics: some of "mig", "sap", "modularity", "factor_vae", "beta_vae" and "dci".
        least_variance: for codes under a prior of variance 1, that of Burda et al. (2016); 0 for others.

    Raises:
        DataError: if codes or factors do not fit, see `LabelledCodes.of`, or no unit varies.
        InvalidArgumentError: if `num_bootstraps` is neither 0 nor at least 20.
        UnknownNameError: if there is no such metric.

    Example:
        >>> factors = np.stack([np.arange(300) % 2, np.arange(300) % 3], axis=1)
        >>> found = disentangle(factors[:, ::-1], factors, ["light", "colour"], metrics=["mig"])
        >>> found.scores["mig"].value, [round(each, 2) for each in found.entropy]
        (1.0, [0.69, 1.1])
    """
    if num_bootstraps and num_bootstraps < FEWEST_BOOTSTRAPS:
        raise InvalidArgumentError(
            f"An interval needs at least {FEWEST_BOOTSTRAPS} halves of the examples; 0 leaves intervals "
            f"out. Received: num_bootstraps={num_bootstraps}"
        )
    chosen = {}
    for name in metrics:
        if name not in METRICS:
            raise UnknownNameError("metric", name, METRICS)
        chosen[name] = METRICS[name]
    labelled = LabelledCodes.of(codes, factors, names)
    active = labelled.varies & (labelled.codes.var(axis=0) > least_variance)
    if not active.any():
        raise DataError(
            f"None of the {len(active)} units has a variance above {least_variance:g}: they say nothing of "
            "any factor. Lower beta or train longer; for codes of another scale, lower least_variance."
        )
    labelled = labelled.units(active)
    whole, scores = measure_all(chosen, labelled, num_bootstraps, seed)
    importance = whole["dci"].importance if "dci" in whole else None
    return Disentanglement(
        num_examples=len(labelled),
        factors=labelled.names,
        num_classes=labelled.num_classes,
        active_units=np.flatnonzero(active).tolist(),
        scores=scores,
        per_factor={
            name: each.tolist() for found in whole.values() for name, each in found.per_factor.items()
        },
        entropy=labelled.entropies.tolist(),
        mutual_information=_of_all_units(labelled.mutual_information, active),
        importance=None if importance is None else _of_all_units(importance, active),
    )


def _of_all_units(matrix: np.ndarray, active: np.ndarray) -> list[list[float]]:
    """The same with rows of zeros for the units that were left out."""
    full = np.zeros((len(active), matrix.shape[1]))
    full[active] = matrix
    return full.tolist()
