"""The last layer of a decoder: features → one number for each element of the event."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_vae.distributions import Tensor, as_float
from keras_vae.seeds import glorot_uniforms


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class Projection(keras.layers.Layer):
    """Features to an unbounded float32 tensor of the event's shape.

    Features that lie on the event's own grid, `(batch, height, width, filters)`, meet a 3×3
    convolution; all others are flattened and meet a dense layer.

    Args:
        event_shape: the shape of one event, without the batch.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> import numpy as np
        >>> tuple(Projection((28, 28, 1))(np.zeros((5, 28, 28, 32), "float32")).shape)
        (5, 28, 28, 1)
        >>> tuple(Projection((13,))(np.zeros((5, 64), "float32")).shape)
        (5, 13)
    """

    def __init__(self, event_shape: Sequence[int], seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.event_shape = tuple(event_shape)
        self.seed = seed

    def build(self, input_shape: Sequence[int]) -> None:
        arguments = {"kernel_initializer": next(glorot_uniforms(self.seed)), "dtype": self.dtype_policy}
        on_grid = len(self.event_shape) == 3 and tuple(input_shape[1:3]) == self.event_shape[:2]
        if on_grid and len(input_shape) == 4:
            self.body = layers.Conv2D(self.event_shape[-1], 3, padding="same", **arguments)
            self.body.build(input_shape)
        else:
            self.body = layers.Dense(math.prod(self.event_shape), **arguments)
            self.body.build((input_shape[0], math.prod(input_shape[1:])))

    def call(self, features: Tensor) -> Tensor:
        if isinstance(self.body, layers.Dense):
            features = ops.reshape(features, (-1, math.prod(features.shape[1:])))
        return as_float(ops.reshape(self.body(features), (-1, *self.event_shape)))

    def get_config(self) -> dict:
        return {**super().get_config(), "event_shape": self.event_shape, "seed": self.seed}
