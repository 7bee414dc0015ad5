"""The von Mises–Fisher distribution on the unit sphere."""

import math
from typing import Any

from keras import ops

from keras_vae.distributions.colatitude import Colatitude
from keras_vae.distributions.distribution import Distribution, sample_shape
from keras_vae.distributions.divergence import register_kl
from keras_vae.distributions.noise import normal_noise
from keras_vae.distributions.precision import Tensor, as_float
from keras_vae.distributions.uniform_sphere import UniformSphere, log_area, sphere_dim, unit_vector


class VonMisesFisher(Distribution):
    r"""vMF(μ, κ): a bell on the unit sphere S^(d−1) of ℝ^d, around μ, as narrow as κ is large.

    log p(z) = κ μ·z + (d/2 − 1) log κ − (d/2) log 2π − log I_(d/2−1)(κ), a density on the surface of the
    sphere. It is computed as −½κ|z − μ|² − log ∫ sin^(d−2)θ e^(−κ(1−cos θ)) dθ − log area(S^(d−2)), by
    quadrature over the angle θ to μ instead of the Bessel function I: within 10⁻⁴ nats in float32 for
    d in 2 … 128 and κ in 10⁻³ … 10⁵.

    A sample draws θ by its inverse cumulative probability and a direction around μ uniformly, and
    rotates the two from the first axis to μ by a Householder reflection (Davidson et al., 2018,
    appendix A). It is reparameterised: gradients flow to μ, and to κ through θ.

    Args:
        mu: the mean direction, unit vectors `(batch, dim)` with `dim` of two or more.
        kappa: the concentration, positive, `(batch,)`.

    Raises:
        InvalidArgumentError: if `dim` is less than two.

    Example:
        >>> import numpy as np
        >>> q = VonMisesFisher(mu=np.array([[1.0, 0.0, 0.0]]), kappa=np.array([2.0]))
        >>> print(np.round(ops.convert_to_numpy(q.log_prob(np.array([[1.0, 0.0, 0.0]]))), 4))
        [-1.1262]
        >>> tuple(q.sample(5, seed=0).shape)
        (5, 1, 3)
    """

    def __init__(self, mu: Tensor, kappa: Tensor) -> None:
        self.mu = as_float(mu)
        self.kappa = ops.cast(kappa, self.mu.dtype)
        self.dim = sphere_dim(self.mu.shape[-1])

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        return self._draw(num_samples, seed, self._colatitude())[0]

    def log_prob(self, value: Tensor) -> Tensor:
        # μ·z − 1 would lose its digits where κ is large.
        distance = ops.sum(ops.square(ops.cast(value, self.mu.dtype) - self.mu), axis=-1)
        return -0.5 * self.kappa * distance - self._log_normalizer(self._colatitude())

    def sample_and_log_prob(
        self, num_samples: int | None = None, seed: Any = None
    ) -> tuple[Tensor, Tensor]:
        colatitude = self._colatitude()
        value, theta = self._draw(num_samples, seed, colatitude)
        versine = 2.0 * ops.square(ops.sin(0.5 * theta))
        return value, -self.kappa * versine - self._log_normalizer(colatitude)

    @property
    def mean(self) -> Tensor:
        """The mean direction μ, on the sphere; `expectation` is E[z], inside of it."""
        return self.mu

    @property
    def expectation(self) -> Tensor:
        """E[z] = A(κ)·μ with A = I_(d/2)(κ) / I_(d/2−1)(κ), shorter than one, `(batch, dim)`."""
        return (1.0 - self._colatitude().mean_versine)[..., None] * self.mu

    def entropy(self) -> Tensor:
        colatitude = self._colatitude()
        return self._log_normalizer(colatitude) + self.kappa * colatitude.mean_versine

    def _colatitude(self) -> Colatitude:
        return Colatitude(self.kappa, self.dim)

    def _log_normalizer(self, colatitude: Colatitude) -> Tensor:
        return colatitude.log_normalizer + log_area(self.dim - 1)

    def _draw(self, num_samples: int | None, seed: Any, colatitude: Colatitude) -> tuple[Tensor, Tensor]:
        """Samples, and their angles to μ."""
        shape = sample_shape(num_samples, ops.shape(self.mu))
        # One draw for the angle and the direction: an integer seed would give two of them the same noise.
        noise = normal_noise(shape, self.mu.dtype, seed)
        theta = colatitude.quantile(0.5 * (1.0 + ops.erf(noise[..., 0] / math.sqrt(2.0))))
        around = unit_vector(noise[..., 1:])

        # The reflection along μ ± e₁, whichever is long, takes ∓e₁ to μ.
        sign = ops.where(self.mu[..., :1] < 0.0, -1.0, 1.0)
        sign = ops.cast(sign, self.mu.dtype)
        axis = ops.concatenate([self.mu[..., :1] + sign, self.mu[..., 1:]], axis=-1)
        upright = ops.concatenate(
            [-sign * ops.cos(theta)[..., None], ops.sin(theta)[..., None] * around], axis=-1
        )
        along = ops.sum(axis * upright, axis=-1, keepdims=True)
        return upright - 2.0 * axis * along / ops.sum(ops.square(axis), axis=-1, keepdims=True), theta


@register_kl(VonMisesFisher, UniformSphere)
def _kl_to_uniform(q: VonMisesFisher, p: UniformSphere) -> Tensor:
    return log_area(p.dim) - q.entropy()
