"""Grey values as a density on [0, 1]."""

import keras

from keras_vae.distributions import ContinuousBernoulli as ContinuousBernoulliDistribution
from keras_vae.distributions import Tensor
from keras_vae.likelihoods.likelihood import Likelihood


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class ContinuousBernoulli(Likelihood):
    """The binary cross-entropy of x in [0, 1], with the constant that makes it a density of grey values.

    Unlike `Bernoulli`'s, its figures can be compared with those of other densities on [0, 1]. Its mean
    is not the sigmoid of the logits, but nearer one half.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `logits`, `(batch, *event_shape)`, in float32.

    References:
        Loaiza-Ganem & Cunningham, 2019, "The continuous Bernoulli: fixing a pervasive error in
        variational autoencoders".

    Example:
        >>> import numpy as np
        >>> likelihood = ContinuousBernoulli(event_shape=(28, 28, 1))
        >>> p = likelihood.distribution(likelihood(np.zeros((5, 28, 28, 32), "float32")))
        >>> tuple(p.mean.shape)
        (5, 28, 28, 1)
    """

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    def call(self, features: Tensor) -> dict[str, Tensor]:
        return {"logits": self.projection(features)}

    def distribution(self, parameters: dict[str, Tensor]) -> ContinuousBernoulliDistribution:
        return ContinuousBernoulliDistribution(parameters["logits"], event_ndim=self.event_ndim)
