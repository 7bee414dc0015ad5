"""The categorical distribution, from logits."""

from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Factorized, sample_shape
from keras_vae.distributions.noise import uniform_noise
from keras_vae.distributions.precision import Tensor, as_float


class Categorical(Factorized):
    r"""Independent elements in {0, …, K − 1} with probabilities softmax(logits).

    log p(x) = ℓₓ − log Σₖ exp ℓₖ. Values are the classes as numbers, not one-hot vectors.

    Args:
        logits: ℓ, `(batch, *event, num_categories)`: an axis more than a value has.
        event_ndim: how many of a value's last axes make one event; all but the first by default.

    Example:
        >>> import numpy as np
        >>> p = Categorical(logits=np.log([[[0.2, 0.3, 0.5]]]))
        >>> print(np.round(ops.convert_to_numpy(p.mean), 4), ops.convert_to_numpy(p.mode))
        [[1.3]] [[2.]]
    """

    def __init__(self, logits: Tensor, event_ndim: int | None = None) -> None:
        self.logits = as_float(logits)
        self.num_categories = int(self.logits.shape[-1])
        super().__init__(len(self.logits.shape) - 2 if event_ndim is None else event_ndim)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        shape = sample_shape(num_samples, ops.shape(self.logits))
        # The largest of logit + Gumbel noise is a draw of the categorical (Gumbel, 1954).
        uniform = uniform_noise(shape, 1e-20, 1.0, dtype=self.logits.dtype, seed=seed)
        gumbel = -ops.log(-ops.log(uniform))
        return _likeliest(self.logits + gumbel)

    def element_log_prob(self, value: Tensor) -> Tensor:
        """The log-probability of each class in `value`; −∞ for what is no class."""
        classes = ops.expand_dims(ops.round(ops.cast(value, self.logits.dtype)), -1)
        chosen = ops.equal(classes, self._classes())
        log_probs = ops.sum(ops.where(chosen, ops.log_softmax(self.logits, axis=-1), 0.0), axis=-1)
        return ops.where(ops.any(chosen, axis=-1), log_probs, -float("inf"))

    @property
    def probabilities(self) -> Tensor:
        """The probability of each class, `(batch, *event, num_categories)`."""
        # Not softmax: Keras warns of one over a single class.
        return ops.exp(ops.log_softmax(self.logits, axis=-1))

    @property
    def mean(self) -> Tensor:
        """The expected class number, `(batch, *event)`; meaningful where the classes are ordered."""
        return ops.sum(self.probabilities * self._classes(), axis=-1)

    @property
    def mode(self) -> Tensor:
        """The most probable class, `(batch, *event)`, as a number."""
        return _likeliest(self.logits)

    def element_entropy(self) -> Tensor:
        return -ops.sum(self.probabilities * ops.log_softmax(self.logits, axis=-1), axis=-1)

    def _classes(self) -> Tensor:
        return ops.arange(self.num_categories, dtype=self.logits.dtype)


def _likeliest(logits: Tensor) -> Tensor:
    """The number of the largest; Keras's `argmax` looks at the bits of floats, and ONNX has none."""
    return ops.cast(ops.top_k(logits, 1)[1][..., 0], logits.dtype)
