"""The optimizer that models are trained with."""

from typing import Any

import keras

from keras_vae.distributions import Tensor


@keras.saving.register_keras_serializable(package="keras_vae.optimizers")
class Adam(keras.optimizers.Adam):
    """`keras.optimizers.Adam`, whose step is one operation for each weight on TensorFlow.

    Keras's own goes through a weight and its two moments a dozen times, once for each sum and product,
    which is a fifth of the step of a network of dense layers. Arguments, variables and numbers are those of
    Keras's (Kingma and Ba, 2015, algorithm 1, in the order of operations that section 2 ends with).

    Example:
        >>> import numpy as np
        >>> weight = keras.Variable(np.ones(2, "float32"))
        >>> Adam(0.1).apply([keras.ops.convert_to_tensor([1.0, -1.0])], [weight])
        >>> print(keras.ops.convert_to_numpy(weight).round(4))
        [0.9 1.1]
    """

    def __init__(self, learning_rate: Any = 0.001, *, name: str = "adam", **kwargs: Any) -> None:
        super().__init__(learning_rate, name=name, **kwargs)

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        if self.amsgrad or not _is_plain(gradient):
            super().update_step(gradient, variable, learning_rate)
            return
        import tensorflow as tf

        def number(value: Any) -> Tensor:
            return tf.cast(value, variable.dtype)

        index = self._get_variable_index(variable)
        step = number(self.iterations + 1)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(number(self.beta_1), step),
            beta2_power=tf.pow(number(self.beta_2), step),
            lr=number(learning_rate),
            beta1=number(self.beta_1),
            beta2=number(self.beta_2),
            epsilon=number(self.epsilon),
            grad=number(gradient),
        )


def _is_plain(gradient: Any) -> bool:
    """Whether it is a tensor of TensorFlow, and not some rows of one; of a weight that is on one device."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return not isinstance(gradient, tf.IndexedSlices) and not tf.distribute.has_strategy()
