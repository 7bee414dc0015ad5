"""Posteriors and the reparameterised sample."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_vae.errors import InvalidArgumentError
from keras_vae.posteriors import DiagonalNormal, Sampling
from tests.gradients import gradients

pytestmark = pytest.mark.mathematics

MU = np.array([[0.5, -1.0], [2.0, 0.0], [0.0, 3.0]], "float32")
LOG_VAR = np.array([[-0.2, 0.4], [1.0, -2.0], [0.0, 0.0]], "float32")


def test_a_sample_is_mu_plus_sigma_epsilon(to_numpy):
    z = to_numpy(Sampling(seed=3)([MU, LOG_VAR]))
    epsilon = to_numpy(Sampling(seed=3)([np.zeros_like(MU), np.zeros_like(MU)]))
    np.testing.assert_allclose(z, MU + np.exp(0.5 * LOG_VAR) * epsilon, rtol=1e-6)
    assert np.abs(epsilon).max() > 0


def test_gradients_flow_to_mu_and_log_var(to_numpy):
    epsilon = to_numpy(Sampling(seed=3)([np.zeros_like(MU), np.zeros_like(MU)]))
    weights = np.arange(1.0, 7.0, dtype="float32").reshape(3, 2)

    def loss(mu, log_var):
        from keras_vae.distributions import Normal

        state = keras.random.SeedGenerator(3)
        return ops.sum(ops.convert_to_tensor(weights) * Normal(mu, log_var).sample(seed=state))

    to_mu, to_log_var = gradients(loss, MU, LOG_VAR)
    np.testing.assert_allclose(to_mu, weights, rtol=1e-5)
    np.testing.assert_allclose(to_log_var, weights * 0.5 * np.exp(0.5 * LOG_VAR) * epsilon, rtol=1e-4)


def test_a_seed_repeats_and_consecutive_samples_differ(to_numpy):
    one, two = Sampling(seed=0), Sampling(seed=0)
    first, second = to_numpy(one([MU, LOG_VAR])), to_numpy(one([MU, LOG_VAR]))
    np.testing.assert_array_equal(first, to_numpy(two([MU, LOG_VAR])))
    assert np.abs(first - second).max() > 0.1
    assert np.abs(first - to_numpy(Sampling(seed=1)([MU, LOG_VAR]))).max() > 0.1


def test_sampling_ignores_training(to_numpy):
    on, off = Sampling(seed=0), Sampling(seed=0)
    np.testing.assert_array_equal(
        to_numpy(on([MU, LOG_VAR], training=True)), to_numpy(off([MU, LOG_VAR], training=False))
    )


def test_sampling_is_float32_under_mixed_precision(to_numpy):
    layer = Sampling(seed=0, dtype="mixed_bfloat16")
    mu = np.full((4, 2), 1000.3, "float32")  # bfloat16 would round it to 1000
    z = layer([mu, np.full((4, 2), -20.0, "float32")])
    assert keras.backend.standardize_dtype(z.dtype) == "float32"
    np.testing.assert_allclose(to_numpy(z), mu, atol=1e-3)


def test_sampling_rebuilds_from_its_config(to_numpy):
    copy = Sampling.from_config(Sampling(seed=5).get_config())
    np.testing.assert_array_equal(to_numpy(copy([MU, LOG_VAR])), to_numpy(Sampling(seed=5)([MU, LOG_VAR])))


def test_log_variance_is_bounded_smoothly(to_numpy):
    posterior = DiagonalNormal(1)
    posterior.build((None, 1))
    posterior.log_var_head.set_weights([np.ones((1, 1)), np.zeros(1)])
    head = np.array([[-1e4], [-100.0], [-1.0], [0.0], [1.0], [100.0], [1e4]], "float32")
    log_var = to_numpy(posterior(head)["log_var"])[:, 0]
    assert (np.diff(log_var) >= 0).all()
    np.testing.assert_allclose(log_var[[0, -1]], [-20, 20])
    np.testing.assert_allclose(log_var[2:5], [-1, 0, 1], rtol=1e-3)
    z = posterior.distribution(posterior(head)).sample(seed=0)
    assert np.isfinite(to_numpy(z)).all()


def test_posterior_parameters_are_float32_under_mixed_precision():
    posterior = DiagonalNormal(2, dtype="mixed_bfloat16")
    parameters = posterior(np.ones((3, 4, 4, 2), "float32"))
    assert {keras.backend.standardize_dtype(each.dtype) for each in parameters.values()} == {"float32"}
    assert {name: tuple(each.shape) for name, each in parameters.items()} == {
        "mu": (3, 2),
        "log_var": (3, 2),
    }


@pytest.mark.parametrize("latent_dim", [0, -1, 1.5, True])
def test_no_latent_units_are_refused(latent_dim):
    with pytest.raises(InvalidArgumentError, match="at least one latent unit"):
        DiagonalNormal(latent_dim)
