"""The learning rate's way: its shape, that training follows it, and what others do to it on the way."""

import keras
import numpy as np
import pytest

from keras_vae.callbacks import LearningRate
from keras_vae.errors import InvalidArgumentError

STEPS = 12


class Rates(keras.callbacks.Callback):
    def __init__(self, lowered_at=None):
        super().__init__()
        self.seen, self.lowered_at = [], lowered_at

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)))
        if len(self.seen) == self.lowered_at:
            self.model.optimizer.learning_rate = 0.5 * self.seen[-1]


def train(make_vae, blobs, callbacks, epochs=3, **kwargs):
    model = make_vae()
    model.compile(optimizer=keras.optimizers.SGD(0.1))
    model.fit(blobs.x_train, batch_size=24, epochs=epochs, callbacks=callbacks, verbose=0, **kwargs)
    return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))


def test_it_rises_in_a_line_and_falls_as_a_cosine():
    rate = LearningRate(epochs=1, warm_up=0.2)
    found = [rate.value(step, 100) for step in range(100)]
    np.testing.assert_allclose(found[:20], np.arange(1, 21) / 20, atol=1e-3)
    cosine = keras.optimizers.schedules.CosineDecay(1.0, 80)
    np.testing.assert_allclose(found[20:], [float(cosine(step + 0.5)) for step in range(80)], atol=1e-6)


def test_training_follows_it_and_leaves_the_rate_as_it_was(make_vae, blobs):
    rates, rate = Rates(), LearningRate(epochs=3, warm_up=0.25)
    last = train(make_vae, blobs, [rate, rates])
    np.testing.assert_allclose(
        rates.seen, [0.1 * rate.value(step, STEPS) for step in range(STEPS)], rtol=1e-5
    )
    assert last == pytest.approx(0.1, rel=1e-5)


def test_a_rate_that_was_lowered_stays_lower(make_vae, blobs):
    rates, rate = Rates(lowered_at=5), LearningRate(epochs=3, warm_up=0.25)
    last = train(make_vae, blobs, [rate, rates])
    expected = [0.1 * rate.value(step, STEPS) for step in range(STEPS)]
    np.testing.assert_allclose(rates.seen[5:], [0.5 * each for each in expected[5:]], rtol=1e-5)
    assert last == pytest.approx(0.05, rel=1e-5)


def test_it_holds_where_training_goes_on_longer(make_vae, blobs):
    rates = Rates()
    train(make_vae, blobs, [LearningRate(epochs=1, warm_up=0.0), rates], epochs=2)
    assert len(set(rates.seen[3:])) == 1
    assert rates.seen[3] < rates.seen[2]


def test_an_epoch_in_the_middle_has_its_own_part(make_vae, blobs):
    rates, rate = Rates(), LearningRate(epochs=3, warm_up=0.0)
    train(make_vae, blobs, [rate, rates], initial_epoch=2)
    ratio = rate.value(STEPS - 1, STEPS) / rate.value(STEPS - 5, STEPS)
    assert rates.seen[-1] == pytest.approx(0.1 * ratio, rel=1e-5)


@pytest.mark.mathematics
def test_each_step_is_as_long_as_its_rate():
    """Plain gradient descent on y = w: each step moves w by the rate."""
    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append((batch + 1) * float(logs["loss"]))

    model = keras.Sequential([keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=lambda _, y_pred: y_pred)
    rate, ones = LearningRate(epochs=1, warm_up=0.5), np.ones((10, 1), "float32")
    model.fit(ones, ones, batch_size=1, epochs=1, callbacks=[rate, Watch()], verbose=0)
    weights = np.diff(seen, prepend=0.0)
    np.testing.assert_allclose(
        -np.diff(weights), [0.1 * rate.value(step, 10) for step in range(9)], atol=1e-6
    )


@pytest.mark.parametrize(
    "given", [{"epochs": 0}, {"epochs": 3, "warm_up": 1.0}, {"epochs": 3, "warm_up": -0.1}]
)
def test_numbers_out_of_range_are_refused(given):
    with pytest.raises(InvalidArgumentError, match="warm_up"):
        LearningRate(**given)
