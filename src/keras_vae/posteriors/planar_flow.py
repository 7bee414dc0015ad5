"""A posterior bent along planes: planar flow."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_vae.arguments import positive_integer
from keras_vae.distributions import PlanarFlow as PlanarFlowDistribution
from keras_vae.distributions import Tensor, as_float
from keras_vae.layers import Dense
from keras_vae.posteriors.diagonal_normal import DiagonalNormal
from keras_vae.posteriors.posterior import Posterior
from keras_vae.seeds import child_seeds

# What one step may do is bounded by it: far outside what training visits, far inside float32.
_BOUND = 20.0


@keras.saving.register_keras_serializable(package="keras_vae.posteriors")
class PlanarFlow(Posterior):
    """q(z|x) of z = f(ε; x), ε ~ N(μ(x), diag σ²(x)), for a chain f of planar steps.

    One step maps z to z + û tanh(w·z + b), with u, w and b of every step computed from the features
    (Rezende & Mohamed, 2015, section 4.1), bounded smoothly to (−20, 20), as 20·tanh(head / 20), and û
    from u so that the step can be undone. μ and log σ² come from the heads of a `DiagonalNormal`. Its KL
    is estimated from the samples. Its `mean` is f(μ), which is always the same.

    Args:
        latent_dim: the number of latent units.
        num_flows: the number of steps.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        features: `(batch, …)`; all axes but the first are flattened.

    Returns:
        A dict with `mu` and `log_var`, each `(batch, latent_dim)`, `u` and `w`, each
        `(batch, num_flows, latent_dim)`, and `b`, `(batch, num_flows)`, in float32.

    Raises:
        InvalidArgumentError: if `num_flows` is no positive integer.

    Example:
        >>> import numpy as np
        >>> posterior = PlanarFlow(latent_dim=2, num_flows=3)
        >>> q = posterior.distribution(posterior(np.zeros((5, 256), "float32")))
        >>> tuple(q.sample(7, seed=0).shape)
        (7, 5, 2)
    """

    def __init__(self, latent_dim: int, num_flows: int = 8, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(latent_dim, **kwargs)
        self.num_flows = positive_integer("num_flows", num_flows)
        self.seed = seed
        seeds = child_seeds(seed)
        self.flatten = layers.Flatten(dtype=self.dtype_policy)
        self.base = DiagonalNormal(latent_dim, seed=next(seeds), dtype=self.dtype_policy)
        units = {"u": num_flows * latent_dim, "w": num_flows * latent_dim, "b": num_flows}
        self.heads = [
            Dense(
                width,
                name=name,
                kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
                dtype=self.dtype_policy,
            )
            for name, width in units.items()
        ]

    def build(self, input_shape: Sequence[int]) -> None:
        self.base.build(input_shape)
        for head in self.heads:
            head.build((None, math.prod(input_shape[1:])))

    def call(self, features: Tensor) -> dict[str, Tensor]:
        parameters = self.base(features)
        flat = self.flatten(features)
        u, w, b = (_BOUND * ops.tanh(as_float(head(flat)) / _BOUND) for head in self.heads)
        shape = (-1, self.num_flows, self.latent_dim)
        return {**parameters, "u": ops.reshape(u, shape), "w": ops.reshape(w, shape), "b": b}

    def distribution(self, parameters: dict[str, Tensor]) -> PlanarFlowDistribution:
        u, w, b = (parameters[name] for name in ("u", "w", "b"))
        return PlanarFlowDistribution(self.base.distribution(parameters), u, w, b)

    def get_config(self) -> dict:
        return {**super().get_config(), "num_flows": self.num_flows, "seed": self.seed}
