"""The logistic distribution in steps, for 8-bit images."""

from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Factorized, sample_shape
from keras_vae.distributions.noise import uniform_noise
from keras_vae.distributions.precision import Tensor, as_float


class DiscretizedLogistic(Factorized):
    r"""Independent elements on the levels 0, 1/(K−1), …, 1: a logistic, rounded to the nearest.

    P(x) = σ((x + ½Δ − μ)/s) − σ((x − ½Δ − μ)/s) with Δ = 1/(K−1) and σ the logistic function; the first
    and the last level take the tails, so that the K probabilities add up to one. With b and a the two
    arguments, log P = log σ(b) + log σ(−a) + log(1 − exp(a − b)): no two close numbers are subtracted.

    Args:
        mu: μ, `(batch, *event)`, in units of the data, whose levels span [0, 1].
        log_scale: log s, of the same shape or one that broadcasts to it; below 40 in magnitude.
        num_levels: K, 256 for 8-bit data.
        event_ndim: how many of the last axes make one event; all but the first by default.

    References:
        Salimans et al., 2017, "PixelCNN++", section 2.1; Kingma et al., 2016, "Improved variational
        inference with inverse autoregressive flow".

    Example:
        >>> import numpy as np
        >>> p = DiscretizedLogistic(mu=np.full((1, 1), 0.5, "float32"), log_scale=-3.0)
        >>> log_probs = ops.convert_to_numpy(p.level_log_probs)
        >>> log_probs.shape, round(float(np.exp(log_probs).sum()), 4)
        ((1, 1, 256), 1.0)
    """

    def __init__(
        self, mu: Tensor, log_scale: Tensor, num_levels: int = 256, event_ndim: int | None = None
    ) -> None:
        self.mu = as_float(mu)
        self.log_scale = ops.cast(log_scale, self.mu.dtype)
        self.num_levels = num_levels
        super().__init__(len(self.mu.shape) - 1 if event_ndim is None else event_ndim)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        shape = sample_shape(num_samples, ops.shape(self.mu))
        uniform = uniform_noise(shape, 1e-20, 1.0, dtype=self.mu.dtype, seed=seed)
        logistic = ops.log(uniform) - ops.log1p(-uniform)
        return nearest_level(self.mu + ops.exp(self.log_scale) * logistic, self.num_levels)

    def element_log_prob(self, value: Tensor) -> Tensor:
        """The log-probability of the level nearest to each value."""
        level = nearest_level(ops.cast(value, self.mu.dtype), self.num_levels)
        half_step = 0.5 / (self.num_levels - 1)
        inverse_scale = ops.exp(-self.log_scale)
        below = -ops.softplus(-(level + half_step - self.mu) * inverse_scale)
        above = -ops.softplus((level - half_step - self.mu) * inverse_scale)
        between = below + above + ops.log(-ops.expm1(-2.0 * half_step * inverse_scale))
        inner = ops.where(level > 1.0 - half_step, above, between)
        return ops.where(level < half_step, below, inner)

    @property
    def mean(self) -> Tensor:
        r"""The expectation of the logistic clipped to [0, 1], s log[(1 + e^{μ/s}) / (1 + e^{(μ−1)/s})].

        Rounding to the levels moves it by less than Δ/1000 for s ≥ Δ/2 and at most by ½Δ, where s is
        near 0; the exact sum over `level_log_probs` costs K times the memory.
        """
        scale = ops.exp(self.log_scale)
        # Through softplus(a) = max(a, 0) + log(1 + exp −|a|): the large parts are subtracted exactly.
        rest = [ops.log1p(ops.exp(-ops.abs(self.mu - bound) / scale)) for bound in (0.0, 1.0)]
        return ops.clip(self.mu, 0.0, 1.0) + scale * (rest[0] - rest[1])

    @property
    def level_log_probs(self) -> Tensor:
        """The log-probability of every level, `(batch, *event, num_levels)`."""
        shape = ops.shape(ops.expand_dims(self.mu, -1))
        each = DiscretizedLogistic(
            ops.expand_dims(self.mu, -1),
            ops.expand_dims(self.log_scale + ops.zeros_like(self.mu), -1),
            self.num_levels,
        )
        levels = ops.linspace(0.0, 1.0, self.num_levels, dtype=self.mu.dtype)
        return each.element_log_prob(ops.broadcast_to(levels, (*shape[:-1], self.num_levels)))

    def element_entropy(self) -> Tensor:
        """The exact sum over the levels."""
        log_probs = self.level_log_probs
        return -ops.sum(ops.exp(log_probs) * log_probs, axis=-1)


def nearest_level(value: Tensor, num_levels: int) -> Tensor:
    """`value` rounded to the nearest of `num_levels` levels that span [0, 1].

    Example:
        >>> import numpy as np
        >>> print(ops.convert_to_numpy(nearest_level(np.array([-3.0, 0.4, 0.8]), 3)))
        [0.  0.5 1. ]
    """
    return ops.round(ops.clip(value, 0.0, 1.0) * (num_levels - 1)) / (num_levels - 1)
