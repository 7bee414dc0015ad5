"""A posterior on the sphere."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_vae.distributions import Tensor, as_float, sphere_dim, unit_vector
from keras_vae.distributions import VonMisesFisher as VonMisesFisherDistribution
from keras_vae.layers import Dense
from keras_vae.posteriors.posterior import Posterior
from keras_vae.seeds import glorot_uniforms

_KAPPA_BOUND = 1e5


@keras.saving.register_keras_serializable(package="keras_vae.posteriors")
class VonMisesFisher(Posterior):
    """q(z|x) = vMF(μ(x), κ(x)) on the unit sphere S^(d−1) of ℝ^d, d = latent_dim (Davidson et al., 2018).

    μ is a dense head divided by its length, κ another as 1 + softplus(head), bounded smoothly below 10⁵,
    as 10⁵·tanh(· / 10⁵). It goes with `prior="uniform_sphere"`, to which its KL is a closed form that
    depends on κ alone. Its `mean` is the mean direction μ, which is on the sphere.

    Args:
        latent_dim: d, two or more: the sphere has d − 1 dimensions.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        features: `(batch, …)`; all axes but the first are flattened.

    Returns:
        A dict with `mu`, `(batch, latent_dim)`, and `kappa`, `(batch,)`, in float32.

    Raises:
        InvalidArgumentError: if `latent_dim` is less than two.

    Example:
        >>> import numpy as np
        >>> posterior = VonMisesFisher(latent_dim=3)
        >>> q = posterior.distribution(posterior(np.ones((5, 256), "float32")))
        >>> tuple(q.sample(7, seed=0).shape)
        (7, 5, 3)
    """

    space = "sphere"

    def __init__(self, latent_dim: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(latent_dim, **kwargs)
        sphere_dim(latent_dim)
        self.seed = seed
        self.flatten = layers.Flatten(dtype=self.dtype_policy)
        self.mu_head, self.kappa_head = (
            Dense(width, name=name, kernel_initializer=kernel, dtype=self.dtype_policy)
            for (name, width), kernel in zip(
                {"mu": latent_dim, "kappa": 1}.items(), glorot_uniforms(seed), strict=False
            )
        )

    def build(self, input_shape: Sequence[int]) -> None:
        width = math.prod(input_shape[1:])
        self.mu_head.build((None, width))
        self.kappa_head.build((None, width))

    def call(self, features: Tensor) -> dict[str, Tensor]:
        features = self.flatten(features)
        kappa = 1.0 + ops.softplus(as_float(self.kappa_head(features))[:, 0])
        return {
            "mu": unit_vector(as_float(self.mu_head(features))),
            "kappa": _KAPPA_BOUND * ops.tanh(kappa / _KAPPA_BOUND),
        }

    def distribution(self, parameters: dict[str, Tensor]) -> VonMisesFisherDistribution:
        return VonMisesFisherDistribution(parameters["mu"], parameters["kappa"])

    def get_config(self) -> dict:
        return {**super().get_config(), "seed": self.seed}
