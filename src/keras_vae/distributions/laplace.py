"""The Laplace distribution."""

import math
from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Factorized, sample_shape
from keras_vae.distributions.noise import uniform_noise
from keras_vae.distributions.precision import Tensor, as_float

_LOG_2 = math.log(2.0)


class Laplace(Factorized):
    r"""Independent Laplace elements with location μ and scale b, parameterised by log b.

    log p(x) = −log 2b − |x − μ| / b: the absolute error as a likelihood. The variance is 2b². Samples
    are reparameterised, by the inverse of the distribution function.

    Args:
        mu: the mean and median, `(batch, *event)`.
        log_scale: log b, of the same shape or one that broadcasts to it; below 80 in magnitude.
        event_ndim: how many of the last axes make one event; all but the first by default.

    Example:
        >>> import numpy as np
        >>> p = Laplace(mu=np.zeros((1, 2), "float32"), log_scale=0.0)
        >>> print(np.round(ops.convert_to_numpy(p.log_prob(np.zeros((1, 2)))), 4))
        [-1.3863]
    """

    def __init__(self, mu: Tensor, log_scale: Tensor, event_ndim: int | None = None) -> None:
        self.mu = as_float(mu)
        self.log_scale = ops.cast(log_scale, self.mu.dtype)
        super().__init__(len(self.mu.shape) - 1 if event_ndim is None else event_ndim)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        shape = sample_shape(num_samples, ops.shape(self.mu))
        # −1 itself, which the generator may return, is at minus infinity.
        uniform = uniform_noise(shape, -1.0 + 2.0**-23, 1.0, dtype=self.mu.dtype, seed=seed)
        return self.mu - ops.exp(self.log_scale) * ops.sign(uniform) * ops.log1p(-ops.abs(uniform))

    def element_log_prob(self, value: Tensor) -> Tensor:
        deviation = ops.abs(ops.cast(value, self.mu.dtype) - self.mu) * ops.exp(-self.log_scale)
        return -(_LOG_2 + self.log_scale + deviation)

    @property
    def mean(self) -> Tensor:
        return self.mu

    @property
    def variance(self) -> Tensor:
        """2b², `(batch, *event)`."""
        return 2.0 * ops.exp(2.0 * self.log_scale) + ops.zeros_like(self.mu)

    def element_entropy(self) -> Tensor:
        return 1.0 + _LOG_2 + self.log_scale + ops.zeros_like(self.mu)
