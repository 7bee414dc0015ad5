"""The Bernoulli distribution, from logits."""

from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Factorized, sample_shape
from keras_vae.distributions.noise import uniform_noise
from keras_vae.distributions.precision import Tensor, as_float


class Bernoulli(Factorized):
    r"""Independent Bernoulli elements with `p = sigmoid(logits)`.

    log p(x) = x·ℓ − log(1 + exp ℓ), which is minus the binary cross-entropy. It is defined for any x
    in [0, 1]: for grey values it is a bound's expectation over random binarisation of the image, not a
    normalised density (Loaiza-Ganem & Cunningham, 2019, give the normalised one). Finite for every
    finite logit: no log of a probability is taken.

    Args:
        logits: log-odds, `(batch, *event)`.
        event_ndim: how many of the last axes make one event; all but the first by default.

    Example:
        >>> import numpy as np
        >>> p = Bernoulli(logits=np.zeros((1, 3), "float32"))
        >>> print(np.round(ops.convert_to_numpy(p.log_prob(np.array([[0.0, 1.0, 0.5]]))), 4))
        [-2.0794]
    """

    def __init__(self, logits: Tensor, event_ndim: int | None = None) -> None:
        self.logits = as_float(logits)
        super().__init__(len(self.logits.shape) - 1 if event_ndim is None else event_ndim)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        shape = sample_shape(num_samples, ops.shape(self.logits))
        uniform = uniform_noise(shape, dtype=self.logits.dtype, seed=seed)
        return ops.cast(uniform < self.mean, self.logits.dtype)

    def element_log_prob(self, value: Tensor) -> Tensor:
        return ops.cast(value, self.logits.dtype) * self.logits - ops.softplus(self.logits)

    @property
    def mean(self) -> Tensor:
        return ops.sigmoid(self.logits)

    def element_entropy(self) -> Tensor:
        return ops.softplus(self.logits) - self.mean * self.logits
