"""Counts whose variance is their mean."""

import math

import keras

from keras_vae.distributions import Poisson as PoissonDistribution
from keras_vae.distributions import Tensor
from keras_vae.likelihoods.bounds import softly_bounded
from keras_vae.likelihoods.likelihood import Likelihood
from keras_vae.likelihoods.measure import MASS


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class Poisson(Likelihood):
    """p(x|z) = Poisson(x; λ(z)) for counts x = 0, 1, 2, …, with log λ from the decoder.

    −log p(x|z) = Σ λ − x log λ + log x!. For events that come independently of each other; for counts
    that scatter more than that, `NegativeBinomial`. The log-rate is softly bounded to (−15, 15): rates
    from 3·10⁻⁷ to 3·10⁶.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `log_rate`, `(batch, *event_shape)`, in float32.

    Example:
        >>> import numpy as np
        >>> likelihood = Poisson(event_shape=(3,))
        >>> p = likelihood.distribution(likelihood(np.zeros((2, 16), "float32")))
        >>> print(np.round(keras.ops.convert_to_numpy(p.mean), 3))
        [[1. 1. 1.]
         [1. 1. 1.]]
    """

    measure = MASS

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    @property
    def rescalable(self) -> bool:
        return False

    def call(self, features: Tensor) -> dict[str, Tensor]:
        return {"log_rate": softly_bounded(self.projection(features), -15.0, 15.0)}

    def distribution(self, parameters: dict[str, Tensor]) -> PoissonDistribution:
        return PoissonDistribution(parameters["log_rate"], event_ndim=self.event_ndim)
