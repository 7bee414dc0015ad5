"""Continuous Bernoulli, Laplace and Student t against SciPy, quadrature and theory."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import integrate, stats

from keras_vae.distributions import ContinuousBernoulli, Laplace, Normal, StudentT
from tests.gradients import gradients

pytestmark = pytest.mark.mathematics

LOGITS = np.array([[-30.0, -3.0, -0.5, -0.49, -1e-3], [0.0, 1e-4, 0.02, 0.51, 20.0]], "float32")
MU = np.array([[0.5, -0.3, 80.0], [0.0, -5.0, 1.0]], "float32")
LOG_SCALE = np.array([[-0.2, -4.0, 0.1], [0.0, 3.0, -1.5]], "float32")
X = np.array([[0.0, -0.31, 79.0], [4.0, 500.0, 1.0]], "float32")


def log_partition(logit):
    """log ∫ exp(ℓx) dx over [0, 1], by its closed form in double precision."""
    logit = np.asarray(logit, "float64")
    small = np.where(np.abs(logit) < 1e-5, 1.0, logit)
    return np.where(
        np.abs(logit) < 1e-5,
        logit / 2 + logit**2 / 24,
        np.maximum(logit, 0) + np.log(-np.expm1(-np.abs(small)) / np.abs(small)),
    )


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_continuous_bernoulli_log_prob(value, to_numpy):
    ours = to_numpy(ContinuousBernoulli(LOGITS).element_log_prob(np.full(LOGITS.shape, value)))
    np.testing.assert_allclose(ours, value * LOGITS - log_partition(LOGITS), rtol=1e-5, atol=2e-7)


@pytest.mark.parametrize("logit", [-30.0, -3.0, -0.4, 0.0, 0.6, 8.0])
def test_continuous_bernoulli_is_a_density_with_its_mean_variance_and_entropy(logit, to_numpy):
    p = ContinuousBernoulli(np.full((1, 1), logit, "float32"))
    x = np.linspace(0, 1, 20_001)
    log_density = to_numpy(
        ContinuousBernoulli(np.full((len(x), 1), logit)).log_prob(x[:, None].astype("float32"))
    ).astype("float64")
    density = np.exp(log_density)
    mean = integrate.simpson(x * density, x=x)
    np.testing.assert_allclose(integrate.simpson(density, x=x), 1, rtol=1e-5)
    np.testing.assert_allclose(to_numpy(p.mean), [[mean]], rtol=2e-5)
    variance = integrate.simpson((x - mean) ** 2 * density, x=x)
    np.testing.assert_allclose(to_numpy(p.variance), [[variance]], rtol=1e-4)
    entropy = -integrate.simpson(log_density * density, x=x)
    np.testing.assert_allclose(to_numpy(p.entropy()), [entropy], rtol=1e-4, atol=2e-5)


def test_continuous_bernoulli_is_smooth_where_the_series_takes_over(to_numpy):
    logits = np.array([[-0.5, 0.5]], "float32") * np.array([[0.999999], [1.000001]], "float32")
    p = ContinuousBernoulli(logits)
    for each in (p.mean, p.variance, p.element_entropy(), p.element_log_prob(np.full((2, 2), 0.2))):
        np.testing.assert_allclose(*to_numpy(each), rtol=1e-5)


def test_the_gradient_of_the_continuous_bernoulli_is_x_minus_the_mean(to_numpy):
    logits = np.array([[-1e4, -5.0, -0.4999, 0.0, 1e-4, 0.7, 1e4]], "float32")
    for x in (0.0, 0.25, 1.0):
        (ours,) = gradients(
            lambda values, x=x: ops.sum(
                ContinuousBernoulli(values).log_prob(np.full((1, 7), x, "float32"))
            ),
            logits,
        )
        np.testing.assert_allclose(ours, x - to_numpy(ContinuousBernoulli(logits).mean), atol=2e-6)


def test_extreme_logits_of_the_continuous_bernoulli_stay_finite(to_numpy):
    p = ContinuousBernoulli(np.array([[-1e4, 1e4]], "float32"))
    np.testing.assert_allclose(to_numpy(p.mean), [[1e-4, 1 - 1e-4]], rtol=1e-5)
    log_probs = to_numpy(p.element_log_prob(np.array([[0.0, 1.0]], "float32")))
    np.testing.assert_allclose(log_probs, np.log([[1e4, 1e4]]), rtol=1e-4)
    assert np.isfinite(to_numpy(p.element_log_prob(np.array([[1.0, 0.0]], "float32")))).all()
    np.testing.assert_allclose(to_numpy(p.element_entropy()), 1 - np.log([[1e4, 1e4]]), rtol=1e-5)
    x = to_numpy(p.sample(1000, seed=0))
    assert 0 <= x.min() <= x.max() <= 1
    for function in (lambda p: p.mean, lambda p: p.element_entropy(), lambda p: p.sample(3, seed=0)):
        (gradient,) = gradients(
            lambda values, f=function: ops.sum(f(ContinuousBernoulli(values))),
            np.array([[-1e4, 0.0, 1e4]], "float32"),
        )
        assert np.isfinite(gradient).all()


def test_samples_of_the_continuous_bernoulli(to_numpy):
    p = ContinuousBernoulli(LOGITS)
    x = to_numpy(p.sample(20_000, seed=0)).astype("float64")
    assert 0 <= x.min() <= x.max() <= 1
    sigma = np.sqrt(to_numpy(p.variance))
    assert (np.abs(x.mean(axis=0) - to_numpy(p.mean)) < 5 * sigma / np.sqrt(len(x))).all()
    np.testing.assert_allclose(x.std(axis=0), sigma, rtol=0.03)
    third = stats.kstest(x[:, 0, 1], lambda t: np.expm1(-3 * t) / np.expm1(-3.0))
    assert third.pvalue > 0.001


def test_laplace_is_scipy_s(to_numpy):
    p, scale = Laplace(MU, LOG_SCALE), np.exp(LOG_SCALE.astype("float64"))
    expected = stats.laplace.logpdf(X.astype("float64"), MU, scale)
    np.testing.assert_allclose(to_numpy(p.element_log_prob(X)), expected, rtol=1e-5)
    np.testing.assert_allclose(to_numpy(p.log_prob(X)), expected.sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(to_numpy(p.element_entropy()), stats.laplace.entropy(MU, scale), rtol=1e-5)
    x = to_numpy(p.sample(20_000, seed=0))
    np.testing.assert_allclose(x.var(axis=0), to_numpy(p.variance), rtol=0.1)
    np.testing.assert_allclose(2 * scale**2, to_numpy(p.variance), rtol=1e-5)
    assert stats.kstest((x[:, 0, 0] - MU[0, 0]) / scale[0, 0], "laplace").pvalue > 0.001


@pytest.mark.parametrize("df", [0.5, 1.0, 3.0, 50.0])
def test_student_t_is_scipy_s(df, to_numpy):
    p, scale = StudentT(MU, LOG_SCALE, df=df), np.exp(LOG_SCALE.astype("float64"))
    expected = stats.t.logpdf(X.astype("float64"), df, MU, scale)
    np.testing.assert_allclose(to_numpy(p.element_log_prob(X)), expected, rtol=1e-5)
    entropy = stats.t.entropy(df) + LOG_SCALE
    np.testing.assert_allclose(to_numpy(p.element_entropy()), entropy, rtol=1e-4, atol=1e-5)
    x = to_numpy(p.sample(20_000, seed=0))[:, 0, 0]
    assert stats.kstest((x - MU[0, 0]) / scale[0, 0], stats.t(df).cdf).pvalue > 0.001


def test_student_t_with_many_degrees_of_freedom_is_normal(to_numpy):
    x = MU + 2 * np.exp(LOG_SCALE)
    np.testing.assert_allclose(
        to_numpy(StudentT(MU, LOG_SCALE, df=1e6).log_prob(x)),
        to_numpy(Normal(MU, 2 * LOG_SCALE).log_prob(x)),
        rtol=1e-4,
    )


@pytest.mark.parametrize("distribution", [ContinuousBernoulli(LOGITS), Laplace(MU, 0.0), StudentT(MU, 0.0)])
def test_shapes_repeatability_and_precision(distribution, to_numpy):
    shape = tuple(distribution.mean.shape)
    assert tuple(distribution.sample(seed=0).shape) == shape
    x = distribution.sample(5, seed=0)
    assert tuple(x.shape) == (5, *shape)
    assert tuple(distribution.log_prob(x).shape) == (5, 2)
    assert tuple(distribution.entropy().shape) == (2,)
    np.testing.assert_array_equal(to_numpy(x), to_numpy(distribution.sample(5, seed=0)))
    state = keras.random.SeedGenerator(0)
    first, second = distribution.sample(5, seed=state), distribution.sample(5, seed=state)
    assert np.abs(to_numpy(first) - to_numpy(second)).max() > 0
    low = ops.cast(np.zeros((2, 3)), "bfloat16")
    again = type(distribution)(*[low] * (1 if isinstance(distribution, ContinuousBernoulli) else 2))
    log_prob = again.log_prob(ops.cast(np.ones((2, 3)), "bfloat16"))
    assert keras.backend.standardize_dtype(log_prob.dtype) == "float32"
