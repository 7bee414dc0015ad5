"""The uniform prior on the sphere."""

from typing import Any

import keras

from keras_vae.distributions import Tensor, sphere_dim
from keras_vae.distributions import UniformSphere as UniformSphereDistribution
from keras_vae.priors.prior import Encode, Prior


@keras.saving.register_keras_serializable(package="keras_vae.priors")
class UniformSphere(Prior):
    """p(z) = 1 / area(S^(d−1)), uniform on the unit sphere of ℝ^d, d = latent_dim (Davidson et al., 2018).

    It goes with a posterior on the sphere, `von_mises_fisher`.

    Args:
        latent_dim: d, two or more: the sphere has d − 1 dimensions.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if `latent_dim` is less than two.

    Example:
        >>> tuple(UniformSphere(latent_dim=3).distribution().sample(5, seed=0).shape)
        (5, 1, 3)
    """

    space = "sphere"

    def __init__(self, latent_dim: int, **kwargs: Any) -> None:
        super().__init__(latent_dim, **kwargs)
        sphere_dim(latent_dim)

    def distribution(
        self, condition: Tensor | None = None, encode: Encode | None = None
    ) -> UniformSphereDistribution:
        del condition, encode
        return UniformSphereDistribution(self.latent_dim)
