"""Gradients on any back end."""

import keras
import numpy as np


def gradients(function, *values):
    """The gradients of a scalar function of float32 arrays, as NumPy arrays."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        tensors = [tf.constant(value) for value in values]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            result = function(*tensors)
        return [gradient.numpy() for gradient in tape.gradient(result, tensors)]
    if backend == "jax":
        import jax

        return [np.asarray(each) for each in jax.grad(function, argnums=tuple(range(len(values))))(*values)]
    import torch

    tensors = [torch.tensor(value, requires_grad=True) for value in values]
    function(*tensors).backward()
    return [tensor.grad.numpy() for tensor in tensors]


def gradient(function, value):
    """The gradient of a scalar function of one array."""
    return gradients(function, value)[0]
