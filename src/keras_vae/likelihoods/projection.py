"""The last layer of a decoder: features → one number, or several, for each element of the event."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Tensor, as_float
from keras_vae.layers import Dense
from keras_vae.likelihoods.narrow_convolution import NarrowConv2D
from keras_vae.seeds import glorot_uniforms


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class Projection(keras.layers.Layer):
    """Features to an unbounded float32 tensor of the event's shape.

    Features that lie on the event's own grid, `(batch, height, width, filters)`, meet a 3×3
    convolution; all others are flattened and meet a dense layer.

    Args:
        event_shape: the shape of one event, without the batch.
        num_parameters: how many numbers each element gets, in a last axis of their own; `None` for one,
            without the axis.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> import numpy as np
        >>> tuple(Projection((28, 28, 1))(np.zeros((5, 28, 28, 32), "float32")).shape)
        (5, 28, 28, 1)
        >>> tuple(Projection((13,))(np.zeros((5, 64), "float32")).shape)
        (5, 13)
        >>> tuple(Projection((13,), num_parameters=2)(np.zeros((5, 64), "float32")).shape)
        (5, 13, 2)
    """

    def __init__(
        self,
        event_shape: Sequence[int],
        seed: int | None = None,
        num_parameters: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.event_shape = tuple(event_shape)
        self.num_parameters = num_parameters
        self.seed = seed

    def build(self, input_shape: Sequence[int]) -> None:
        arguments = {"kernel_initializer": next(glorot_uniforms(self.seed)), "dtype": self.dtype_policy}
        on_grid = len(self.event_shape) == 3 and tuple(input_shape[1:3]) == self.event_shape[:2]
        each = 1 if self.num_parameters is None else self.num_parameters
        if on_grid and len(input_shape) == 4:
            self.body = NarrowConv2D(self.event_shape[-1] * each, **arguments)
            self.body.build(input_shape)
        else:
            self.body = Dense(math.prod(self.event_shape) * each, **arguments)
            self.body.build((input_shape[0], math.prod(input_shape[1:])))

    def call(self, features: Tensor) -> Tensor:
        if isinstance(self.body, Dense):
            features = ops.reshape(features, (-1, math.prod(features.shape[1:])))
        last = () if self.num_parameters is None else (self.num_parameters,)
        return as_float(ops.reshape(self.body(features), (-1, *self.event_shape, *last)))

    def get_config(self) -> dict:
        own = ("event_shape", "seed", "num_parameters")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
