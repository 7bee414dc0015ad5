"""Keras's layers, whose biases learn as they should in bfloat16.

The gradient of a bias is a sum over the batch and all pixels, and in bfloat16 256 + 1 is 256: summed there,
half of it and more is lost. On a CPU, JAX sums it so, and TensorFlow (`BiasAddGrad`) but for convolutions,
where it is a part of another operation, which sums in float32. Here it is summed in float32. Arguments,
weights and outputs are those of Keras's.
"""

from typing import Any

import keras
from keras import activations, layers, ops

from keras_vae.distributions import Tensor


class _Biased(layers.Layer):
    """What the three share. `_linear` is the layer without its bias and activation."""

    #: The back ends that sum in bfloat16.
    _backends_short_of_bits: tuple[str, ...]

    def call(self, inputs: Tensor) -> Tensor:
        if not self._is_short_of_bits():
            return super().call(inputs)
        # A reshaped variable is a tensor.
        return self._activated(self._linear(inputs), ops.reshape(self.bias, (-1,)))

    def _activated(self, x: Tensor, bias: Tensor) -> Tensor:
        """The activation of x + bias."""
        return self.activation(_biased(x, bias))

    def _is_short_of_bits(self) -> bool:
        return (
            keras.config.backend() in self._backends_short_of_bits
            and self.compute_dtype == "bfloat16"
            and getattr(self, "data_format", "channels_last") == "channels_last"
            and self.use_bias
        )


@keras.saving.register_keras_serializable(package="keras_vae.layers")
class Dense(_Biased, layers.Dense):
    """`keras.layers.Dense`, whose bias has the right gradient in bfloat16.

    Example:
        >>> import numpy as np
        >>> tuple(Dense(3, activation="relu")(np.zeros((5, 7), "float32")).shape)
        (5, 3)
    """

    _backends_short_of_bits = ("jax", "tensorflow")

    def _linear(self, inputs: Tensor) -> Tensor:
        return ops.matmul(inputs, self.kernel)


@keras.saving.register_keras_serializable(package="keras_vae.layers")
class Conv2D(_Biased, layers.Conv2D):
    """`keras.layers.Conv2D`, whose bias has the right gradient in bfloat16.

    Example:
        >>> import numpy as np
        >>> tuple(Conv2D(8, 3, strides=2, padding="same")(np.zeros((5, 28, 28, 1), "float32")).shape)
        (5, 14, 14, 8)
    """

    _backends_short_of_bits = ("jax",)

    def _linear(self, inputs: Tensor) -> Tensor:
        return self.convolution_op(inputs, self.kernel)


@keras.saving.register_keras_serializable(package="keras_vae.layers")
class Conv2DTranspose(_Biased, layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose`, faster and with the right gradient of its bias in bfloat16.

    Bias and ReLU are two operations of TensorFlow for a transposed convolution, and one for a convolution
    alone, and in bfloat16 either of the two takes about as long as the convolution itself. So what is
    convolved goes through a second one, of 1×1 and with the identity as its kernel.

    Example:
        >>> import numpy as np
        >>> layer = Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu")
        >>> tuple(layer(np.zeros((5, 7, 7, 16), "float32")).shape)
        (5, 14, 14, 8)
    """

    _backends_short_of_bits = ("jax", "tensorflow")

    def _linear(self, inputs: Tensor) -> Tensor:
        return ops.conv_transpose(
            inputs,
            self.kernel,
            strides=list(self.strides),
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )

    def _activated(self, x: Tensor, bias: Tensor) -> Tensor:
        if keras.config.backend() == "tensorflow" and self.activation is activations.relu:
            return _biased_relu(x, bias)
        return super()._activated(x, bias)


# As it was called before, in models that were saved then.
keras.saving.get_custom_objects()["keras_vae.networks>FusedConv2DTranspose"] = Conv2DTranspose


@ops.custom_gradient
def _biased(x: Tensor, bias: Tensor) -> tuple[Tensor, Any]:
    """x + bias: `(n, …, channels)` and `(channels,)`."""

    def gradient(upstream: Tensor) -> tuple[Tensor, Tensor]:
        return upstream, _sum_by_channel(upstream)

    return ops.add(x, bias), gradient


@ops.custom_gradient
def _biased_relu(x: Tensor, bias: Tensor) -> tuple[Tensor, Any]:
    """relu(x + bias) on TensorFlow."""
    import tensorflow as tf

    identity = tf.eye(x.shape[-1], dtype=x.dtype)[None, None]
    y = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, identity, 1, "SAME"), bias))

    def gradient(upstream: Tensor) -> tuple[Tensor, Tensor]:
        to_x = tf.raw_ops.ReluGrad(gradients=upstream, features=y)
        return to_x, _sum_by_channel(to_x)

    return y, gradient


def _sum_by_channel(x: Tensor) -> Tensor:
    # Within, both back ends sum bfloat16 as float32.
    return ops.sum(x, axis=tuple(range(len(x.shape) - 1)))
