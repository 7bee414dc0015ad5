"""The article's likelihood: binary cross-entropy."""

import keras
import numpy as np

from keras_vae.distributions import Bernoulli as BernoulliDistribution
from keras_vae.distributions import Tensor
from keras_vae.likelihoods.likelihood import Likelihood
from keras_vae.likelihoods.measure import CROSS_ENTROPY, MASS, Measure


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class Bernoulli(Likelihood):
    """−log p(x|z) is the binary cross-entropy of x in [0, 1], summed over the event.

    It learns from logits; the sigmoid appears in `distribution(parameters).mean`, the probability of
    each element. Valid for binary and for grey values.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `logits`, `(batch, *event_shape)`, in float32.

    Example:
        >>> import numpy as np
        >>> likelihood = Bernoulli(event_shape=(28, 28, 1))
        >>> p = likelihood.distribution(likelihood(np.zeros((5, 28, 28, 32), "float32")))
        >>> tuple(p.mean.shape)
        (5, 28, 28, 1)
    """

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    def measure_of(self, x: np.ndarray) -> Measure:
        """A mass of zeros and ones, the cross-entropy of anything between."""
        between = (x > 0) & (x < 1)
        return CROSS_ENTROPY if between.any() else MASS

    def call(self, features: Tensor) -> dict[str, Tensor]:
        return {"logits": self.projection(features)}

    def distribution(self, parameters: dict[str, Tensor]) -> BernoulliDistribution:
        return BernoulliDistribution(parameters["logits"], event_ndim=self.event_ndim)
