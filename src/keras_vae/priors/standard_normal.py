"""The prior of the article: N(0, I)."""

import keras
from keras import ops

from keras_vae.distributions import Normal, Tensor
from keras_vae.priors.prior import Encode, Prior


@keras.saving.register_keras_serializable(package="keras_vae.priors")
class StandardNormal(Prior):
    """p(z) = N(0, I) (Kingma & Welling, 2014).

    Example:
        >>> tuple(StandardNormal(latent_dim=2).distribution().sample(5, seed=0).shape)
        (5, 1, 2)
    """

    def distribution(self, condition: Tensor | None = None, encode: Encode | None = None) -> Normal:
        del condition, encode
        zeros = ops.zeros((1, self.latent_dim))
        return Normal(zeros, zeros)
