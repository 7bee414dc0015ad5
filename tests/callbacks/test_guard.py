"""The guard: what it undoes, what it leaves out, and when it gives up."""

import re

import keras
import numpy as np
import pytest

from keras_vae.callbacks import Guard, Snapshot
from keras_vae.data import Batches
from keras_vae.errors import TrainingDivergedError


class Rate(keras.callbacks.Callback):
    """Another learning rate for some steps."""

    def __init__(self, rate, first, steps):
        super().__init__()
        self.rate, self.first, self.last, self.step = rate, first, first + steps, 0

    def on_train_batch_begin(self, batch, logs=None):
        if self.step == self.first:
            self.before = float(self.model.optimizer.learning_rate)
        if self.first <= self.step < self.last:
            self.model.optimizer.learning_rate = self.rate
        if self.step == self.last:
            self.model.optimizer.learning_rate = self.before
        self.step += 1


@pytest.fixture
def fit(make_vae, blobs):
    """Train on blobs as numbers, which `spoil` may change: the guard, what it said, and the test loss."""

    def fit(*callbacks, spoil=None, epochs=60, **options):
        x = blobs.x_train.astype("float32")
        if spoil:
            spoil(x)
        batches = Batches(x, 16, seed=0)
        said = []
        guard = Guard(batches, notify=said.append, **options)
        model = make_vae(latent_dim=4)
        model.compile(keras.optimizers.Adam(3e-3))
        model.fit(batches, epochs=epochs, callbacks=[*callbacks, guard], shuffle=False, verbose=0)
        loss = model.evaluate(blobs.x_test.astype("float32"), verbose=0, return_dict=True)["loss"]
        return guard, said, loss

    return fit


_CLEAN = []


def clean_loss(fit):
    """What a training comes to that nothing happens to; trained once."""
    if not _CLEAN:
        _CLEAN.append(fit())
    return _CLEAN[0][2]


def test_nothing_happens_to_a_training_that_is_well(fit):
    clean_loss(fit)
    guard, said, _ = _CLEAN[0]
    assert guard.rollbacks == 0
    assert said == []
    assert guard.batches.left_out == []


@pytest.mark.parametrize("rate", [1e6, 1e3])
def test_a_learning_rate_gone_mad_is_undone(fit, rate):
    """`benchmarks/recovery.py` has the figures of a larger model."""
    clean = clean_loss(fit)
    guard, said, loss = fit(Rate(rate, first=50, steps=10))
    assert 1 <= guard.rollbacks <= 10
    assert len(said) == guard.rollbacks
    assert all("the learning rate is 0.0015 from now on" in text for text in said)
    assert loss == pytest.approx(clean, rel=0.05)


def test_poisoned_examples_are_left_out_and_the_step_is_not_to_blame(fit):
    def spoil(x):
        x[5, 3, 4] = np.nan
        x[70] = np.inf

    clean = clean_loss(fit)
    guard, said, loss = fit(spoil=spoil)
    assert guard.batches.left_out == [5, 70]
    assert guard.rollbacks == len(said) <= 2
    assert all("left out from now on, because no weights could bear it" in text for text in said)
    assert float(guard.model.optimizer.learning_rate) == pytest.approx(3e-3)
    assert loss == pytest.approx(clean, rel=0.05)


def test_it_gives_up_with_a_diagnosis_and_good_weights(make_vae, blobs):
    model = make_vae()
    model.compile(keras.optimizers.Adam(1e9))
    batches = Batches(blobs.x_train, 16, seed=0)
    said = []
    expected = (
        r"went back to the last good state 3 times, which did not help\. Not finite in the loss: .*KL.*"
        r"The inputs of that batch lie in \[0, 230\]\. Lower the learning rate \(it has come down to "
    )
    with pytest.raises(TrainingDivergedError, match=expected):
        model.fit(
            batches,
            epochs=30,
            callbacks=[Guard(batches, most=3, notify=said.append)],
            shuffle=False,
            verbose=0,
        )
    assert len(said) == 3
    rates = [float(re.search(r"rate is (\S+) from", text)[1]) for text in said]
    np.testing.assert_allclose(rates, [5e8, 2.5e8, 1.25e8])
    assert Snapshot.of(model).is_finite


def test_without_batches_it_warns_and_blames_the_step(make_vae, blobs):
    x = blobs.x_train.astype("float32")
    x[90] = np.nan
    model = make_vae()
    model.compile("adam")
    with pytest.warns(UserWarning, match="the loss became NaN. Went back .* the learning rate is 0.0005"):
        model.fit(x, batch_size=8, shuffle=False, callbacks=[Guard()], verbose=0)
    assert Snapshot.of(model).is_finite


def test_a_snapshot_brings_everything_back(make_vae, blobs):
    """Weights, random streams, optimiser and running figures: training goes on as it did."""
    model = make_vae()
    model.compile("adam")
    model.fit(blobs.x_train, batch_size=32, verbose=0)
    snapshot = Snapshot.of(model)
    first = [model.train_on_batch(blobs.x_train[:32]) for _ in range(3)]
    assert first[0] != first[1]
    snapshot.restore(model)
    assert [model.train_on_batch(blobs.x_train[:32]) for _ in range(3)] == first


def test_a_snapshot_of_another_model_is_refused(make_vae):
    one, other = make_vae(), make_vae(latent_dim=3)
    for model in (one, other):
        model.build((None, 12, 12, 1))
        model.compile("adam")
    with pytest.raises(ValueError, match="variables of other shapes"):
        Snapshot.of(one).restore(other)


def test_a_model_that_never_was_well_is_told_so(make_vae, blobs):
    x = np.full_like(blobs.x_train, np.nan, "float32")
    said = []
    model = make_vae()
    model.compile("adam")
    with pytest.raises(TrainingDivergedError, match=r"3 of 3 steps were undone"):
        model.fit(x, batch_size=32, callbacks=[Guard(notify=said.append)], verbose=0)
    assert len(said) == 3


def test_data_that_tell_no_shape_leave_no_good_state_to_go_back_to(make_vae, blobs):
    model = make_vae()
    model.compile("adam")
    batches = ((np.full_like(blobs.x_train[:8], np.nan, "float32"),) for _ in range(4))
    with pytest.raises(
        TrainingDivergedError, match=r"Epoch 1, step 1: the loss became NaN, before any good"
    ):
        model.fit(batches, callbacks=[Guard()], shuffle=False, verbose=0)


def test_the_last_call_of_an_epoch_may_have_fewer_steps(make_vae, blobs):
    model, guard = make_vae(), Guard()
    model.build(blobs.x_train[:1].shape)
    model.compile(keras.optimizers.Adam(3e-3), steps_per_execution=4)
    model.optimizer.build(model.trainable_variables)
    guard.set_model(model)
    guard.set_params({"steps": 6, "epochs": 1})
    guard.on_epoch_begin(0)
    means = {(0, 3): 100.0, (4, 7): (4 * 100.0 + 2 * 103.0) / 6}
    for (first, last), mean in means.items():
        guard.on_train_batch_begin(first)
        guard.on_train_batch_end(last, {"loss": mean})
    np.testing.assert_allclose(guard.memory()[0]["losses"], [100.0, 103.0])
