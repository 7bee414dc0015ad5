"""Plain JAX: one jitted step, NHWC, Adam written out."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

LATENT_DIM = 2
CONVOLUTIONS = {
    "first": (1, 32),
    "second": (32, 64),
    "third": (64, 64),
    "fourth": (64, 32),
    "last": (32, 1),
}
DENSE = {"features": (3136, 256), "mean": (256, LATENT_DIM), "log_variance": (256, LATENT_DIM), "start": (LATENT_DIM, 3136)}  # fmt: skip  # noqa: E501


def initial_weights(key):
    glorot, shapes = jax.nn.initializers.glorot_uniform(), {}
    shapes |= {name: (3, 3, *channels) for name, channels in CONVOLUTIONS.items()} | DENSE
    keys = jax.random.split(key, len(shapes))
    return {
        name: (glorot(k, shape), jnp.zeros(shape[-1]))
        for k, (name, shape) in zip(keys, shapes.items(), strict=True)
    }


def _dense(weights, x):
    return x @ weights[0] + weights[1]


def _convolution(weights, x, stride):
    numbers = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, weights[0], (stride, stride), "SAME", dimension_numbers=numbers) + weights[1]  # fmt: skip  # noqa: E501


def _transposed(weights, x):
    return lax.conv_transpose(x, weights[0], (2, 2), "SAME") + weights[1]


def loss_of(w, key, pixels, beta=1.0):
    x = pixels.astype("float32")[..., None] / 255.0
    h = jax.nn.relu(_convolution(w["first"], x, 2))
    h = jax.nn.relu(_convolution(w["second"], h, 2))
    h = jax.nn.relu(_dense(w["features"], h.reshape(len(x), -1)))
    mean, log_variance = _dense(w["mean"], h), _dense(w["log_variance"], h)
    z = mean + jnp.exp(0.5 * log_variance) * jax.random.normal(key, mean.shape)
    h = jax.nn.relu(_dense(w["start"], z)).reshape(-1, 7, 7, 64)
    h = jax.nn.relu(_transposed(w["fourth"], jax.nn.relu(_transposed(w["third"], h))))
    logits = _convolution(w["last"], h, 1)
    reconstruction = jnp.sum(jax.nn.softplus(logits) - x * logits)
    kl = -0.5 * jnp.sum(1 + log_variance - mean**2 - jnp.exp(log_variance))
    return (reconstruction + beta * kl) / len(x)


@jax.jit
def _step(w, moments, key, count, pixels):
    gradients = jax.grad(loss_of)(w, key, pixels)
    rate = 1e-3 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], gradients)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g**2, moments[1], gradients)
    w = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), w, first, second)
    return w, (first, second)


def train(images, test_images, batch_size, steps, on_step):
    key = jax.random.key(0)
    w = initial_weights(key)
    moments = jax.tree.map(jnp.zeros_like, w), jax.tree.map(jnp.zeros_like, w)
    order = np.random.default_rng(0).permutation(len(images))
    for step in range(steps):
        rows = order[step * batch_size : (step + 1) * batch_size]
        w, moments = _step(w, moments, jax.random.fold_in(key, step), step + 1.0, images[rows])
        jax.block_until_ready(w)
        on_step()
    parts = np.split(test_images, len(test_images) // 1000)
    losses = [float(loss_of(w, jax.random.fold_in(key, steps + i), part)) for i, part in enumerate(parts)]
    return sum(losses) / len(losses)
