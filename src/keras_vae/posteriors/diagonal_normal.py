"""A posterior of independent normal latents."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_vae.distributions import Normal, Tensor, as_float, bounded_log_var
from keras_vae.layers import Dense
from keras_vae.posteriors.posterior import Posterior
from keras_vae.seeds import glorot_uniforms


@keras.saving.register_keras_serializable(package="keras_vae.posteriors")
class DiagonalNormal(Posterior):
    """q(z|x) = N(μ(x), diag σ²(x)), with one dense head for μ and one for log σ² (Kingma & Welling, 2014).

    The log-variance is the head's up to ±10, and from there bounded smoothly to (−20, 20): finite
    whatever the head returns.

    Args:
        latent_dim: the number of latent units.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        features: `(batch, …)`; all axes but the first are flattened.

    Returns:
        A dict with `mu` and `log_var`, each `(batch, latent_dim)`, in float32.

    Example:
        >>> import numpy as np
        >>> posterior = DiagonalNormal(latent_dim=2)
        >>> q = posterior.distribution(posterior(np.zeros((5, 256), "float32")))
        >>> tuple(q.sample(7, seed=0).shape)
        (7, 5, 2)
    """

    def __init__(self, latent_dim: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(latent_dim, **kwargs)
        self.seed = seed
        self.flatten = layers.Flatten(dtype=self.dtype_policy)
        self.mu_head, self.log_var_head = (
            Dense(latent_dim, name=name, kernel_initializer=kernel, dtype=self.dtype_policy)
            for name, kernel in zip(("mu", "log_var"), glorot_uniforms(seed), strict=False)
        )

    def build(self, input_shape: Sequence[int]) -> None:
        width = math.prod(input_shape[1:])
        self.mu_head.build((None, width))
        self.log_var_head.build((None, width))

    def call(self, features: Tensor) -> dict[str, Tensor]:
        features = self.flatten(features)
        return {
            "mu": as_float(self.mu_head(features)),
            "log_var": bounded_log_var(self.log_var_head(features)),
        }

    def distribution(self, parameters: dict[str, Tensor]) -> Normal:
        return Normal(parameters["mu"], parameters["log_var"])

    def get_config(self) -> dict:
        return {**super().get_config(), "seed": self.seed}
