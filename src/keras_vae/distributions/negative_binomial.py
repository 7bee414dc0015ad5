"""The negative binomial distribution, from its mean and dispersion."""

import math
from typing import Any

import keras
from keras import ops

from keras_vae.distributions.count_entropy import count_entropy
from keras_vae.distributions.distribution import Factorized, sample_shape
from keras_vae.distributions.log_gamma import stirling_error
from keras_vae.distributions.poisson import sample_poisson
from keras_vae.distributions.precision import Tensor, as_float
from keras_vae.distributions.seeding import independent_seeds


class NegativeBinomial(Factorized):
    r"""Independent counts with mean μ and variance μ + μ²/r, parameterised by log μ and log r.

    log P(x) = log Γ(x + r) − log Γ(r) − log x! + r log(r / (r + μ)) + x log(μ / (r + μ)): a Poisson whose
    rate is drawn from a Gamma with shape r and mean μ. r is the total count, or inverse dispersion; as
    r → ∞ it is the Poisson. In the other usual parameters, `total_count` is r and `logits` is
    log μ − log r. Computed in saddle-point form, without large terms that cancel, so that counts and
    r up to a million are safe in float32.

    Args:
        log_mean: log μ, `(batch, *event)`; at most 16.
        log_total_count: log r, of the same shape or one that broadcasts to it; between −12 and 16.
        event_ndim: how many of the last axes make one event; all but the first by default.

    References:
        Loader, 2000, "Fast and accurate computation of binomial probabilities"; Lopez et al., 2018, "Deep
        generative modeling for single-cell transcriptomics", for its use in VAEs.

    Example:
        >>> import numpy as np
        >>> p = NegativeBinomial(log_mean=np.zeros((1, 1), "float32"), log_total_count=0.0)
        >>> print(np.round(keras.ops.convert_to_numpy(p.log_prob(np.array([[2.0]]))), 4))
        [-2.0794]
    """

    def __init__(self, log_mean: Tensor, log_total_count: Tensor, event_ndim: int | None = None) -> None:
        self.log_mean = as_float(log_mean)
        self.log_total_count = ops.cast(log_total_count, self.log_mean.dtype)
        super().__init__(len(self.log_mean.shape) - 1 if event_ndim is None else event_ndim)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        shape = sample_shape(num_samples, ops.shape(self.log_mean))
        seeds = independent_seeds(seed)
        log_total_count = ops.broadcast_to(self.log_total_count, shape)
        gamma = keras.random.gamma(
            shape, ops.exp(log_total_count), dtype=self.log_mean.dtype, seed=next(seeds)
        )
        # A gamma that underflows to 0 has a rate of 0.
        log_rate = ops.log(ops.maximum(gamma, 1e-37)) + self.log_mean - log_total_count
        return sample_poisson(log_rate, next(seeds))

    def element_log_prob(self, value: Tensor) -> Tensor:
        value = ops.cast(value, self.log_mean.dtype)
        return negative_binomial_log_prob(value, self.log_mean, self.log_total_count)

    @property
    def mean(self) -> Tensor:
        return ops.exp(self.log_mean)

    @property
    def variance(self) -> Tensor:
        """μ + μ²/r, `(batch, *event)`."""
        return self.mean * (1.0 + ops.exp(self.log_mean - self.log_total_count))

    def element_entropy(self) -> Tensor:
        """By summation and quadrature, within 1e-3 nats."""
        log_mean = ops.expand_dims(self.log_mean, -1)
        log_total_count = ops.expand_dims(self.log_total_count + ops.zeros_like(self.log_mean), -1)
        return count_entropy(
            lambda count: negative_binomial_log_prob(count, log_mean, log_total_count),
            self.mean,
            self.variance,
        )


def negative_binomial_log_prob(count: Tensor, log_mean: Tensor, log_total_count: Tensor) -> Tensor:
    r"""Log P(count) of each element; the three broadcast against each other.

    For x > 0 and n = r + x it is log(r / n) + δ(n) − δ(r) − δ(x) + ½ log(n / 2πrx)
    − r log((r + μ) / n) + x log(μn / x(r + μ)).
    """
    is_zero = count <= 0.0
    x = ops.where(is_zero, 1.0, count)
    log_x, log_r = ops.log(x), log_total_count
    r = ops.exp(log_r)
    n = r + x
    log_n, log_sum = ops.log(n), ops.logaddexp(log_r, log_mean)
    difference = x * ops.expm1(log_mean - log_x)  # μ − x
    r_ratio = _log_ratio(difference / n, log_sum - log_n)
    x_ratio = _log_ratio(difference / x * ops.sigmoid(log_r - log_mean), log_mean + log_n - log_x - log_sum)
    coefficient = stirling_error(n) - stirling_error(r) - stirling_error(x)
    normaliser = 0.5 * (log_r - log_n - log_x - math.log(2.0 * math.pi))
    positive = coefficient + normaliser - r * r_ratio + x * x_ratio
    zero = -r * ops.softplus(log_mean - log_r)
    return ops.where(is_zero, zero, positive)


def _log_ratio(step: Tensor, otherwise: Tensor) -> Tensor:
    """The logarithm of 1 + step: from `step` where it is small, and as `otherwise` elsewhere."""
    is_small = ops.abs(step) < 0.5
    return ops.where(is_small, ops.log1p(ops.where(is_small, step, 0.0)), otherwise)
