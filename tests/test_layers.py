"""The numbers and gradients of Keras's own layers.

For the gradient of the bias in bfloat16, which is not Keras's, see `test_bfloat16.py`.
"""

import keras
import numpy as np
import pytest
from keras import layers, ops

from keras_vae.layers import Conv2D, Conv2DTranspose
from tests.gradients import gradients

pytestmark = pytest.mark.mathematics


@pytest.mark.parametrize("kind", [Conv2D, Conv2DTranspose])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16", "bfloat16"])
@pytest.mark.parametrize(
    "options",
    [{"activation": "relu"}, {"activation": "relu", "use_bias": False}, {"activation": "swish"}, {}],
    ids=str,
)
def test_outputs_and_gradients_are_those_of_keras(options, dtype, kind):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(4, 5, 7, 6)).astype("float32")
    ways = [
        each(3, 3, strides=2, padding="same", dtype=dtype, **options)
        for each in (kind, getattr(layers, kind.__name__))
    ]
    results = []
    for layer in ways:
        layer.build(x.shape)
        layer.set_weights([np.random.default_rng(1).normal(size=each.shape) for each in layer.weights])
        weight = np.random.default_rng(2).normal(size=layer(x).shape).astype("float32")

        def score(inputs, layer=layer, weight=weight):
            return ops.sum(ops.multiply(weight, ops.cast(layer(inputs), "float32")))

        results.append([ops.convert_to_numpy(ops.cast(layer(x), "float32")), *gradients(score, x)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_learn_as_those_of_keras():
    results = []
    for kind in (Conv2DTranspose, layers.Conv2DTranspose):
        keras.utils.set_random_seed(0)
        layer = kind(3, 3, strides=2, padding="same", activation="relu", dtype="mixed_bfloat16")
        model = keras.Sequential([keras.Input((4, 4, 2)), layer])
        model.compile(keras.optimizers.SGD(0.1), loss="mse")
        generator = np.random.default_rng(0)
        x, y = generator.normal(size=(32, 4, 4, 2)), generator.normal(size=(32, 8, 8, 3))
        model.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0)
        results.append(model.get_weights())
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-2, atol=1e-3)


def test_it_is_saved_and_loaded(tmp_path):
    layer = Conv2DTranspose(3, 3, strides=2, padding="same", activation="relu")
    model = keras.Sequential([keras.Input((4, 4, 2)), layer])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.layers[0]) is Conv2DTranspose
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 2)).astype("float32")
    np.testing.assert_array_equal(ops.convert_to_numpy(loaded(x)), ops.convert_to_numpy(model(x)))


def test_a_layer_that_was_saved_under_another_name_is_read():
    layer = Conv2DTranspose(3, 3, strides=2)
    described = keras.saving.serialize_keras_object(layer) | {
        "module": "keras_vae.networks.transposed_convolution",
        "class_name": "FusedConv2DTranspose",
        "registered_name": "keras_vae.networks>FusedConv2DTranspose",
    }
    read = keras.saving.deserialize_keras_object(described)
    assert type(read) is Conv2DTranspose
    assert read.get_config() == layer.get_config()
