"""A posterior of any shape: inverse autoregressive flow."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
from keras import layers

from keras_vae.arguments import positive_integer
from keras_vae.distributions import InverseAutoregressiveFlow as InverseAutoregressiveFlowDistribution
from keras_vae.distributions import Tensor, as_float
from keras_vae.layers import Dense
from keras_vae.posteriors.autoregressive_network import AutoregressiveNetwork
from keras_vae.posteriors.diagonal_normal import DiagonalNormal
from keras_vae.posteriors.posterior import Posterior
from keras_vae.seeds import child_seeds


@keras.saving.register_keras_serializable(package="keras_vae.posteriors")
class InverseAutoregressiveFlow(Posterior):
    """q(z|x) of z = f(ε; h(x)), ε ~ N(μ(x), diag σ²(x)), for a chain f of inverse autoregressive steps.

    One step maps z to s⊙z + (1−s)⊙m, s = sigmoid(gate); a masked network makes mᵢ and gateᵢ from
    z₁ … zᵢ₋₁ and the context h(x), and the latents are reversed from one step to the next
    (Kingma et al., 2016). μ and log σ² come from the heads of a `DiagonalNormal`, h from a dense head.
    Its KL is estimated from the samples. With one latent, each step is an affine map that x decides.

    `distribution(parameters)` holds on to the networks of this layer. Samples and their densities take
    one pass through them; `log_prob` of any other z takes `latent_dim` passes. Its `mean` is f(μ), which
    is always the same.

    Args:
        latent_dim: the number of latent units.
        num_flows: the number of steps.
        hidden_units: the width of the masked networks, and of the context.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        features: `(batch, …)`; all axes but the first are flattened.

    Returns:
        A dict with `mu` and `log_var`, each `(batch, latent_dim)`, and `context`,
        `(batch, hidden_units)`, in float32.

    Raises:
        InvalidArgumentError: if `num_flows` or `hidden_units` is no positive integer.

    Example:
        >>> import numpy as np
        >>> posterior = InverseAutoregressiveFlow(latent_dim=2, num_flows=2)
        >>> q = posterior.distribution(posterior(np.zeros((5, 256), "float32")))
        >>> z, log_q = q.sample_and_log_prob(7, seed=0)
        >>> tuple(z.shape), tuple(log_q.shape)
        ((7, 5, 2), (7, 5))
    """

    def __init__(
        self,
        latent_dim: int,
        num_flows: int = 4,
        hidden_units: int = 128,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(latent_dim, **kwargs)
        self.num_flows = positive_integer("num_flows", num_flows)
        self.hidden_units = positive_integer("hidden_units", hidden_units)
        self.seed = seed
        seeds = child_seeds(seed)
        self.flatten = layers.Flatten(dtype=self.dtype_policy)
        self.base = DiagonalNormal(latent_dim, seed=next(seeds), dtype=self.dtype_policy)
        self.context_head = Dense(
            hidden_units,
            name="context",
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            dtype=self.dtype_policy,
        )
        precision = "float64" if self.variable_dtype == "float64" else "float32"
        self.networks: list[Any] = [
            AutoregressiveNetwork(latent_dim, hidden_units, hidden_units, seed=next(seeds), dtype=precision)
            for _ in range(num_flows)
        ]

    def build(self, input_shape: Sequence[int]) -> None:
        self.base.build(input_shape)
        self.context_head.build((None, math.prod(input_shape[1:])))

    def call(self, features: Tensor) -> dict[str, Tensor]:
        context = as_float(self.context_head(self.flatten(features)))
        return {**self.base(features), "context": context}

    def distribution(self, parameters: dict[str, Tensor]) -> InverseAutoregressiveFlowDistribution:
        networks = [partial(network, context=parameters["context"]) for network in self.networks]
        return InverseAutoregressiveFlowDistribution(self.base.distribution(parameters), networks)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "num_flows": self.num_flows,
            "hidden_units": self.hidden_units,
            "seed": self.seed,
        }
