"""The angle between a vector on the sphere and the direction it is concentrated around."""

import math

import numpy as np
from keras import ops

from keras_vae.distributions.precision import Tensor

# Gauss–Legendre quadrature on panels that cover ten standard deviations either side of the mode.
_REACH = 10.0
_PANELS = 32
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
_NODES, _WEIGHTS = 0.5 * (_NODES + 1.0), 0.5 * _WEIGHTS
_ALL_NODES = ((np.arange(_PANELS)[:, None] + _NODES) / _PANELS).ravel()
_ALL_WEIGHTS = np.tile(_WEIGHTS / _PANELS, _PANELS)
_NEWTON_STEPS = 8
# A sample further out in a tail than this is moved there: float32 has no digits left for it.
_TAIL = 1e-6
_TINY = 1e-30


class Colatitude:
    r"""θ in [0, π] with density ∝ sin^(d−2)θ · exp(−κ (1 − cos θ)): θ = ∠(z, μ) for z ~ vMF(μ, κ) in ℝ^d.

    Everything is a quadrature over θ around the mode, relative to the density there, so that nothing
    overflows or cancels. In float32, for d in 2 … 128 and κ in 10⁻³ … 10⁵, `log_normalizer` is within
    10⁻⁴ nats of the Bessel function it stands for, and quantiles are within 10⁻⁵ in probability.
    The nodes are constants as far as gradients are concerned: the derivative of the quadrature is the
    quadrature of the derivative.

    Args:
        kappa: κ > 0, `(batch,)`.
        dim: d, two or more.

    Example:
        >>> theta = Colatitude(ops.convert_to_tensor([1e-3, 1e5]), dim=2).quantile(ops.full((1, 2), 0.5))
        >>> print(np.round(ops.convert_to_numpy(theta), 4))
        [[1.5698 0.0021]]
    """

    def __init__(self, kappa: Tensor, dim: int) -> None:
        self.kappa = kappa
        self.exponent = float(dim - 2)
        constant = ops.stop_gradient(kappa)
        versine = self._mode_versine(constant)
        self._mode = 2.0 * ops.arcsin(ops.sqrt(0.5 * versine))
        curvature = constant * (1.0 - versine)
        if self.exponent:
            curvature = curvature + self.exponent / (versine * (2.0 - versine))
        reach = _REACH / ops.sqrt(ops.maximum(curvature, _TINY))
        self._lower = ops.maximum(self._mode - reach, 0.0)
        self._width = ops.minimum(self._mode + reach, math.pi) - self._lower

    @property
    def log_normalizer(self) -> Tensor:
        """log ∫ sin^(d−2)θ exp(−κ (1 − cos θ)) dθ, `(batch,)`."""
        log_mass = ops.log(ops.sum(self._panel_masses(), axis=-1))
        at_mode = -self.kappa * _versine(self._mode)
        if self.exponent:
            at_mode = at_mode + self.exponent * ops.log(ops.sin(self._mode))
        return log_mass + at_mode

    @property
    def mean_versine(self) -> Tensor:
        """E[1 − cos θ], `(batch,)`."""
        theta = self._all_nodes()
        masses = self._density(theta) * ops.cast(_ALL_WEIGHTS, theta.dtype)
        return ops.sum(masses * _versine(theta), axis=-1) / ops.sum(masses, axis=-1)

    def quantile(self, probability: Tensor) -> Tensor:
        """θ with P(angle ≤ θ) = probability, `(…, batch)`; differentiable in κ, not in the probability.

        Newton's method in the panel where the probability is reached; the gradient is the implicit
        one, dθ/dκ = −(∂F/∂κ) / f, of the cumulative probability F and the density f.
        """
        probability = ops.clip(ops.stop_gradient(probability), _TAIL, 1.0 - _TAIL)
        masses = self._panel_masses()
        constant = ops.stop_gradient(masses)
        total = ops.sum(constant, axis=-1)
        reached = ops.cumsum(constant, axis=-1) <= (probability * total)[..., None]
        panel = ops.minimum(ops.sum(ops.cast(reached, "int32"), axis=-1), _PANELS - 1)
        before = ops.arange(_PANELS) < panel[..., None]
        within = ops.equal(ops.arange(_PANELS), panel[..., None])

        length = self._width / _PANELS
        start = self._lower + length * ops.cast(panel, probability.dtype)
        missing = probability * total - _masked_sum(constant, before)
        advance = length * ops.clip(missing / ops.maximum(_masked_sum(constant, within), _TINY), 0.0, 1.0)
        for _ in range(_NEWTON_STEPS):
            excess = self._mass(start, advance) - missing
            density = self._density((start + advance)[..., None])[..., 0]
            advance = ops.clip(advance - excess / ops.maximum(density, _TINY), 0.0, length)
        start, advance = ops.stop_gradient(start), ops.stop_gradient(advance)

        cumulative = _masked_sum(masses, before) + self._mass(start, advance)
        cumulative = cumulative / ops.sum(masses, axis=-1)
        density = ops.stop_gradient(self._density((start + advance)[..., None])[..., 0]) / total
        through_kappa = cumulative - ops.stop_gradient(cumulative)
        return start + advance - through_kappa / ops.maximum(density, _TAIL)

    def _mode_versine(self, kappa: Tensor) -> Tensor:
        """1 − cos of the mode, from κ sin²θ = (d − 2) cos θ, without cancellation."""
        if not self.exponent:
            return ops.zeros_like(kappa)
        root = ops.sqrt(self.exponent**2 + 4.0 * ops.square(kappa))
        return self.exponent * (1.0 + self.exponent / (root + 2.0 * kappa)) / (root + self.exponent)

    def _density(self, theta: Tensor) -> Tensor:
        """The density at θ, `(…, batch, nodes)`, divided by the one at the mode."""
        mode = self._mode[..., None]
        log_ratio = -2.0 * ops.sin(0.5 * (theta + mode)) * ops.sin(0.5 * (theta - mode))
        log_ratio = self.kappa[..., None] * log_ratio
        if self.exponent:
            sine = ops.maximum(ops.sin(theta), _TINY)
            log_ratio = log_ratio + self.exponent * ops.log(sine / ops.sin(mode))
        return ops.exp(log_ratio)

    def _all_nodes(self) -> Tensor:
        nodes = ops.cast(_ALL_NODES, self._mode.dtype)
        return self._lower[..., None] + self._width[..., None] * nodes

    def _panel_masses(self) -> Tensor:
        """The integral of `_density` over each panel, `(batch, panels)`."""
        theta = self._all_nodes()
        masses = self._density(theta) * ops.cast(_ALL_WEIGHTS, theta.dtype) * self._width[..., None]
        return ops.sum(ops.reshape(masses, (-1, _PANELS, len(_NODES))), axis=-1)

    def _mass(self, start: Tensor, advance: Tensor) -> Tensor:
        """The integral of `_density` from `start` on, `(…, batch)`."""
        nodes, weights = (ops.cast(each, start.dtype) for each in (_NODES, _WEIGHTS))
        theta = start[..., None] + advance[..., None] * nodes
        return advance * ops.sum(weights * self._density(theta), axis=-1)


def _versine(theta: Tensor) -> Tensor:
    """1 − cos θ, with all its digits near zero."""
    return 2.0 * ops.square(ops.sin(0.5 * theta))


def _masked_sum(masses: Tensor, mask: Tensor) -> Tensor:
    return ops.sum(ops.where(mask, masses, ops.zeros_like(masses)), axis=-1)
