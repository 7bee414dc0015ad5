"""The continuous Bernoulli distribution, from logits."""

from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Factorized, sample_shape
from keras_vae.distributions.noise import uniform_noise
from keras_vae.distributions.precision import Tensor, as_float

# Where the Taylor series about ℓ = 0 takes over, and where it is as good as exact in float32.
_NEAR_ZERO = 0.5


class ContinuousBernoulli(Factorized):
    r"""Independent elements in [0, 1] with density C(λ) λˣ (1 − λ)¹⁻ˣ, λ = sigmoid(logits).

    log p(x) = x·ℓ − log Z(ℓ) with Z(ℓ) = ∫₀¹ exp(ℓx) dx = (exp ℓ − 1) / ℓ. This is the Bernoulli's
    formula for grey values with the constant that makes it a density: log C(λ) is
    softplus(ℓ) − log Z(ℓ). It is stable for every logit: by its Taylor series near ℓ = 0 (λ = ½),
    where (exp ℓ − 1) / ℓ is 0 / 0, and through exp(−|ℓ|), which cannot overflow, elsewhere.

    Args:
        logits: ℓ, `(batch, *event)`.
        event_ndim: how many of the last axes make one event; all but the first by default.

    References:
        Loaiza-Ganem & Cunningham, 2019, "The continuous Bernoulli".

    Example:
        >>> import numpy as np
        >>> p = ContinuousBernoulli(logits=np.zeros((1, 3), "float32"))
        >>> print(ops.convert_to_numpy(p.mean), ops.convert_to_numpy(p.log_prob(p.mean)))
        [[0.5 0.5 0.5]] [0.]
    """

    def __init__(self, logits: Tensor, event_ndim: int | None = None) -> None:
        self.logits = as_float(logits)
        super().__init__(len(self.logits.shape) - 1 if event_ndim is None else event_ndim)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        shape = sample_shape(num_samples, ops.shape(self.logits))
        uniform = uniform_noise(shape, dtype=self.logits.dtype, seed=seed)
        # The inverse of the distribution function, for −|ℓ|; 1 − x for positive logits.
        magnitude = self._magnitude()
        falling = -ops.log1p(uniform * ops.expm1(-magnitude)) / magnitude
        near = uniform + 0.5 * self.logits * uniform * (1.0 - uniform)
        far = ops.where(self.logits < 0.0, falling, 1.0 - falling)
        return ops.clip(ops.where(ops.abs(self.logits) < 1e-3, near, far), 0.0, 1.0)

    def element_log_prob(self, value: Tensor) -> Tensor:
        return ops.cast(value, self.logits.dtype) * self.logits - self._log_partition()

    @property
    def mean(self) -> Tensor:
        falling = self._falling_mean()
        far = ops.where(self.logits < 0.0, falling, 1.0 - falling)
        return ops.where(self._is_near(), self._near_mean(), far)

    @property
    def variance(self) -> Tensor:
        """The variance of each element, `(batch, *event)`."""
        magnitude, square = self._magnitude(0.5), ops.square(self._near_logits())
        decay = ops.exp(-magnitude)
        far = 1.0 / ops.square(magnitude) - decay / ops.square(ops.expm1(-magnitude))
        near = 1 / 12 - square / 240 + ops.square(square) / 6048
        return ops.where(self._is_near(), near, far)

    def element_entropy(self) -> Tensor:
        # The entropy is even in ℓ; for −|ℓ| its terms stay small.
        magnitude = self._magnitude()
        far = ops.log(-ops.expm1(-magnitude) / magnitude) + magnitude * self._falling_mean()
        near = self._near_log_partition() - self._near_logits() * self._near_mean()
        return ops.where(self._is_near(), near, far)

    def _log_partition(self) -> Tensor:
        """Log Z(ℓ)."""
        magnitude = self._magnitude()
        far = ops.maximum(self.logits, 0.0) + ops.log(-ops.expm1(-magnitude) / magnitude)
        return ops.where(self._is_near(), self._near_log_partition(), far)

    def _falling_mean(self) -> Tensor:
        """The mean for the logit −|ℓ|, at most one half."""
        magnitude = self._magnitude()
        return 1.0 / magnitude + ops.exp(-magnitude) / ops.expm1(-magnitude)

    def _near_log_partition(self) -> Tensor:
        square = ops.square(self._near_logits())
        return 0.5 * self._near_logits() + square * (1 / 24 - square * (1 / 2880 - square / 181440))

    def _near_mean(self) -> Tensor:
        square = ops.square(self._near_logits())
        return 0.5 + self._near_logits() * (1 / 12 - square * (1 / 720 - square / 30240))

    def _is_near(self) -> Tensor:
        return ops.abs(self.logits) < _NEAR_ZERO

    def _near_logits(self) -> Tensor:
        return ops.clip(self.logits, -_NEAR_ZERO, _NEAR_ZERO)

    def _magnitude(self, least: float = 1e-3) -> Tensor:
        """|ℓ|, kept away from 0, where the series is used instead."""
        return ops.maximum(ops.abs(self.logits), least)
