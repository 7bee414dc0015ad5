"""The normal distribution with any covariance."""

import math
from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Distribution, sample_shape
from keras_vae.distributions.divergence import register_kl
from keras_vae.distributions.noise import normal_noise
from keras_vae.distributions.normal import Normal
from keras_vae.distributions.precision import Tensor, as_float

_LOG_2PI = math.log(2.0 * math.pi)


class FullNormal(Distribution):
    r"""N(μ, Σ) with Σ = L Lᵀ, parameterised by its Cholesky factor L, lower triangular.

    log p(z) = −½ [d log 2π + |ε|²] − Σᵢ log Lᵢᵢ, where ε solves L ε = z − μ. Samples are
    reparameterised, z = μ + L ε with ε ~ N(0, I) (Kingma & Welling, 2019, section 2.5.1). The KL to
    another `FullNormal` and to a diagonal `Normal` are closed forms.

    Args:
        mu: the mean, `(batch, dim)`.
        scale_tril: L, `(batch, dim, dim)`: a positive diagonal, and zeros above it.

    Example:
        >>> import numpy as np
        >>> q = FullNormal(mu=np.zeros((1, 2)), scale_tril=np.array([[[1.0, 0.0], [2.0, 0.5]]]))
        >>> print(np.round(ops.convert_to_numpy(q.log_prob(np.array([[1.0, 2.0]]))), 4))
        [-1.6447]
    """

    def __init__(self, mu: Tensor, scale_tril: Tensor) -> None:
        self.mu = as_float(mu)
        self.scale_tril = ops.cast(scale_tril, self.mu.dtype)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        return self._from_noise(self._noise(num_samples, seed))

    def log_prob(self, value: Tensor) -> Tensor:
        return self._log_prob_of_noise(_solve(self.scale_tril, ops.cast(value, self.mu.dtype) - self.mu))

    def sample_and_log_prob(
        self, num_samples: int | None = None, seed: Any = None
    ) -> tuple[Tensor, Tensor]:
        noise = self._noise(num_samples, seed)
        return self._from_noise(noise), self._log_prob_of_noise(noise)

    @property
    def mean(self) -> Tensor:
        return self.mu

    @property
    def variance(self) -> Tensor:
        """The diagonal of Σ, `(batch, dim)`."""
        return ops.sum(ops.square(self.scale_tril), axis=-1) + ops.zeros_like(self.mu)

    @property
    def covariance(self) -> Tensor:
        """Σ, `(batch, dim, dim)`."""
        return ops.matmul(self.scale_tril, ops.swapaxes(self.scale_tril, -1, -2))

    @property
    def log_diagonal(self) -> Tensor:
        """log Lᵢᵢ, `(batch, dim)`."""
        return ops.log(ops.diagonal(self.scale_tril, axis1=-2, axis2=-1))

    def entropy(self) -> Tensor:
        of_elements = 0.5 * (1.0 + _LOG_2PI) + self.log_diagonal + ops.zeros_like(self.mu)
        return ops.sum(of_elements, axis=-1)

    def _tempered(self, temperature: float) -> "FullNormal":
        return FullNormal(self.mu, temperature * self.scale_tril)

    def _noise(self, num_samples: int | None, seed: Any) -> Tensor:
        shape = sample_shape(num_samples, ops.shape(self.mu))
        return normal_noise(shape, self.mu.dtype, seed)

    def _from_noise(self, noise: Tensor) -> Tensor:
        return self.mu + ops.matmul(self.scale_tril, noise[..., None])[..., 0]

    def _log_prob_of_noise(self, noise: Tensor) -> Tensor:
        return -ops.sum(0.5 * (_LOG_2PI + ops.square(noise)) + self.log_diagonal, axis=-1)


def _solve(scale_tril: Tensor, deviation: Tensor) -> Tensor:
    """ε with L ε = deviation, for deviations `(…, batch, dim)`; either batch may be 1."""
    flat = ops.reshape(deviation, (-1, *ops.shape(deviation)[-2:]))
    columns = ops.transpose(flat, (1, 2, 0))
    columns = columns + ops.zeros_like(scale_tril[:, :, :1])
    scale_tril = scale_tril + ops.zeros_like(columns[:, :1, :1])
    solved = ops.transpose(ops.solve_triangular(scale_tril, columns, lower=True), (2, 0, 1))
    return ops.reshape(solved, (*ops.shape(deviation)[:-2], *ops.shape(solved)[-2:]))


def _kl(log_ratio: Tensor, off_diagonal: Tensor, deviation: Tensor) -> Tensor:
    """½ Σ [expm1(r) − r + Σⱼ Mᵢⱼ² + δ²], r = 2 log Mᵢᵢ: the KL to N(0, I), with all digits near zero."""
    squares = ops.sum(ops.square(off_diagonal), axis=-1) + ops.square(deviation)
    return 0.5 * ops.sum(ops.expm1(log_ratio) - log_ratio + squares, axis=-1)


@register_kl(FullNormal, Normal)
def _kl_full_diagonal(q: FullNormal, p: Normal) -> Tensor:
    p_mu, p_log_var = (ops.cast(each, q.mu.dtype) for each in (p.mu, p.log_var))
    inverse_scale = ops.exp(-0.5 * p_log_var)
    return _kl(
        2.0 * q.log_diagonal - p_log_var,
        inverse_scale[..., None] * ops.tril(q.scale_tril, k=-1),
        inverse_scale * (q.mu - p_mu),
    )


@register_kl(FullNormal, FullNormal)
def _kl_full_full(q: FullNormal, p: FullNormal) -> Tensor:
    # Lₚ⁻¹ [L, μ − μₚ]: in the coordinates where p is N(0, I).
    p_mu, p_scale = (ops.cast(each, q.mu.dtype) for each in (p.mu, p.scale_tril))
    columns = _solve(p_scale, ops.moveaxis(q.scale_tril, -1, 0) + ops.zeros_like(p_mu))
    return _kl(
        2.0 * (q.log_diagonal - ops.cast(p.log_diagonal, q.mu.dtype)),
        ops.tril(ops.moveaxis(columns, 0, -1), k=-1),
        _solve(p_scale, q.mu - p_mu),
    )
