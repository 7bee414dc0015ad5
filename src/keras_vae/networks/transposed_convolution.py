"""A transposed convolution whose bias and ReLU are one operation."""

from typing import Any

import keras
from keras import activations, layers, ops

from keras_vae.distributions import Tensor


@keras.saving.register_keras_serializable(package="keras_vae.networks")
class FusedConv2DTranspose(layers.Conv2DTranspose):
    """`Conv2DTranspose`, whose bias and ReLU are one operation in bfloat16 on TensorFlow.

    There they are two for a transposed convolution, and one for a convolution alone, and in bfloat16 either
    of the two takes about as long as the convolution itself. So what is convolved goes through a second
    one, of 1×1 and with the identity as its kernel. Arguments, weights and numbers are those of Keras's.

    Example:
        >>> import numpy as np
        >>> layer = FusedConv2DTranspose(8, 3, strides=2, padding="same", activation="relu")
        >>> tuple(layer(np.zeros((5, 7, 7, 16), "float32")).shape)
        (5, 14, 14, 8)
    """

    def call(self, inputs: Tensor) -> Tensor:
        if not self._is_fused():
            return super().call(inputs)
        outputs = ops.conv_transpose(
            inputs,
            self.kernel,
            strides=list(self.strides),
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )
        # A reshaped variable is a tensor.
        return _biased_relu(outputs, ops.reshape(self.bias, (-1,)))

    def _is_fused(self) -> bool:
        return (
            keras.config.backend() == "tensorflow"
            and self.compute_dtype == "bfloat16"
            and self.data_format == "channels_last"
            and self.use_bias
            and self.activation is activations.relu
        )


@ops.custom_gradient
def _biased_relu(x: Tensor, bias: Tensor) -> tuple[Tensor, Any]:
    """relu(x + bias) on TensorFlow: `(n, height, width, channels)` and `(channels,)`."""
    import tensorflow as tf

    identity = tf.eye(x.shape[-1], dtype=x.dtype)[None, None]
    y = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, identity, 1, "SAME"), bias))

    def gradient(upstream: Tensor) -> tuple[Tensor, Tensor]:
        to_x = tf.raw_ops.ReluGrad(gradients=upstream, features=y)
        return to_x, tf.raw_ops.BiasAddGrad(out_backprop=to_x)

    return y, gradient
