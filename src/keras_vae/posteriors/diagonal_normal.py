"""A posterior of independent normal latents."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_vae.distributions import Normal, Tensor, as_float
from keras_vae.posteriors.posterior import Posterior
from keras_vae.seeds import glorot_uniforms

# σ between e^-10 and e^10: far outside what training visits, far inside float32.
_LOG_VAR_BOUND = 20.0


@keras.saving.register_keras_serializable(package="keras_vae.posteriors")
class DiagonalNormal(Posterior):
    """q(z|x) = N(μ(x), diag σ²(x)), with one dense head for μ and one for log σ² (Kingma & Welling, 2014).

    The log-variance is bounded smoothly to (−20, 20), as 20·tanh(head / 20): the same as the head
    within 1 % for log σ² in [−3.4, 3.4], and finite whatever the head returns.

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
            layers.Dense(latent_dim, name=name, kernel_initializer=kernel, dtype=self.dtype_policy)
            for name, kernel in zip(("mu", "log_var"), glorot_uniforms(seed), strict=False)
        )

    def build(self, input_shape: Sequence[int]) -> None:
        width = math.prod(input_shape[1:])
        self.mu_head.build((None, width))
        self.log_var_head.build((None, width))

    def call(self, features: Tensor) -> dict[str, Tensor]:
        features = self.flatten(features)
        log_var = as_float(self.log_var_head(features))
        return {
            "mu": as_float(self.mu_head(features)),
            "log_var": _LOG_VAR_BOUND * ops.tanh(log_var / _LOG_VAR_BOUND),
        }

    def distribution(self, parameters: dict[str, Tensor]) -> Normal:
        return Normal(parameters["mu"], parameters["log_var"])

    def get_config(self) -> dict:
        return {**super().get_config(), "seed": self.seed}
