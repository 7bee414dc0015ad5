"""Several steps a call: the same training, in fewer calls."""

import keras
import numpy as np
import pytest

from keras_vae import scan
from keras_vae.callbacks import Guard, LearningRate
from keras_vae.data import Batches

pytestmark = pytest.mark.mathematics
not_on_torch = pytest.mark.skipif(
    keras.config.backend() == "torch", reason="on PyTorch Keras has one step a call"
)


@pytest.fixture(autouse=True)
def _as_on_a_card(monkeypatch):
    monkeypatch.setattr(scan, "can_scan", lambda: True)


class Ends(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.losses = {}

    def on_train_batch_end(self, batch, logs=None):
        self.losses[batch] = float(logs["loss"])


def train(make_vae, x, several, *callbacks, epochs=2):
    model = make_vae()
    model.compile(optimizer=keras.optimizers.Adam(1e-2), steps_per_execution=several)
    ends = Ends()
    batches = Batches(x, 16, seed=0)
    history = model.fit(batches, epochs=epochs, callbacks=[*callbacks, ends], shuffle=False, verbose=0)
    return model, history.history["loss"], ends.losses


@not_on_torch
def test_weights_and_losses_are_those_of_single_steps(make_vae, blobs):
    x = blobs.x_train[:90]  # five batches of 16 and one of 10
    single, losses, ends = train(make_vae, x, 1)
    several, same_losses, some_ends = train(make_vae, x, 2)
    np.testing.assert_allclose(same_losses, losses, rtol=1e-5)
    assert sorted(some_ends) == [1, 3, 5]
    np.testing.assert_allclose(
        [some_ends[end] for end in (1, 3, 5)], [ends[end] for end in (1, 3, 5)], rtol=1e-5
    )
    for one, other in zip(single.get_weights(), several.get_weights(), strict=True):
        np.testing.assert_allclose(other, one, atol=1e-5)


@not_on_torch
def test_what_is_left_of_an_epoch_is_trained_on(make_vae, blobs):
    model, *_ = train(make_vae, blobs.x_train[:90], 4, epochs=1)
    assert int(model.optimizer.iterations) == 6


@not_on_torch
def test_the_learning_rate_of_a_call_is_that_of_its_first_step(make_vae, blobs):
    rates = {}

    class Rates(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            rates[len(rates)] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    rate = LearningRate(epochs=2, warm_up=0.3)
    train(make_vae, blobs.x_train[:90], 4, rate, Rates())
    expected = [1e-2 * rate.value(step, 12) for step in (0, 4, 6, 10)]
    np.testing.assert_allclose(list(rates.values()), expected, rtol=1e-5)


@not_on_torch
def test_the_guard_finds_who_is_at_fault_among_all_batches_of_a_call(make_vae, blobs):
    x = blobs.x_train[:96].astype("float32")
    x[[3, 77]] = np.nan
    guard = Guard(Batches(x, 16, seed=0), notify=str)
    model = make_vae(latent_dim=4)
    model.compile(optimizer=keras.optimizers.Adam(3e-3), steps_per_execution=3)
    model.fit(guard.batches, epochs=12, callbacks=[guard], shuffle=False, verbose=0)
    assert guard.batches.left_out == [3, 77]
    assert np.isfinite(model.get_weights()[0]).all()


def test_an_epoch_is_cut_into_few_calls():
    for full in range(1, 700):
        count = scan.fewest_calls(full)
        assert 1 <= count <= 64
        assert full // count + full % count <= full // 64 + full % 64


@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="what TensorFlow is given")
@pytest.mark.parametrize(
    ("full_batches", "elements", "expected"),
    [
        (937, 64 * 784, 8),
        (70, 64 * 784, 4),
        (31, 64 * 784, 1),
        (10**6, 64 * 128 * 128 * 3, 1),
        (500, 64, 8),
    ],
)
def test_on_tensorflow_calls_stay_many_and_short(monkeypatch, full_batches, elements, expected):
    monkeypatch.setattr(scan, "can_scan", lambda: False)
    assert scan.steps_a_call(full_batches, elements) == expected
