"""Schedules: their shapes, and that a model follows them."""

import keras
import numpy as np
import pytest

from keras_vae.callbacks import Schedule
from keras_vae.errors import InvalidArgumentError, UnknownNameError
from keras_vae.objectives import ELBO


def values(schedule, count=8):
    return [round(schedule.value(i / count), 4) for i in range(count + 1)]


def test_the_shapes():
    assert values(Schedule(end=1.0), 4) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert values(Schedule(end=2.0, shape="cosine"), 4) == [0.0, 0.2929, 1.0, 1.7071, 2.0]
    assert values(Schedule(end=1.0, cycles=2)) == [0.0, 0.5, 1.0, 1.0, 0.0, 0.5, 1.0, 1.0, 1.0]
    assert values(Schedule(start=3.0, end=1.0), 2) == [3.0, 2.0, 1.0]


@pytest.mark.parametrize("name", ["beta", "capacity"])
def test_a_model_follows_its_schedule(name, make_vae, blobs):
    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(float(getattr(self.model.objective, name)))

    model = make_vae(objective=ELBO(beta=2.0, capacity=1.0))
    model.compile(optimizer="adam")
    schedule = Schedule(name, start=0.0, end=4.0, epochs=2)
    model.fit(blobs.x_train, batch_size=24, epochs=3, callbacks=[schedule, Watch()], verbose=0)
    np.testing.assert_allclose(seen, [*np.arange(8) / 2, 4, 4, 4, 4])


@pytest.mark.mathematics
def test_each_step_is_taken_with_its_weight(make_vae, blobs):
    """By what the losses say, which nobody can ask a back end for while it holds the variables."""
    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(
                [(batch + 1) * float(logs[name]) for name in ("loss", "reconstruction_loss", "kl_loss")]
            )

    model = make_vae()
    model.compile(optimizer=keras.optimizers.Adam(1e-2))
    model.fit(
        blobs.x_train, batch_size=24, epochs=1, callbacks=[Schedule(end=4.0, epochs=1), Watch()], verbose=0
    )
    loss, reconstruction, kl = np.diff(seen, axis=0, prepend=0.0).T
    assert kl.min() > 1e-4
    np.testing.assert_allclose(loss - reconstruction, [0, 1, 2, 3] * kl, atol=3e-4)
    assert kl[-1] > 1e-2


def test_it_ends_where_the_objective_began(make_vae, blobs):
    model = make_vae(beta=3.0)
    model.compile(optimizer="adam")
    model.fit(blobs.x_train, epochs=1, callbacks=[Schedule(epochs=5)], verbose=0)
    assert float(model.objective.beta) == 3.0


def test_what_cannot_be_scheduled_is_refused(make_vae, blobs):
    model = make_vae()
    model.compile(optimizer="adam")
    with pytest.raises(InvalidArgumentError, match="ELBO has no weight 'capacity'"):
        model.fit(blobs.x_train, callbacks=[Schedule("capacity", end=1.0)], verbose=0)
    with pytest.raises(UnknownNameError, match="Did you mean 'linear'"):
        Schedule(shape="liner")
    with pytest.raises(InvalidArgumentError, match="epochs=0"):
        Schedule(epochs=0)
