"""The negative binomial distribution with additional zeros."""

from typing import Any

import keras
from keras import ops

from keras_vae.distributions.count_entropy import count_entropy
from keras_vae.distributions.distribution import Factorized, sample_shape
from keras_vae.distributions.negative_binomial import NegativeBinomial, negative_binomial_log_prob
from keras_vae.distributions.precision import Tensor, as_float
from keras_vae.distributions.seeding import independent_seeds


class ZeroInflatedNegativeBinomial(Factorized):
    r"""Independent counts that are 0 with probability π and negative binomial otherwise.

    P(0) = π + (1 − π) NB(0) and P(x) = (1 − π) NB(x) for x > 0, with π = sigmoid(zero_logits); the mean is
    (1 − π) μ. From logits: no log of a probability is taken.

    Args:
        log_mean: log μ of the negative binomial part, `(batch, *event)`; at most 16.
        log_total_count: log r of the same part; broadcasts to the same shape.
        zero_logits: log-odds of an additional zero, of the same shape.
        event_ndim: how many of the last axes make one event; all but the first by default.

    References:
        Lopez et al., 2018, "Deep generative modeling for single-cell transcriptomics".

    Example:
        >>> import numpy as np
        >>> zeros = np.zeros((1, 1), "float32")
        >>> p = ZeroInflatedNegativeBinomial(log_mean=zeros, log_total_count=0.0, zero_logits=zeros)
        >>> print(np.round(keras.ops.convert_to_numpy(ops.exp(p.log_prob(zeros))), 4))
        [0.75]
    """

    def __init__(
        self,
        log_mean: Tensor,
        log_total_count: Tensor,
        zero_logits: Tensor,
        event_ndim: int | None = None,
    ) -> None:
        self.log_mean = as_float(log_mean)
        self.log_total_count = ops.cast(log_total_count, self.log_mean.dtype)
        self.zero_logits = ops.cast(zero_logits, self.log_mean.dtype)
        super().__init__(len(self.log_mean.shape) - 1 if event_ndim is None else event_ndim)

    @property
    def counts(self) -> NegativeBinomial:
        """The negative binomial part."""
        return NegativeBinomial(self.log_mean, self.log_total_count, self.event_ndim)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        seeds = independent_seeds(seed)
        counts = self.counts.sample(num_samples, seed=next(seeds))
        shape = sample_shape(num_samples, ops.shape(self.log_mean))
        uniform = keras.random.uniform(shape, dtype=counts.dtype, seed=next(seeds))
        return ops.where(uniform < ops.sigmoid(self.zero_logits), 0.0, counts)

    def element_log_prob(self, value: Tensor) -> Tensor:
        value = ops.cast(value, self.zero_logits.dtype)
        return _with_zeros(value, self.counts.element_log_prob(value), self.zero_logits)

    @property
    def mean(self) -> Tensor:
        return ops.sigmoid(-self.zero_logits) * self.counts.mean

    @property
    def variance(self) -> Tensor:
        """(1 − π) (μ + μ²/r + π μ²), `(batch, *event)`."""
        excess = ops.sigmoid(self.zero_logits) * ops.square(self.counts.mean)
        return ops.sigmoid(-self.zero_logits) * (self.counts.variance + excess)

    def element_entropy(self) -> Tensor:
        """By summation and quadrature, within 1e-3 nats."""
        log_mean, zero_logits = self.log_mean[..., None], self.zero_logits[..., None]
        log_total_count = self.log_total_count + ops.zeros_like(self.log_mean)

        def log_prob(count: Tensor) -> Tensor:
            return _with_zeros(
                count, negative_binomial_log_prob(count, log_mean, log_total_count[..., None]), zero_logits
            )

        return count_entropy(log_prob, self.counts.mean, self.counts.variance)


def _with_zeros(count: Tensor, log_prob: Tensor, zero_logits: Tensor) -> Tensor:
    log_counted = log_prob - ops.softplus(zero_logits)
    at_zero = ops.logaddexp(-ops.softplus(-zero_logits), log_counted)
    return ops.where(count <= 0.0, at_zero, log_counted)
