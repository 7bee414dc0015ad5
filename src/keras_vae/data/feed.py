"""Batches on their way into `fit`."""

from typing import Any

import keras
import numpy as np

from keras_vae.data.batches import Batches, batch_shape
from keras_vae.data.replicas import Replicable
from keras_vae.data.shares import Shares, is_shared

_AHEAD = 2


def feed(x: Any) -> Any:
    """`Batches` as what `fit` reads fastest on this back end; anything else as it is.

    With JAX on several devices these are the `Shares` of this process.

    On TensorFlow that is no `PyDataset`. Of one Keras makes a generator, and with the first generator
    TensorFlow has the C library return memory to the system after every step: half the speed of a training.
    Nor does it tune itself, in a thread for whose next turn the end of an epoch would wait.

    Example:
        >>> batches = Batches(np.arange(5)[:, None], batch_size=2, shuffle=False)
        >>> [len(keras.ops.convert_to_numpy(each)) for each in feed(batches)]
        [2, 2, 1]
    """
    if isinstance(x, Batches) and is_shared():
        return Shares(x)
    if not isinstance(x, Batches) or keras.config.backend() != "tensorflow":
        return x
    import tensorflow as tf

    if tf.distribute.has_strategy():  # which reads ahead, into the next epoch
        return Replicable(x, tf.distribute.get_strategy().num_replicas_in_sync)
    arrays = keras.tree.flatten(x.x)

    def read(step: Any) -> list[np.ndarray]:
        if step == 0:
            x.on_epoch_begin()
        return keras.tree.flatten(x[int(step)])

    def element(step: Any) -> Any:
        tensors = tf.numpy_function(read, [step], [each.dtype for each in arrays])
        for tensor, each in zip(tensors, arrays, strict=True):
            tensor.set_shape(batch_shape(each))
        return keras.tree.pack_sequence_as(x.x, tensors)

    options = tf.data.Options()
    options.autotune.enabled = False
    return tf.data.Dataset.range(len(x)).map(element).prefetch(_AHEAD).with_options(options)
