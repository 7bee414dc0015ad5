"""Features that know the condition."""

import math
from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Tensor
from keras_vae.layers import Dense
from keras_vae.seeds import glorot_uniforms


@keras.saving.register_keras_serializable(package="keras_vae.conditions")
class Fusion(keras.layers.Layer):
    """ReLU(W [features, c] + b), as wide as the features: what the encoder found, seen in the light of c.

    Without a layer between, the heads of q(z|x, c) could only shift each code by what c says. They have to
    do more: the codes of every c should fill the prior, so that z says nothing that c says already.

    Args:
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        features: the encoder's, `(batch, …)`; all axes but the first are flattened.
        condition: `(batch, width)`.

    Returns:
        `(batch, units)`, where the flattened features have so many.

    Example:
        >>> import numpy as np
        >>> tuple(Fusion(seed=0)(np.zeros((5, 4, 8), "float32"), np.zeros((5, 3), "float32")).shape)
        (5, 32)
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed

    def build(self, features_shape: Any, condition_shape: Any) -> None:
        units = math.prod(features_shape[1:])
        self.dense = Dense(
            units,
            activation="relu",
            kernel_initializer=next(glorot_uniforms(self.seed)),
            dtype=self.dtype_policy,
        )
        self.dense.build((None, units + condition_shape[-1]))

    def call(self, features: Tensor, condition: Tensor) -> Tensor:
        flat = ops.reshape(features, (-1, math.prod(features.shape[1:])))
        return self.dense(ops.concatenate([flat, ops.cast(condition, flat.dtype)], axis=-1))

    def get_config(self) -> dict:
        return {**super().get_config(), "seed": self.seed}
