"""log p(x) by importance sampling, and how far to trust it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.data import count
from keras_vae.tasks.batching import BATCH_SIZE, as_graph, map_batches
from keras_vae.vae import VAE


@dataclass(frozen=True)
class ImportanceEstimate:
    """The estimate for each of n examples, from K weights wₖ = p(x|zₖ) p(zₖ) / q(zₖ|x), zₖ ~ q(z|x).

    Args:
        num_samples: K.
        log_likelihood: log 1/K Σₖ wₖ, in nats, `(n,)`.
        variance: of `log_likelihood` over other draws of the K samples, by the delta method:
            Var(w) / (K · mean(w)²), with the unbiased variance of the weights, `(n,)`; NaN for K = 1.
        effective_sample_size: (Σₖ wₖ)² / Σₖ wₖ², between 1 and K: how many draws from p(z|x) itself
            the K are worth (Kong, 1992), `(n,)`.
    """

    num_samples: int
    log_likelihood: np.ndarray
    variance: np.ndarray
    effective_sample_size: np.ndarray

    @property
    def monte_carlo_error(self) -> float:
        """The standard error of the mean of `log_likelihood` that the draws of z make; NaN for K = 1."""
        return float(np.sqrt(self.variance.sum()) / len(self.variance))


def importance_estimate(
    model: VAE, x: Any, num_samples: int, seed: Any = 0, batch_size: int = BATCH_SIZE
) -> ImportanceEstimate:
    """log p(x) of each example with K importance samples (Burda et al., 2016, eq. 8).

    However large K is, no more than `batch_size` latents are decoded at a time: sums over parts of the K
    samples are added as logarithms, which is exact.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions.
        num_samples: K, at least 1.
        seed: an integer, or a `keras.random.SeedGenerator`, of the samples of z.
        batch_size: latents decoded at a time.
    """
    generator = keras.random.SeedGenerator(seed) if isinstance(seed, int) else seed
    calls = count(x) * num_samples // batch_size if model.built else 1

    def log_weights(batch: Any, part: int) -> dict[str, Any]:
        return model.log_weights(batch, part, seed=generator)

    run = as_graph(log_weights, calls)

    def log_sums(batch: Any) -> dict[str, np.ndarray]:
        of_weights = of_squares = np.full(count(batch), -np.inf)
        for part in _parts(num_samples, batch_size):
            found = run(batch, part)
            log_ratio = found["log_prior"] - found["log_posterior"]
            log_w = ops.convert_to_numpy(found["log_likelihood"] + log_ratio).astype("float64")
            of_weights = np.logaddexp(of_weights, np.logaddexp.reduce(log_w, axis=0))
            of_squares = np.logaddexp(of_squares, np.logaddexp.reduce(2.0 * log_w, axis=0))
        return {"weights": of_weights, "squares": of_squares}

    sums = map_batches(log_sums, x, batch_size=max(1, batch_size // num_samples))
    effective = np.exp(2.0 * sums["weights"] - sums["squares"])
    return ImportanceEstimate(
        num_samples=num_samples,
        log_likelihood=sums["weights"] - math.log(num_samples),
        variance=_delta_variance(effective, num_samples),
        effective_sample_size=effective,
    )


def _parts(num_samples: int, most: int) -> Iterator[int]:
    """Numbers that add up to `num_samples`, none above `most`."""
    for done in range(0, num_samples, most):
        yield min(most, num_samples - done)


def _delta_variance(effective: np.ndarray, num_samples: int) -> np.ndarray:
    """Var(w) / (K · mean(w)²), which is (K / effective sample size − 1) / (K − 1)."""
    if num_samples == 1:
        return np.full(len(effective), np.nan)
    return np.maximum(num_samples / effective - 1.0, 0.0) / (num_samples - 1)
