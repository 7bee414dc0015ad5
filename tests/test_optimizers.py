"""Adam in one operation a weight: the numbers of Keras's own, and of the paper."""

import keras
import numpy as np
import pytest

from keras_vae.optimizers import Adam

pytestmark = pytest.mark.mathematics

SHAPES = [(3, 4), (5,), ()]


def trained(optimizer, steps=25, shapes=SHAPES):
    generator = np.random.default_rng(0)
    weights = [keras.Variable(generator.normal(size=shape).astype("float32")) for shape in shapes]
    for _ in range(steps):
        gradients = [generator.normal(size=shape).astype("float32") for shape in shapes]
        optimizer.apply([keras.ops.convert_to_tensor(each) for each in gradients], weights)
    return [keras.ops.convert_to_numpy(each) for each in [*weights, *optimizer.variables]]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2},
        {"amsgrad": True},
        {"weight_decay": 0.1, "global_clipnorm": 0.5, "use_ema": True},
    ],
    ids=str,
)
def test_weights_and_moments_are_those_of_keras(options):
    for one, other in zip(
        trained(Adam(0.1, **options)), trained(keras.optimizers.Adam(0.1, **options)), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_weights_are_those_of_the_papers_algorithm():
    rate, beta_1, beta_2, epsilon = 0.1, 0.9, 0.999, 1e-7
    generator = np.random.default_rng(0)
    weight, first, second = generator.normal(size=(3, 4)), np.zeros((3, 4)), np.zeros((3, 4))
    for step in range(1, 26):
        gradient = generator.normal(size=(3, 4))
        first = beta_1 * first + (1 - beta_1) * gradient
        second = beta_2 * second + (1 - beta_2) * gradient**2
        alpha = rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
        weight -= alpha * first / (np.sqrt(second) + epsilon)
    found = trained(Adam(rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon), shapes=[(3, 4)])[0]
    np.testing.assert_allclose(found, weight, rtol=1e-4, atol=1e-5)


def test_a_schedule_of_the_rate_and_a_model_in_bfloat16():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 20)
    results = []
    for optimizer in (Adam(schedule), keras.optimizers.Adam(schedule)):
        keras.utils.set_random_seed(0)
        dense = keras.layers.Dense(4, dtype="mixed_bfloat16")
        model = keras.Sequential([keras.Input((3,)), dense])
        model.compile(optimizer, loss="mse")
        x = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
        model.fit(x, x @ np.ones((3, 4)), batch_size=16, epochs=5, shuffle=False, verbose=0)
        results.append(model.get_weights())
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_gradients_of_some_rows_alone():
    """An embedding's, which on TensorFlow are no tensors."""
    results = []
    for optimizer in (Adam(0.1), keras.optimizers.Adam(0.1)):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((1,)), keras.layers.Embedding(9, 2)])
        model.compile(optimizer, loss="mse")
        model.fit(np.array([[1], [3], [3]]), np.ones((3, 1, 2)), epochs=3, verbose=0)
        results.append(model.get_weights()[0])
    np.testing.assert_allclose(*results, rtol=1e-5)


def test_a_saved_model_goes_on_with_it(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile(Adam(0.1), loss="mse")
    x, y = np.ones((4, 3)), np.zeros((4, 2))
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.optimizer) is Adam
    for each in (model, loaded):
        each.fit(x, y, verbose=0)
    for one, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
