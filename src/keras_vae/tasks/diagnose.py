"""Has the model collapsed? Does it ignore the prior? How many latent units are alive?"""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_vae.distributions import Normal, element_kl
from keras_vae.tasks.batching import map_batches
from keras_vae.vae import VAE

ACTIVE_VARIANCE = 0.01
# Beyond this many nats from the prior, a unit's codes and the prior's samples are in different places.
_FAR_FROM_PRIOR = 0.5
_PRIOR_SAMPLES = 10_000


@dataclass(frozen=True)
class Diagnosis:
    """What the latent units do.

    Args:
        active_units: units whose posterior means vary over the data by more than 0.01
            (Burda et al., 2016, section 5.2).
        variance_of_means: that variance, for each unit.
        kl_per_unit: the mean over the data of each unit's KL to the prior, in nats; `None` where
            posterior and prior do not split into units.
        prior_gap_per_unit: how far, in nats, the codes of all the data are from the prior's samples: the KL
            of a normal with the mean and variance of the ones to a normal with those of the others.
        state: "healthy", "unused units", "collapsed" or "ignores the prior".
        verdict: the same in one sentence, with what to change.
    """

    active_units: int
    variance_of_means: list[float]
    kl_per_unit: list[float] | None
    prior_gap_per_unit: list[float]
    state: str
    verdict: str


def diagnose(model: VAE, x: Any, seed: int = 0) -> Diagnosis:
    """Look at what the posteriors of `x` do with the latent units.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions.
        seed: of the samples of z.
    """
    generator = keras.random.SeedGenerator(seed)

    def posterior(batch: Any) -> dict[str, Any]:
        q, p = model.posterior_and_prior(batch)
        found = {"means": q.mean, "codes": q.sample(seed=generator)}
        if isinstance(q, Normal) and isinstance(p, Normal):
            found["kl"] = element_kl(q.mu, q.log_var, p.mu, p.log_var)
        return found

    found = map_batches(posterior, x, in_graph=model.built)
    samples = keras.ops.convert_to_numpy(model.sample_latents(_PRIOR_SAMPLES, generator))
    kl_per_unit = found["kl"].mean(axis=0, dtype="float64") if "kl" in found else None
    return diagnose_codes(found["means"], found["codes"], samples, kl_per_unit)


def diagnose_codes(
    means: np.ndarray, codes: np.ndarray, prior_codes: np.ndarray, kl_per_unit: np.ndarray | None = None
) -> Diagnosis:
    """The diagnosis, from posterior means, samples of the posteriors and of the prior, `(n, latent_dim)`.

    Example:
        >>> samples = np.random.default_rng(0).normal(size=(2, 1000, 2))
        >>> diagnosis = diagnose_codes(samples[0] * [1.0, 0.0], samples[0], samples[1])
        >>> diagnosis.active_units, diagnosis.state
        (1, 'unused units')
    """
    variance_of_means = means.var(axis=0, dtype="float64")
    gap = _moment_gap(codes.astype("float64"), prior_codes.astype("float64"))
    active = int((variance_of_means > ACTIVE_VARIANCE).sum())
    state, verdict = _judge(active, gap)
    return Diagnosis(
        active_units=active,
        variance_of_means=[float(value) for value in variance_of_means],
        kl_per_unit=None if kl_per_unit is None else [float(value) for value in kl_per_unit],
        prior_gap_per_unit=[float(value) for value in gap],
        state=state,
        verdict=verdict,
    )


def _moment_gap(codes: np.ndarray, prior_codes: np.ndarray) -> np.ndarray:
    """KL between normals with the means and variances of each unit's codes and of the prior's samples."""
    least = np.finfo("float32").tiny
    ratio = (codes.var(axis=0) + least) / (prior_codes.var(axis=0) + least)
    distance = (codes.mean(axis=0) - prior_codes.mean(axis=0)) ** 2 / (prior_codes.var(axis=0) + least)
    return 0.5 * (ratio - 1.0 - np.log(ratio) + distance)


def _judge(active: int, gap: np.ndarray) -> tuple[str, str]:
    units = len(gap)
    if active == 0:
        return "collapsed", (
            f"The model has collapsed: none of its {units} latent units carries information, so every "
            "input is reconstructed alike; lower beta, train longer or give the decoder less capacity."
        )
    if gap.max() > _FAR_FROM_PRIOR:
        return "ignores the prior", (
            f"The model ignores the prior: the codes of unit {gap.argmax() + 1} lie {gap.max():.1f} "
            "nats from it, so samples fall where the decoder was never trained; raise beta or train longer."
        )
    if active < units:
        return "unused units", (
            f"Healthy, with {active} of {units} latent units active: the others carry nothing, which "
            "does no harm; lower beta to use more of them, or latent_dim to drop them."
        )
    return "healthy", (
        f"Healthy: all {units} latent units carry information and their codes lie where the prior "
        "puts its samples; nothing needs changing."
    )
