"""Mixtures against SciPy, numerical integration and known moments."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import integrate, special, stats

from keras_vae.distributions import Mixture, Normal, bounded_log_var, kl
from tests.gradients import gradient

pytestmark = pytest.mark.mathematics

LOGITS = np.array([0.3, -0.7, 1.1], "float32")
MU = np.array([[-3.0, 1.0], [0.5, 0.2], [4.0, -2.0]], "float32")
LOG_VAR = np.array([[0.2, -1.0], [-2.0, 0.5], [1.0, 0.0]], "float32")
WEIGHTS = special.softmax(LOGITS.astype("float64"))


@pytest.fixture
def mixture():
    return Mixture(LOGITS, Normal(MU, LOG_VAR))


def scipy_log_prob(value):
    """The log-density by SciPy, in float64."""
    value = np.asarray(value, "float64")[..., None, :]
    each = stats.norm(MU, np.exp(0.5 * LOG_VAR.astype("float64"))).logpdf(value).sum(-1)
    return special.logsumexp(each, axis=-1, b=WEIGHTS)


def test_log_prob_is_scipy_s_from_the_middle_to_the_extremes(mixture, to_numpy):
    axis = np.array([-1e4, -50, -3, -0.5, 0, 0.2, 1, 4, 60, 1e4], "float32")
    grid = np.stack(np.meshgrid(axis, axis), axis=-1)
    ours = to_numpy(mixture.log_prob(grid))
    assert ours.shape == (10, 10)
    np.testing.assert_allclose(ours, scipy_log_prob(grid), rtol=2e-5, atol=1e-5)


def test_any_leading_axes(mixture, to_numpy):
    value = np.random.default_rng(0).normal(size=(5, 4, 2)).astype("float32")
    ours = to_numpy(mixture.log_prob(value))
    assert ours.shape == (5, 4)
    np.testing.assert_allclose(ours[2], to_numpy(mixture.log_prob(value[2])), rtol=1e-6)


def test_a_mixture_of_one_is_its_component(to_numpy):
    one = Normal(MU[:1], LOG_VAR[:1])
    value = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
    mixture = Mixture(np.array([7.0]), one)
    np.testing.assert_allclose(to_numpy(mixture.log_prob(value)), to_numpy(one.log_prob(value)), rtol=1e-6)
    np.testing.assert_allclose(to_numpy(mixture.mean), to_numpy(one.mean), rtol=1e-6)


def test_equal_components_are_one_component(to_numpy):
    value = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
    repeated = Mixture(LOGITS, Normal(np.tile(MU[:1], (3, 1)), np.tile(LOG_VAR[:1], (3, 1))))
    expected = to_numpy(Normal(MU[:1], LOG_VAR[:1]).log_prob(value))
    np.testing.assert_allclose(to_numpy(repeated.log_prob(value)), expected, rtol=1e-5)


def test_the_density_integrates_to_one(mixture, to_numpy):
    axis = np.linspace(-14, 14, 561)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).astype("float32")
    density = np.exp(to_numpy(mixture.log_prob(grid)).astype("float64"))
    np.testing.assert_allclose(density.sum() * (axis[1] - axis[0]) ** 2, 1.0, atol=1e-5)


def test_samples_have_the_moments_of_the_mixture(mixture, to_numpy):
    draws = to_numpy(mixture.sample(100_000, seed=0))
    assert draws.shape == (100_000, 1, 2)
    mean = WEIGHTS @ MU
    variance = WEIGHTS @ (np.exp(LOG_VAR) + MU**2) - mean**2
    np.testing.assert_allclose(to_numpy(mixture.mean), mean[None], rtol=1e-5)
    np.testing.assert_allclose(draws.mean((0, 1)), mean, atol=4 * np.sqrt(variance.max() / 1e5))
    np.testing.assert_allclose(draws.var((0, 1)), variance, rtol=0.03)


def test_the_choice_of_a_component_is_independent_of_its_noise(to_numpy):
    far = Mixture(np.log([0.25, 0.75]), Normal([[-100.0], [100.0]], [[0.0], [0.0]]))
    draws = to_numpy(far.sample(40_000, seed=3))[:, 0, 0]
    np.testing.assert_allclose((draws > 0).mean(), 0.75, atol=0.01)
    for side in (draws[draws < 0] + 100, draws[draws > 0] - 100):
        assert stats.kstest(side[:5000], "norm").pvalue > 1e-3


def test_a_seed_repeats_and_a_generator_moves_on(mixture, to_numpy):
    generator = keras.random.SeedGenerator(0)
    np.testing.assert_array_equal(to_numpy(mixture.sample(9, seed=1)), to_numpy(mixture.sample(9, seed=1)))
    first, second = (to_numpy(mixture.sample(9, seed=generator)) for _ in range(2))
    assert np.abs(first - second).max() > 0.1
    assert tuple(mixture.sample(seed=1).shape) == (1, 2)


def test_samples_travel_with_their_density(mixture, to_numpy):
    z, log_prob = mixture.sample_and_log_prob(50, seed=0)
    np.testing.assert_allclose(to_numpy(log_prob), scipy_log_prob(to_numpy(z)), rtol=1e-4, atol=1e-5)


def test_entropy_is_the_integral(to_numpy):
    mixture = Mixture([0.0, 1.0], Normal([[-2.0], [1.5]], [[0.0], [-1.0]]))
    weights = special.softmax([0.0, 1.0])
    scales = np.exp([0.0, -0.5])

    def density(z):
        return weights @ stats.norm([-2.0, 1.5], scales).pdf(z)

    exact, _ = integrate.quad(lambda z: -density(z) * np.log(density(z)), -12, 12, limit=200)
    estimate = to_numpy(mixture.entropy(100_000))
    assert estimate.shape == (1,)
    np.testing.assert_allclose(estimate, [exact], atol=0.01)
    np.testing.assert_array_equal(to_numpy(mixture.entropy()), to_numpy(mixture.entropy()))


def test_the_estimated_kl_is_the_integral(to_numpy):
    q = Normal(np.array([[0.7]], "float32"), np.array([[-0.4]], "float32"))
    p = Mixture([0.0, 1.0], Normal([[-2.0], [1.5]], [[0.0], [-1.0]]))
    exact_q = stats.norm(0.7, np.exp(-0.2))
    weights = special.softmax([0.0, 1.0])

    def log_ratio(z):
        return exact_q.logpdf(z) - np.log(weights @ stats.norm([-2.0, 1.5], np.exp([0.0, -0.5])).pdf(z))

    exact, _ = integrate.quad(lambda z: exact_q.pdf(z) * log_ratio(z), -8, 9)
    np.testing.assert_allclose(to_numpy(kl(q, p, num_samples=100_000, seed=0)), [exact], atol=0.02)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_gradients_are_finite_at_the_extremes(mixture, dtype):
    value = np.array([[-1e4, 1e4], [0.0, 0.0], [1e4, 3.0]], "float32")
    slope = gradient(lambda z: ops.sum(mixture.log_prob(ops.cast(z, dtype))), value)
    assert np.isfinite(slope).all()
    # Far out one component alone is left: −(z − μ) / σ².
    component = np.argmax(stats.norm(MU, np.exp(0.5 * LOG_VAR)).logpdf(value[0]).sum(-1))
    expected = -(value[0] - MU[component]) / np.exp(LOG_VAR[component])
    np.testing.assert_allclose(slope[0], expected, rtol=1e-2)


def test_stop_gradient_keeps_the_density_and_stops_the_gradient(to_numpy):
    def log_prob(mu, stopped):
        mixture = Mixture(LOGITS, Normal(mu, LOG_VAR))
        return ops.sum(
            (mixture.stop_gradient() if stopped else mixture).log_prob(np.ones((1, 2), "float32"))
        )

    np.testing.assert_allclose(to_numpy(log_prob(MU, True)), to_numpy(log_prob(MU, False)), rtol=1e-6)
    assert np.abs(gradient(lambda mu: log_prob(mu, False), MU)).max() > 0
    assert np.abs(gradient(lambda mu: log_prob(mu, True) + 0.0 * ops.sum(mu), MU)).max() == 0


def test_bounded_log_var_is_the_value_in_the_middle_and_finite_everywhere(to_numpy):
    value = np.array([-np.inf, -1e30, -9.9, -3.4, 0.0, 9.9, 1e30, np.inf], "float32")
    bounded = to_numpy(bounded_log_var(value))
    np.testing.assert_allclose(bounded, np.clip(value, -20, 20), rtol=1e-6)
    around = np.linspace(-30, 30, 241).astype("float32")
    slope = gradient(lambda raw: ops.sum(bounded_log_var(raw)), around)
    np.testing.assert_allclose(slope[np.abs(around) <= 10], 1.0, rtol=1e-6)
    assert (slope > 0).all()
    assert np.abs(np.diff(slope)).max() < 0.03
