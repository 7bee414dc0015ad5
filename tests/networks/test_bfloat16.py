"""In bfloat16 weights learn as in float32: sums over a batch and its pixels are not made in bfloat16."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_vae import VAE, data, networks
from keras_vae.layers import Conv2D, Conv2DTranspose, Dense
from keras_vae.likelihoods.narrow_convolution import NarrowConv2D
from keras_vae.runs.train import dtype_policy

pytestmark = pytest.mark.mathematics

LAYERS = {
    "transposed convolution": lambda activation, dtype: Conv2DTranspose(
        8, 3, strides=2, padding="same", activation=activation, dtype=dtype
    ),
    "convolution": lambda activation, dtype: Conv2D(
        8, 3, padding="same", activation=activation, dtype=dtype
    ),
    "narrow convolution": lambda activation, dtype: NarrowConv2D(1, activation=activation, dtype=dtype),
    "dense": lambda activation, dtype: Dense(8, activation=activation, dtype=dtype),
}
BODIES = {
    "convolutional": (networks.convolutional_encoder, networks.convolutional_decoder),
    "residual": (networks.residual_encoder, networks.residual_decoder),
}


def learned(model, weights, x, y=None):
    """How one step of gradient descent, at a rate of 1, changes each weight."""
    for variable, weight in zip(model.trainable_variables, weights, strict=True):
        variable.assign(weight)
    model.train_on_batch(x, y)
    after = [ops.convert_to_numpy(each) for each in model.trainable_variables]
    return [one - other for one, other in zip(weights, after, strict=True)]


def rounded(weights):
    """Weights that bfloat16 has too."""
    return [ops.convert_to_numpy(ops.cast(ops.cast(each, "bfloat16"), "float32")) for each in weights]


def errors(found, expected):
    return [np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(found, expected, strict=True)]


@pytest.mark.parametrize("activation", ["relu", "swish", None])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_learns_as_in_float32(name, activation):
    """The gradient of each bias is a sum of 50,000 numbers with a mean of a tenth of their deviation."""
    shapes = {"transposed convolution": (64, 14, 14, 6), "dense": (50_000, 16)}
    count, *shape = shapes.get(name, (64, 28, 28, 32))
    generator = np.random.default_rng(0)
    x = generator.normal(size=(count, *shape)).astype("float32")
    models = []
    for dtype in ("float32", "mixed_bfloat16"):
        model = keras.Sequential([keras.Input(shape), LAYERS[name](activation, dtype)])
        model.compile(
            keras.optimizers.SGD(1.0), loss=lambda y, found: ops.mean(y * ops.cast(found, "float32"))
        )
        models.append(model)
    y = generator.normal(loc=0.1, size=(count, *models[0].output_shape[1:])).astype("float32")
    weights = rounded(
        [generator.normal(scale=0.3, size=each.shape) for each in models[0].trainable_variables]
    )
    whole, short = (learned(model, weights, x, y) for model in models)
    assert max(errors(short, whole)) < 0.03


@pytest.mark.parametrize("name", BODIES)
def test_a_model_learns_as_in_float32(name):
    x = data.load("mnist-5k").x_train[:64]
    encoder, decoder = BODIES[name]
    models = []
    for policy in ("float32", "mixed_bfloat16"):
        with dtype_policy(policy):
            bodies = encoder((16, 32), units=32, seed=0), decoder((28, 28, 1), (32, 16), seed=1)
            model = VAE(*bodies, latent_dim=4, preprocessing=data.Rescale(1 / 255), seed=0)
            model.compile(keras.optimizers.SGD(1.0))
            model.build((None, 28, 28, 1))
        models.append(model)
    weights = rounded(models[0].trainable_variables)
    whole, short = (learned(model, weights, x) for model in models)
    assert max(errors(short, whole)) < 0.1
