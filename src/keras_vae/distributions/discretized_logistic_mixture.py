"""A mixture of logistic distributions in steps, for 8-bit images."""

from typing import Any

from keras import ops

from keras_vae.distributions.categorical import Categorical
from keras_vae.distributions.discretized_logistic import DiscretizedLogistic
from keras_vae.distributions.distribution import Factorized
from keras_vae.distributions.precision import Tensor, as_float
from keras_vae.distributions.seeding import independent_seeds


class DiscretizedLogisticMixture(Factorized):
    r"""Independent elements, each of which is a mixture of discretised logistics.

    log P(x) = log Σᵢ πᵢ Pᵢ(x), π = softmax(logits), over the components i of each element on its own;
    Pᵢ is `DiscretizedLogistic`. Colours are not coupled.

    Args:
        logits: of the components, `(batch, *event, num_components)`.
        mu: their locations, of the same shape, in units of the data, whose levels span [0, 1].
        log_scale: the logarithms of their scales, of the same shape.
        num_levels: 256 for 8-bit data.
        event_ndim: how many of a value's last axes make one event; all but the first by default.

    References:
        Salimans et al., 2017, "PixelCNN++", section 2.1, without the coupling of colours.

    Example:
        >>> import numpy as np
        >>> zeros = np.zeros((1, 3, 2), "float32")
        >>> p = DiscretizedLogisticMixture(zeros, mu=zeros + [0.25, 0.75], log_scale=zeros - 3)
        >>> print(np.round(ops.convert_to_numpy(p.mean), 3))
        [[0.5 0.5 0.5]]
    """

    def __init__(
        self,
        logits: Tensor,
        mu: Tensor,
        log_scale: Tensor,
        num_levels: int = 256,
        event_ndim: int | None = None,
    ) -> None:
        self.logits = as_float(logits)
        self.mu = ops.cast(mu, self.logits.dtype)
        self.log_scale = ops.cast(log_scale, self.logits.dtype)
        self.num_levels = num_levels
        super().__init__(len(self.logits.shape) - 2 if event_ndim is None else event_ndim)

    @property
    def components(self) -> DiscretizedLogistic:
        """The components of every element, over `(batch, *event, num_components)`."""
        return DiscretizedLogistic(self.mu, self.log_scale, self.num_levels)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        seeds = independent_seeds(seed)
        chosen = Categorical(self.logits).sample(num_samples, seed=next(seeds))
        one_hot = ops.one_hot(ops.cast(chosen, "int32"), self.logits.shape[-1], dtype=self.logits.dtype)
        return ops.sum(one_hot * self.components.sample(num_samples, seed=next(seeds)), axis=-1)

    def element_log_prob(self, value: Tensor) -> Tensor:
        """The log-probability of the level nearest to each value."""
        each = self.components.element_log_prob(ops.expand_dims(ops.cast(value, self.logits.dtype), -1))
        return ops.logsumexp(ops.log_softmax(self.logits, axis=-1) + each, axis=-1)

    @property
    def mean(self) -> Tensor:
        """Σᵢ πᵢ times the mean of component i, which is exact but for rounding to the levels."""
        # Not softmax: Keras warns of one over a single component.
        weights = ops.exp(ops.log_softmax(self.logits, axis=-1))
        return ops.sum(weights * self.components.mean, axis=-1)

    @property
    def level_log_probs(self) -> Tensor:
        """The log-probability of every level, `(batch, *event, num_levels)`."""
        weights = ops.expand_dims(ops.log_softmax(self.logits, axis=-1), -1)
        return ops.logsumexp(weights + self.components.level_log_probs, axis=-2)

    def element_entropy(self) -> Tensor:
        """The exact sum over the levels."""
        log_probs = self.level_log_probs
        return -ops.sum(ops.exp(log_probs) * log_probs, axis=-1)
