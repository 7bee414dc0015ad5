"""The last convolution as matrix products: the same numbers and gradients as Keras's own."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_vae.likelihoods.narrow_convolution import NarrowConv2D
from tests.gradients import gradients

pytestmark = pytest.mark.mathematics


@pytest.mark.parametrize(("filters", "channels"), [(1, 32), (3, 32), (3, 27), (4, 32)])
@pytest.mark.parametrize("shape", [(5, 7), (1, 1), (2, 9)])
def test_outputs_and_gradients_are_those_of_a_convolution(filters, channels, shape):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(4, *shape, channels)).astype("float32")
    ours, keras_own = NarrowConv2D(filters), layers.Conv2D(filters, 3, padding="same")
    for layer in (ours, keras_own):
        layer.build(x.shape)
    weights = [generator.normal(size=each.shape).astype("float32") for each in keras_own.get_weights()]
    weight = generator.normal(size=(4, *shape, filters)).astype("float32")
    results = []
    for layer in (ours, keras_own):
        layer.set_weights(weights)

        def score(inputs, kernel, layer=layer):
            return keras.ops.sum(keras.ops.multiply(weight, layer.convolution_op(inputs, kernel)))

        results.append([keras.ops.convert_to_numpy(layer(x)), *gradients(score, x, weights[0])])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-4)
