"""A learned prior of any shape: a flow."""

from typing import Any

import keras
from keras import layers, ops

from keras_vae.arguments import positive_integer
from keras_vae.distributions import Normal, Tensor
from keras_vae.distributions import RealNVP as RealNVPDistribution
from keras_vae.layers import Dense
from keras_vae.priors.prior import Encode, Prior
from keras_vae.seeds import glorot_uniforms


@keras.saving.register_keras_serializable(package="keras_vae.priors")
class RealNVP(Prior):
    r"""p(z) of z = f(ε), ε ~ N(0, I), for a learned chain f of affine coupling layers (Dinh et al., 2017).

    Each coupling has a network of two tanh layers: far from the data its shift and scale are constant, so
    that the density keeps the tails of a normal. The last layers start at zero, and p(z) at N(0, I). It
    is computed in float32, or in float64 under that policy, whatever the mixed-precision policy. With one
    latent, f is affine.

    Args:
        latent_dim: the number of latent units.
        num_flows: the number of couplings; two of them move every latent once.
        units: the width of the networks.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if `num_flows` or `units` is no positive integer.

    Example:
        >>> tuple(RealNVP(latent_dim=2, seed=0).distribution().sample(5, seed=0).shape)
        (5, 1, 2)
    """

    def __init__(
        self,
        latent_dim: int,
        num_flows: int = 4,
        units: int = 64,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(latent_dim, **kwargs)
        self.num_flows = positive_integer("num_flows", num_flows)
        self.units = positive_integer("units", units)
        self.seed = seed
        self.precision = "float64" if self.variable_dtype == "float64" else "float32"
        kernels = glorot_uniforms(seed)
        self.networks = [
            _Network(
                latent_dim,
                units,
                next(kernels),
                next(kernels),
                name=f"coupling_{index}",
                dtype=self.precision,
            )
            for index in range(num_flows)
        ]
        self.built = True

    def distribution(
        self, condition: Tensor | None = None, encode: Encode | None = None
    ) -> RealNVPDistribution:
        del condition, encode
        zeros = ops.zeros((1, self.latent_dim), dtype=self.precision)
        return RealNVPDistribution(Normal(zeros, zeros), self.networks)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "num_flows": self.num_flows,
            "units": self.units,
            "seed": self.seed,
        }


class _Network(layers.Layer):
    """From the latents that a coupling keeps to the shift and log-scale of the others."""

    def __init__(
        self,
        latent_dim: int,
        units: int,
        first: keras.Initializer,
        second: keras.Initializer,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.hidden = [
            Dense(units, activation="tanh", kernel_initializer=kernel, dtype=self.dtype_policy)
            for kernel in (first, second)
        ]
        self.shift, self.log_scale = (
            Dense(latent_dim, kernel_initializer="zeros", name=name, dtype=self.dtype_policy)
            for name in ("shift", "log_scale")
        )
        self.build((None, latent_dim))

    def build(self, input_shape: tuple) -> None:
        widths = (input_shape[-1], self.hidden[0].units)
        for layer, width in zip(self.hidden, widths, strict=True):
            layer.build((None, width))
        for head in (self.shift, self.log_scale):
            head.build((None, widths[1]))

    def call(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        features = self.hidden[1](self.hidden[0](kept))
        return self.shift(features), self.log_scale(features)
