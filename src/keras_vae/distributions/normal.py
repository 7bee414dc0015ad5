"""The diagonal normal distribution."""

import math
from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Factorized, sample_shape
from keras_vae.distributions.divergence import register_kl
from keras_vae.distributions.noise import normal_noise
from keras_vae.distributions.precision import Tensor, as_float

_LOG_2PI = math.log(2.0 * math.pi)


class Normal(Factorized):
    r"""Independent normal elements, N(μ, σ²), parameterised by log σ².

    log p(x) = −½ [log 2π + log σ² + (x − μ)² / σ²]. Samples are reparameterised, z = μ + exp(½ log σ²)·ε
    with ε ~ N(0, 1) (Kingma & Welling, 2014, eq. 10), so that gradients flow to μ and log σ².

    Args:
        mu: the mean, `(batch, *event)`.
        log_var: the log-variance, of the same shape or one that broadcasts to it.
        event_ndim: how many of the last axes make one event; all but the first by default.

    Example:
        >>> import numpy as np
        >>> q = Normal(mu=np.zeros((1, 2), "float32"), log_var=np.zeros((1, 2), "float32"))
        >>> print(np.round(ops.convert_to_numpy(q.log_prob(np.zeros((1, 2)))), 4))
        [-1.8379]
    """

    def __init__(self, mu: Tensor, log_var: Tensor, event_ndim: int | None = None) -> None:
        self.mu = as_float(mu)
        self.log_var = as_float(log_var)
        super().__init__(len(self.mu.shape) - 1 if event_ndim is None else event_ndim)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        shape = sample_shape(num_samples, ops.shape(self.mu))
        epsilon = normal_noise(shape, self.mu.dtype, seed)
        return self.mu + ops.exp(0.5 * self.log_var) * epsilon

    def element_log_prob(self, value: Tensor) -> Tensor:
        deviation = ops.square(ops.cast(value, self.mu.dtype) - self.mu) * ops.exp(-self.log_var)
        return -0.5 * (_LOG_2PI + self.log_var + deviation)

    @property
    def mean(self) -> Tensor:
        return self.mu

    @property
    def variance(self) -> Tensor:
        """σ², `(batch, *event)`."""
        return ops.exp(self.log_var) + ops.zeros_like(self.mu)

    def element_entropy(self) -> Tensor:
        return 0.5 * (1.0 + _LOG_2PI + self.log_var) + ops.zeros_like(self.mu)

    def _tempered(self, temperature: float) -> "Normal":
        return Normal(self.mu, self.log_var + 2.0 * math.log(temperature), self.event_ndim)


def kl_divergence(
    mu: Tensor, log_var: Tensor, prior_mu: Tensor = 0.0, prior_log_var: Tensor = 0.0
) -> Tensor:
    r"""KL(N(μ, σ²) ‖ N(μₚ, σₚ²)) of two diagonal normals, in nats, summed over the latents.

    ½ Σ [log σₚ² − log σ² + (σ² + (μ − μₚ)²) / σₚ² − 1]; with the default prior N(0, I) this is the
    article's −½ Σ (1 + log σ² − μ² − σ²) (Kingma & Welling, 2014, appendix B).

    Args:
        mu: means, `(batch, latent_dim)`.
        log_var: log-variances, `(batch, latent_dim)`.
        prior_mu: means of the second normal; broadcasts against `mu`.
        prior_log_var: its log-variances; broadcasts against `log_var`.

    Returns:
        `(batch,)`: never averaged over the batch, never negative but for rounding.

    Example:
        >>> import numpy as np
        >>> mu, log_var = np.array([[0.5, -0.3, 0.8]]), np.array([[-0.2, -0.5, 0.1]])
        >>> print(np.round(ops.convert_to_numpy(kl_divergence(mu, log_var)), 4))
        [0.5552]
    """
    return ops.sum(element_kl(mu, log_var, prior_mu, prior_log_var), axis=-1)


def element_kl(mu: Tensor, log_var: Tensor, prior_mu: Tensor = 0.0, prior_log_var: Tensor = 0.0) -> Tensor:
    """`kl_divergence` before its sum: the nats of each latent, `(batch, latent_dim)`."""
    mu = as_float(mu)
    log_var, prior_mu, prior_log_var = (
        ops.cast(each, mu.dtype) for each in (log_var, prior_mu, prior_log_var)
    )
    log_ratio = log_var - prior_log_var
    distance = ops.square(mu - prior_mu) * ops.exp(-prior_log_var)
    return 0.5 * (ops.expm1(log_ratio) - log_ratio + distance)


@register_kl(Normal, Normal)
def _kl_normal_normal(q: Normal, p: Normal) -> Tensor:
    return kl_divergence(q.mu, q.log_var, p.mu, p.log_var)
