"""A posterior of correlated normal latents."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from keras_vae.distributions import FullNormal as FullNormalDistribution
from keras_vae.distributions import Tensor, as_float
from keras_vae.layers import Dense
from keras_vae.posteriors.diagonal_normal import DiagonalNormal
from keras_vae.posteriors.posterior import Posterior
from keras_vae.seeds import child_seeds

# Ten times the diagonal: latents correlated to 0.995.
_MOST = 10.0
# The largest element of (I + N)⁻¹ that float32 can square, with room for deviations.
_LARGEST_INVERSE = 1e12


@keras.saving.register_keras_serializable(package="keras_vae.posteriors")
class FullNormal(Posterior):
    """q(z|x) = N(μ(x), L(x) L(x)ᵀ): latents may be correlated (Kingma & Welling, 2019, section 2.5.1).

    L = diag(σ) (I + N): μ and log σ² come from the heads of a `DiagonalNormal`, with its bounds, and N,
    strictly lower triangular, from a third, bounded smoothly to (−b, b), as b·tanh(head / b). That head has
    d(d−1)/2 units for d latents. b is 10 for up to 12 latents; for more it is what keeps every element of
    (I + N)⁻¹, of which the largest is b(1 + b)^(d−2), below 10¹², so that no density overflows.

    Args:
        latent_dim: the number of latent units.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        features: `(batch, …)`; all axes but the first are flattened.

    Returns:
        A dict with `mu`, `(batch, latent_dim)`, and `scale_tril`, `(batch, latent_dim, latent_dim)`, in
        float32.

    Example:
        >>> import numpy as np
        >>> posterior = FullNormal(latent_dim=3)
        >>> q = posterior.distribution(posterior(np.zeros((5, 256), "float32")))
        >>> tuple(q.covariance.shape)
        (5, 3, 3)
    """

    def __init__(self, latent_dim: int, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(latent_dim, **kwargs)
        self.seed = seed
        seeds = child_seeds(seed)
        self.flatten = layers.Flatten(dtype=self.dtype_policy)
        self.diagonal = DiagonalNormal(latent_dim, seed=next(seeds), dtype=self.dtype_policy)
        self.lower_head = None
        if latent_dim > 1:
            self.lower_head = Dense(
                latent_dim * (latent_dim - 1) // 2,
                name="lower",
                kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
                dtype=self.dtype_policy,
            )

    def build(self, input_shape: Sequence[int]) -> None:
        self.diagonal.build(input_shape)
        if self.lower_head is not None:
            self.lower_head.build((None, math.prod(input_shape[1:])))

    def call(self, features: Tensor) -> dict[str, Tensor]:
        diagonal = self.diagonal(features)
        sigma = ops.exp(0.5 * diagonal["log_var"])[..., None]
        unit = ops.eye(self.latent_dim, dtype=sigma.dtype)
        if self.lower_head is not None:
            unit = unit + self._strictly_lower(as_float(self.lower_head(self.flatten(features))))
        return {"mu": diagonal["mu"], "scale_tril": sigma * unit}

    def distribution(self, parameters: dict[str, Tensor]) -> FullNormalDistribution:
        return FullNormalDistribution(parameters["mu"], parameters["scale_tril"])

    def get_config(self) -> dict:
        return {**super().get_config(), "seed": self.seed}

    def _strictly_lower(self, head: Tensor) -> Tensor:
        """N, `(batch, latent_dim, latent_dim)`, row by row from `head`."""
        rows, columns = np.tril_indices(self.latent_dim, k=-1)
        places = np.zeros((self.latent_dim, self.latent_dim), "int32")
        places[rows, columns] = np.arange(1, len(rows) + 1)
        bound = min(_MOST, _LARGEST_INVERSE ** (1.0 / (self.latent_dim - 1)) - 1.0)
        bounded = bound * ops.tanh(head / bound)
        with_zero = ops.concatenate([ops.zeros_like(bounded[:, :1]), bounded], axis=-1)
        return ops.reshape(
            ops.take(with_zero, places.ravel(), axis=-1), (-1, self.latent_dim, self.latent_dim)
        )
