"""Student's t distribution."""

import math
from typing import Any

import keras
from keras import ops

from keras_vae.distributions.distribution import Factorized, sample_shape
from keras_vae.distributions.precision import Tensor, as_float
from keras_vae.distributions.seeding import independent_seeds


class StudentT(Factorized):
    r"""Independent Student t elements with ν degrees of freedom, location μ and scale σ, by log σ.

    log p(x) = log Γ((ν+1)/2) − log Γ(ν/2) − ½ log νπ − log σ − (ν+1)/2 · log(1 + (x − μ)² / νσ²).
    Far from μ it falls like a power of the distance, so that an outlier costs its logarithm and not its
    square; as ν → ∞ it is N(μ, σ²). Samples are reparameterised in μ and σ.

    Args:
        mu: the location, `(batch, *event)`: the mean where ν > 1, and always the median.
        log_scale: log σ, of the same shape or one that broadcasts to it; below 40 in magnitude.
        df: ν, a positive number.
        event_ndim: how many of the last axes make one event; all but the first by default.

    References:
        Lange, Little & Taylor, 1989, "Robust statistical modeling using the t distribution".

    Example:
        >>> import numpy as np
        >>> p = StudentT(mu=np.zeros((1, 1), "float32"), log_scale=0.0, df=1)
        >>> print(np.round(keras.ops.convert_to_numpy(p.log_prob(np.zeros((1, 1)))), 4))
        [-1.1447]
    """

    def __init__(
        self, mu: Tensor, log_scale: Tensor, df: float = 3.0, event_ndim: int | None = None
    ) -> None:
        self.mu = as_float(mu)
        self.log_scale = ops.cast(log_scale, self.mu.dtype)
        self.df = float(df)
        super().__init__(len(self.mu.shape) - 1 if event_ndim is None else event_ndim)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        shape = sample_shape(num_samples, ops.shape(self.mu))
        seeds = independent_seeds(seed)
        normal = keras.random.normal(shape, dtype=self.mu.dtype, seed=next(seeds))
        halves = ops.full(shape, 0.5 * self.df, dtype=self.mu.dtype)
        gamma = keras.random.gamma(shape, halves, dtype=self.mu.dtype, seed=next(seeds))
        # N(0, 1) over √(χ²_ν / ν)
        return self.mu + ops.exp(self.log_scale) * normal * ops.rsqrt(gamma * (2.0 / self.df))

    def element_log_prob(self, value: Tensor) -> Tensor:
        deviation = (ops.cast(value, self.mu.dtype) - self.mu) * ops.exp(-self.log_scale)
        tail = 0.5 * (self.df + 1.0) * ops.log1p(ops.square(deviation) / self.df)
        return -(self._log_normaliser() + self.log_scale + tail)

    @property
    def mean(self) -> Tensor:
        return self.mu

    def element_entropy(self) -> Tensor:
        half, next_half = 0.5 * self.df, 0.5 * (self.df + 1.0)
        standard = next_half * (_digamma(next_half) - _digamma(half)) + self._log_normaliser()
        return standard + self.log_scale + ops.zeros_like(self.mu)

    def _log_normaliser(self) -> float:
        half, next_half = 0.5 * self.df, 0.5 * (self.df + 1.0)
        return math.lgamma(half) - math.lgamma(next_half) + 0.5 * math.log(self.df * math.pi)


def _digamma(x: float) -> float:
    """ψ(x) for x > 0: the recurrence up to 10, then the asymptotic series."""
    shift = 0.0
    while x < 10.0:
        shift -= 1.0 / x
        x += 1.0
    square = 1.0 / (x * x)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)))
    return shift + math.log(x) - 0.5 / x - series
