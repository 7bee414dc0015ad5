"""A positive parameter of a likelihood: fixed, learned, or given by the decoder for each element."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Tensor, as_float
from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods.bounds import softly_bounded
from keras_vae.likelihoods.projection import Projection

_LEARNED = ("learned", "learned_each", "per_element")


def checked_positive(option: str, value: Any) -> float | str:
    """`value` as a positive float, or as "learned", "learned_each" or "per_element".

    Args:
        option: the name of the argument, for the message.
        value: what was given for it.

    Raises:
        InvalidArgumentError: if it is none of them.

    Example:
        >>> checked_positive("scale", 1), checked_positive("scale", "learned")
        (1.0, 'learned')
    """
    if isinstance(value, str) and value in _LEARNED:
        return value
    if isinstance(value, str | bool) or not (math.isfinite(value) and value > 0):
        raise InvalidArgumentError(
            f"{option} must be a positive number, 'learned' (one number), 'learned_each' (a number for "
            "each element) or 'per_element' (a number for each element, from the decoder). "
            f"Received: {option}={value!r}"
        )
    return float(value)


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class PositiveParameter(keras.layers.Layer):
    """The logarithm of a positive parameter such as σ; softly bounded where it is learned.

    Args:
        event_shape: the shape of one event, without the batch.
        value: a positive number; "learned", for one weight that all elements share; "learned_each", for a
            weight for each element; or "per_element", for a projection of the features of its own.
        low: the least logarithm.
        high: the greatest.
        initial: the logarithm that learning begins with.
        seed: of the projection's initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        In float32, `(batch, *event_shape)`, or `(batch, 1, …)`, which broadcasts to it, for what all
        elements share.

    Example:
        >>> import numpy as np
        >>> log_scale = PositiveParameter((28, 28, 1), "learned")
        >>> tuple(log_scale(np.zeros((5, 16), "float32")).shape)
        (5, 1, 1, 1)
    """

    def __init__(
        self,
        event_shape: Sequence[int],
        value: float | str,
        low: float = -6.0,
        high: float = 10.0,
        initial: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.event_shape = tuple(event_shape)
        self.value = value
        self.low = low
        self.high = high
        self.initial = initial
        self.seed = seed

    def build(self, input_shape: Sequence[int]) -> None:
        if self.value in ("learned", "learned_each"):
            # Autocast would round it to the compute type.
            shape = () if self.value == "learned" else self.event_shape
            self.logarithm = self.add_weight(shape, "zeros", "float32", name="logarithm", autocast=False)
        elif self.value == "per_element":
            self.projection = Projection(self.event_shape, seed=self.seed, dtype=self.dtype_policy)
            self.projection.build(input_shape)

    def call(self, features: Tensor) -> Tensor:
        if self.value == "per_element":
            return self._bounded(self.projection(features))
        is_learned = isinstance(self.value, str)
        shared = self._bounded(self.logarithm) if is_learned else math.log(float(self.value))
        first = as_float(features)[(slice(None), *[0] * (len(features.shape) - 1))]
        return shared + ops.reshape(ops.zeros_like(first), (-1, *[1] * len(self.event_shape)))

    def _bounded(self, unbounded: Tensor) -> Tensor:
        return softly_bounded(self.initial + unbounded, self.low, self.high)

    def get_config(self) -> dict:
        own = ("event_shape", "value", "low", "high", "initial", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
