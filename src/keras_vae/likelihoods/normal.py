"""Squared error as a likelihood."""

import math
from collections.abc import Sequence
from typing import Any

import keras

from keras_vae.distributions import Normal as NormalDistribution
from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods.likelihood import Likelihood

_RANGES = {"linear": (-math.inf, math.inf), "tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class Normal(Likelihood):
    """p(x|z) = N(x; μ(z), σ²) with a fixed σ: the mean squared error, in nats.

    −log p(x|z) = Σ (x − μ)² / 2σ² + n log(σ√2π): the squared error weighed by 1 / 2σ², so that a
    smaller σ asks for sharper reconstructions. σ is in the units of the data the model sees.

    Args:
        event_shape: the shape of one example, without the batch.
        scale: σ, a positive number.
        activation: of μ: "linear" for unbounded data, "tanh" for data in [−1, 1], "sigmoid" for data
            in [0, 1].
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `scale` is not positive or the activation is none of the three.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `mu`, `(batch, *event_shape)`, in float32.

    Example:
        >>> Normal(event_shape=(28, 28, 1), activation="tanh").support
        (-1.0, 1.0)
    """

    def __init__(
        self,
        event_shape: Sequence[int] | None = None,
        scale: float = 1.0,
        activation: str = "linear",
        **kwargs: Any,
    ) -> None:
        super().__init__(event_shape, **kwargs)
        if isinstance(scale, str) or not (math.isfinite(scale) and scale > 0):
            raise InvalidArgumentError(
                "scale is the standard deviation of the likelihood and must be a positive number. "
                f"Received: scale={scale!r}"
            )
        if activation not in _RANGES:
            raise InvalidArgumentError(
                f"activation must be one of {', '.join(_RANGES)}. Received: activation={activation!r}"
            )
        self.scale = float(scale)
        self.activation = activation

    @property
    def support(self) -> tuple[float, float]:
        return _RANGES[self.activation]

    def call(self, features: Tensor) -> dict[str, Tensor]:
        return {"mu": keras.activations.get(self.activation)(self.projection(features))}

    def distribution(self, parameters: dict[str, Tensor]) -> NormalDistribution:
        log_var = 2.0 * math.log(self.scale)
        return NormalDistribution(parameters["mu"], log_var, event_ndim=self.event_ndim)

    def get_config(self) -> dict:
        return {**super().get_config(), "scale": self.scale, "activation": self.activation}
