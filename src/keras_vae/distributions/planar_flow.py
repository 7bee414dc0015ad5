"""A normal distribution, bent along planes."""

import math

from keras import ops

from keras_vae.distributions.flow import Flow
from keras_vae.distributions.normal import Normal
from keras_vae.distributions.precision import Tensor

# The least slope of one step: its inverse stays well inside float32.
_MIN_SLOPE = 0.01
_BISECTIONS = 30
_NEWTON_STEPS = 3
_TINY = 1e-8


class PlanarFlow(Flow):
    r"""The distribution of f(ε), ε normal, for a chain f of planar steps.

    One step maps z to z + û tanh(w·z + b), which stretches or squeezes space across the plane w·z + b = 0;
    its log-determinant is log(1 + w·û sech²(w·z + b)). It is invertible where w·û > −1, which û makes sure
    of: û = u + [m(w·u) − w·u] w / |w|² with m above −1 and rising (Rezende & Mohamed, 2015, eq. 10–12 and
    appendix A.1). Here m(x) = 0.99·log((1 + (e − 1) eˣ) / e), the paper's softplus shifted so that
    m(0) = 0, which keeps û finite where w is zero, and held above −0.99.

    The density of any z, `log_prob`, inverts each step: w·ε is the root of a rising function of one
    variable, found by 30 bisections and three steps of Newton's method.

    Args:
        base: the distribution of ε, over `(batch, dim)`.
        u: directions of the steps before the constraint, `(batch, num_flows, dim)`.
        w: normals of their planes, `(batch, num_flows, dim)`.
        b: offsets of their planes, `(batch, num_flows)`.

    Example:
        >>> import numpy as np
        >>> base = Normal(np.zeros((1, 2)), np.zeros((1, 2)))
        >>> u, w, b = np.array([[[1.0, 0.0]]]), np.array([[[0.0, 1.0]]]), np.zeros((1, 1))
        >>> z, log_determinant = PlanarFlow(base, u, w, b).forward(np.array([[0.0, 100.0]], "float32"))
        >>> print(ops.convert_to_numpy(z), ops.convert_to_numpy(log_determinant))
        [[  1. 100.]] [0.]
    """

    def __init__(self, base: Normal, u: Tensor, w: Tensor, b: Tensor) -> None:
        super().__init__(base)
        self.u, self.w, self.b = (ops.cast(each, base.mu.dtype) for each in (u, w, b))

    def forward(self, epsilon: Tensor) -> tuple[Tensor, Tensor]:
        value = ops.cast(epsilon, self.base.mu.dtype)
        log_determinant = ops.zeros_like(value[..., 0])
        for index in range(self.w.shape[1]):
            u_hat, w, b, slope = self._step(index)
            bend = ops.tanh(ops.sum(w * value, axis=-1) + b)
            value = value + u_hat * bend[..., None]
            log_determinant = log_determinant + ops.log1p(slope * (1.0 - ops.square(bend)))
        return value, log_determinant

    def inverse(self, value: Tensor) -> tuple[Tensor, Tensor]:
        epsilon = ops.cast(value, self.base.mu.dtype)
        log_determinant = ops.zeros_like(epsilon[..., 0])
        for index in reversed(range(self.w.shape[1])):
            u_hat, w, b, slope = self._step(index)
            bend = ops.tanh(_root(ops.sum(w * epsilon, axis=-1) + b, slope))
            epsilon = epsilon - u_hat * bend[..., None]
            log_determinant = log_determinant + ops.log1p(slope * (1.0 - ops.square(bend)))
        return epsilon, log_determinant

    def _step(self, index: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """û, w, b and w·û of one step."""
        u, w, b = self.u[:, index], self.w[:, index], self.b[:, index]
        along = ops.sum(w * u, axis=-1)
        square = ops.sum(ops.square(w), axis=-1)
        floored = ops.maximum(square, _TINY)
        slope = _above_minus_one(along)
        u_hat = u + w * ((slope - along) / floored)[..., None]
        # w·û is m(w·u), but for a w of hardly any length.
        return u_hat, w, b, slope + (1.0 - square / floored) * (along - slope)


def _above_minus_one(x: Tensor) -> Tensor:
    """m(x) = 0.99·log((1 + (e − 1) eˣ) / e), each side of zero in the form that keeps its digits."""
    positive = ops.relu(x)
    right = positive + ops.log1p(ops.expm1(-positive) / math.e)
    left = ops.log1p((1.0 - 1.0 / math.e) * ops.expm1(-ops.relu(-x)))
    return (1.0 - _MIN_SLOPE) * (right + left)


def _root(target: Tensor, slope: Tensor) -> Tensor:
    """a with a + slope·tanh(a) = target, and its gradient by the implicit function theorem."""
    fixed_target, fixed_slope = ops.stop_gradient(target), ops.stop_gradient(slope)
    reach = ops.abs(fixed_slope) + ops.zeros_like(fixed_target)
    low, high = fixed_target - reach, fixed_target + reach
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        below = middle + fixed_slope * ops.tanh(middle) < fixed_target
        low, high = ops.where(below, middle, low), ops.where(below, high, middle)
    root = 0.5 * (low + high)
    for _ in range(_NEWTON_STEPS):
        root = root - _newton_step(root, fixed_target, fixed_slope)
    return root - _newton_step(root, target, slope)


def _newton_step(root: Tensor, target: Tensor, slope: Tensor) -> Tensor:
    bend = ops.tanh(root)
    derivative = 1.0 + ops.stop_gradient(slope) * (1.0 - ops.square(bend))
    return (root + slope * bend - target) / derivative
