"""Log-probabilities, entropies and samples against SciPy."""

import keras
import numpy as np
import pytest
from scipy import special, stats

from keras_vae.distributions import Bernoulli, Normal

pytestmark = pytest.mark.mathematics

LOGITS = np.array([[-30.0, -2.0, 0.0], [0.5, 3.0, 30.0]], "float32")
MU = np.array([[0.5, -0.3, 80.0], [0.0, -5.0, 1.0]], "float32")
LOG_VAR = np.array([[-0.2, -8.0, 0.1], [0.0, 6.0, -3.0]], "float32")


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_bernoulli_log_prob_is_scipy_s(value, to_numpy):
    p = Bernoulli(LOGITS)
    expected = special.log_expit(np.where(value, 1.0, -1.0) * LOGITS.astype("float64"))
    elements = to_numpy(p.element_log_prob(np.full((2, 3), value)))
    np.testing.assert_allclose(elements, expected, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(
        to_numpy(p.log_prob(np.full((2, 3), value))), expected.sum(axis=1), rtol=1e-5
    )


def test_bernoulli_of_grey_values_is_the_binary_cross_entropy(to_numpy):
    grey = np.random.default_rng(0).uniform(size=(2, 3)).astype("float32")
    logits = LOGITS.clip(-10, 10)
    expected = keras.losses.binary_crossentropy(grey, logits, from_logits=True)
    ours = to_numpy(Bernoulli(logits).log_prob(grey))
    np.testing.assert_allclose(ours, -3 * to_numpy(expected), rtol=1e-5)


def test_normal_log_prob_is_scipy_s(to_numpy):
    value = np.array([[0.0, -0.3, 79.0], [4.0, 50.0, 1.2]], "float32")
    expected = stats.norm.logpdf(value.astype("float64"), MU, np.exp(0.5 * LOG_VAR.astype("float64")))
    np.testing.assert_allclose(to_numpy(Normal(MU, LOG_VAR).element_log_prob(value)), expected, rtol=1e-5)
    np.testing.assert_allclose(
        to_numpy(Normal(MU, LOG_VAR).log_prob(value)), expected.sum(axis=1), rtol=1e-5
    )


def test_entropies_are_scipy_s(to_numpy):
    probabilities = 1 / (1 + np.exp(-LOGITS.astype("float64")))
    np.testing.assert_allclose(
        to_numpy(Bernoulli(LOGITS).entropy()), stats.bernoulli.entropy(probabilities).sum(axis=1), rtol=1e-4
    )
    np.testing.assert_allclose(
        to_numpy(Normal(MU, LOG_VAR).entropy()),
        stats.norm.entropy(MU, np.exp(0.5 * LOG_VAR)).sum(axis=1),
        rtol=1e-5,
    )


def test_samples_have_the_moments_of_the_distribution(to_numpy):
    z = to_numpy(Normal(MU, LOG_VAR).sample(100_000, seed=0))
    sigma = np.exp(0.5 * LOG_VAR)
    assert (np.abs(z.mean(axis=0) - MU) < 5 * sigma / np.sqrt(len(z)) + 1e-5).all()
    np.testing.assert_allclose(z.std(axis=0), sigma, rtol=0.02)
    np.testing.assert_allclose(to_numpy(Normal(MU, LOG_VAR).variance), sigma**2, rtol=1e-5)
    x = to_numpy(Bernoulli(LOGITS).sample(20_000, seed=0))
    assert set(np.unique(x)) == {0.0, 1.0}
    np.testing.assert_allclose(x.mean(axis=0), to_numpy(Bernoulli(LOGITS).mean), atol=0.02)


def test_standard_normal_samples_pass_a_kolmogorov_smirnov_test(to_numpy):
    z = to_numpy(Normal(np.zeros((1, 1)), np.zeros((1, 1))).sample(20_000, seed=1))
    assert stats.kstest(z.ravel(), "norm").pvalue > 0.001


@pytest.mark.parametrize("distribution", [Bernoulli(LOGITS), Normal(MU, LOG_VAR)])
def test_shapes_are_samples_batch_event(distribution):
    assert tuple(distribution.sample(seed=0).shape) == (2, 3)
    assert tuple(distribution.sample(5, seed=0).shape) == (5, 2, 3)
    assert tuple(distribution.log_prob(distribution.sample(5, seed=0)).shape) == (5, 2)
    assert tuple(distribution.mean.shape) == (2, 3)
    assert tuple(distribution.entropy().shape) == (2,)


def test_event_axes_are_counted_from_the_end():
    images = Bernoulli(np.zeros((7, 2, 4, 4, 1), "float32"), event_ndim=3)
    assert tuple(images.log_prob(np.zeros((2, 4, 4, 1), "float32")).shape) == (7, 2)


@pytest.mark.parametrize("logit", [-1e4, 1e4])
def test_extreme_logits_stay_finite(logit, to_numpy):
    p = Bernoulli(np.full((1, 2), logit, "float32"))
    values = to_numpy(p.log_prob(np.array([[0.0, 1.0]], "float32")))
    np.testing.assert_allclose(values, [-1e4])
    assert np.isfinite(to_numpy(p.entropy())).all()


def test_half_precision_parameters_are_computed_in_float32():
    logits = keras.ops.cast(LOGITS, "bfloat16")
    assert keras.backend.standardize_dtype(Bernoulli(logits).log_prob(np.ones((2, 3))).dtype) == "float32"
    double = Normal(MU.astype("float64"), LOG_VAR.astype("float64"))
    if keras.backend.backend() != "jax":  # JAX has no float64 unless it is told to
        assert keras.backend.standardize_dtype(double.log_prob(MU.astype("float64")).dtype) == "float64"
