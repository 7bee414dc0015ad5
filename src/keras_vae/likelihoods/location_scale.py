"""What the normal, Laplace and Student t likelihoods share: a location and a scale."""

import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

import keras

from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods.likelihood import Likelihood
from keras_vae.likelihoods.positive_parameter import PositiveParameter, checked_positive
from keras_vae.seeds import child_seeds

_RANGES = {"linear": (-math.inf, math.inf), "tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}


class LocationScale(Likelihood):
    """A likelihood with a location μ(z) for each element and a scale, which may be learned.

    Args:
        event_shape: the shape of one example, without the batch.
        scale: a positive number; or "learned", for one that all elements share; "learned_each",
            for one for each element; or "per_element", for one that the decoder gives for each element.
            Learned ones lie between e⁻⁶ and e¹⁰.
        activation: of μ: "linear" for unbounded data, "tanh" for data in [−1, 1], "sigmoid" for data
            in [0, 1].
        seed: of the projections' initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `scale` is none of these, or the activation none of the three.
    """

    def __init__(
        self,
        event_shape: Sequence[int] | None = None,
        scale: float | str = 1.0,
        activation: str = "linear",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(event_shape, seed=seed, **kwargs)
        if activation not in _RANGES:
            raise InvalidArgumentError(
                f"activation must be one of {', '.join(_RANGES)}. Received: activation={activation!r}"
            )
        self.scale = checked_positive("scale", scale)
        self.activation = activation

    @property
    def support(self) -> tuple[float, float]:
        return _RANGES[self.activation]

    def build(self, input_shape: Sequence[int]) -> None:
        super().build(input_shape)
        if isinstance(self.scale, str):
            second = next(islice(child_seeds(self.seed), 1, None))
            self.log_scale = PositiveParameter(
                self._known_event_shape(), self.scale, seed=second, dtype=self.dtype_policy
            )
            self.log_scale.build(input_shape)

    def call(self, features: Tensor) -> dict[str, Tensor]:
        parameters = {"mu": keras.activations.get(self.activation)(self.projection(features))}
        if isinstance(self.scale, str):
            parameters["log_scale"] = self.log_scale(features)
        return parameters

    def get_config(self) -> dict:
        return {**super().get_config(), "scale": self.scale, "activation": self.activation}

    def _log_scale(self, parameters: dict[str, Tensor]) -> Tensor:
        """The logarithm of the scale: a number, or what `call` returned."""
        return parameters["log_scale"] if isinstance(self.scale, str) else math.log(self.scale)
