"""Has the model collapsed? Does it ignore the prior? How many latent units are alive?"""

from dataclasses import dataclass

import numpy as np
from keras import ops

from keras_vae.distributions import Normal, element_kl
from keras_vae.tasks.batching import map_batches
from keras_vae.vae import VAE

ACTIVE_VARIANCE = 0.01
# Beyond this many nats from N(0, 1), a unit's codes and the prior's samples are in different places.
_FAR_FROM_PRIOR = 0.5


@dataclass(frozen=True)
class Diagnosis:
    """What the latent units do.

    Args:
        active_units: units whose posterior means vary over the data by more than 0.01
            (Burda et al., 2016, section 5.2).
        variance_of_means: that variance, for each unit.
        kl_per_unit: the mean over the data of each unit's KL to N(0, 1), in nats.
        prior_gap_per_unit: the KL to N(0, 1), in nats, of a normal with the mean and the variance of
            all the posteriors together; zero where samples of the prior fall where the codes are.
        state: "healthy", "unused units", "collapsed" or "ignores the prior".
        verdict: the same in one sentence, with what to change.
    """

    active_units: int
    variance_of_means: list[float]
    kl_per_unit: list[float]
    prior_gap_per_unit: list[float]
    state: str
    verdict: str


def diagnose(model: VAE, x: np.ndarray) -> Diagnosis:
    """Look at the posteriors of `x`, `(n, *event)`, of a model with diagonal normal posteriors."""

    def posterior(batch: np.ndarray) -> dict:
        q: Normal = model.encode(batch)  # type: ignore[assignment]
        return {"mu": q.mu, "log_var": q.log_var}

    return diagnose_posteriors(**map_batches(posterior, x))


def diagnose_posteriors(mu: np.ndarray, log_var: np.ndarray) -> Diagnosis:
    """The diagnosis of posteriors N(mu, exp log_var), each `(n, latent_dim)`.

    Example:
        >>> mu = np.random.default_rng(0).normal(size=(1000, 2)) * [1.0, 0.0]
        >>> log_var = np.log(np.array([[0.01, 1.0]])) * np.ones((1000, 1))
        >>> diagnosis = diagnose_posteriors(mu, log_var)
        >>> diagnosis.active_units, diagnosis.state
        (1, 'unused units')
    """
    mu, log_var = mu.astype("float64"), log_var.astype("float64")
    variance_of_means = mu.var(axis=0)
    kl_per_unit = ops.convert_to_numpy(element_kl(mu, log_var)).mean(axis=0)
    variance = variance_of_means + np.exp(log_var).mean(axis=0)
    gap = ops.convert_to_numpy(element_kl(mu.mean(axis=0), np.log(variance)))
    active = int((variance_of_means > ACTIVE_VARIANCE).sum())
    state, verdict = _judge(active, kl_per_unit, gap)
    return Diagnosis(
        active_units=active,
        variance_of_means=[float(value) for value in variance_of_means],
        kl_per_unit=[float(value) for value in kl_per_unit],
        prior_gap_per_unit=[float(value) for value in gap],
        state=state,
        verdict=verdict,
    )


def _judge(active: int, kl_per_unit: np.ndarray, gap: np.ndarray) -> tuple[str, str]:
    units = len(kl_per_unit)
    if active == 0:
        return "collapsed", (
            f"The model has collapsed: none of its {units} latent units carries information "
            f"(KL {kl_per_unit.sum():.2f} nats), so every input is reconstructed alike; "
            "lower beta, train longer or give the decoder less capacity."
        )
    if gap.max() > _FAR_FROM_PRIOR:
        return "ignores the prior", (
            f"The model ignores the prior: the codes of unit {gap.argmax() + 1} lie {gap.max():.1f} "
            "nats from N(0, 1), so samples fall where the decoder was never trained; raise beta or "
            "train longer."
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
