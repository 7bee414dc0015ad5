"""Poisson and negative binomial counts against SciPy."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from keras_vae.distributions import NegativeBinomial, Poisson, ZeroInflatedNegativeBinomial
from tests.gradients import gradients

pytestmark = pytest.mark.mathematics

RATES = np.array([1e-3, 0.5, 3.0, 9.9, 10.1, 40.0, 1e4, 1e6])
COUNTS = np.concatenate([np.arange(12), np.geomspace(12, 2e6, 40).round()])


def near(mean, deviation):
    """Counts everywhere, and about the mean: always as many, for which JAX compiles once."""
    about = (mean + deviation * np.linspace(-5, 5, 21)).round().clip(0, 1e7)
    return np.concatenate([COUNTS, about])


@pytest.mark.parametrize("rate", [3e-7, *RATES, 3e6])
def test_poisson_is_scipy_s(rate, to_numpy):
    log_rate = np.float32(np.log(rate))
    x = near(rate, np.sqrt(rate))
    expected = stats.poisson.logpmf(x, np.exp(np.float64(log_rate)))
    ours = to_numpy(Poisson(np.full((len(x), 1), log_rate)).log_prob(x[:, None].astype("float32")))
    # A log-rate of 15 in float32 is a rate to 1e-6, which is what the looser tolerance is for.
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5 if rate < 1e3 else 5e-3)


@pytest.mark.parametrize("mean", [1e-6, 0.1, 1.0, 30.0, 1e3, 1e5])
@pytest.mark.parametrize("total_count", [4e-4, 0.1, 1.0, 20.0, 1e5])
def test_negative_binomial_is_scipy_s(mean, total_count, to_numpy):
    log_mean, log_r = np.float32(np.log(mean)), np.float32(np.log(total_count))
    m, r = np.exp(np.float64(log_mean)), np.exp(np.float64(log_r))
    x = near(mean, np.sqrt(mean + mean**2 / total_count))
    p = NegativeBinomial(np.full((len(x), 1), log_mean), log_r)
    expected = stats.nbinom.logpmf(x, r, r / (r + m))
    ours = to_numpy(p.log_prob(x[:, None].astype("float32")))
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=2e-5 if mean < 1e3 else 2e-3)


def test_a_negative_binomial_without_dispersion_is_poisson(to_numpy):
    x = np.arange(30.0, dtype="float32")[:, None]
    log_mean = np.full((30, 1), 2.0, "float32")
    ours = to_numpy(NegativeBinomial(log_mean, np.log(1e7)).log_prob(x))
    np.testing.assert_allclose(ours, to_numpy(Poisson(log_mean).log_prob(x)), rtol=1e-4)


@pytest.mark.parametrize("zero_logit", [-1e4, -2.0, 0.0, 3.0])
def test_additional_zeros(zero_logit, to_numpy):
    x = np.arange(200.0)
    p = ZeroInflatedNegativeBinomial(
        np.full((200, 1), 1.0, "float32"), np.log(2.0), np.full((200, 1), zero_logit, "float32")
    )
    pi = special.expit(zero_logit)
    plain = (1 - pi) * stats.nbinom.pmf(x, 2, 2 / (2 + np.e))
    expected = np.where(x == 0, pi + plain, plain)
    ours = to_numpy(p.log_prob(x[:, None].astype("float32")))
    np.testing.assert_allclose(ours, np.log(expected), rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(np.exp(ours).sum(), 1, rtol=1e-5)
    mean = (expected * x).sum()
    np.testing.assert_allclose(to_numpy(p.mean)[0], [mean], rtol=1e-5)
    np.testing.assert_allclose(to_numpy(p.variance)[0], [(expected * x**2).sum() - mean**2], rtol=1e-4)
    np.testing.assert_allclose(to_numpy(p.entropy())[0], stats.entropy(expected), atol=1e-4)


def test_counts_add_up_to_one(to_numpy):
    x = np.arange(400.0, dtype="float32")[:, None]
    for rate in (1e-3, 3.0, 100.0):
        log_probs = to_numpy(Poisson(np.full((400, 1), np.log(rate))).log_prob(x))
        np.testing.assert_allclose(np.exp(log_probs.astype("float64")).sum(), 1, rtol=1e-5)
        log_probs = to_numpy(NegativeBinomial(np.full((400, 1), np.log(rate)), 6.0).log_prob(x))
        np.testing.assert_allclose(np.exp(log_probs.astype("float64")).sum(), 1, rtol=1e-5)


def test_entropies_of_counts(to_numpy):
    ours = to_numpy(Poisson(np.log(RATES)[:, None]).entropy())
    np.testing.assert_allclose(ours[:-2], stats.poisson.entropy(RATES[:-2]), atol=1e-4)
    large = 0.5 * np.log(2 * np.pi * np.e * RATES[-2:]) - 1 / (12 * RATES[-2:])
    np.testing.assert_allclose(ours[-2:], large, atol=1e-3)
    for mean, r in [(1.0, 1.0), (5.0, 0.1), (100.0, 1.0), (1e3, 2.0), (1e3, 1e4)]:
        log_pmf = stats.nbinom.logpmf(np.arange(50 * mean + 1000), r, r / (r + mean))
        exact = -(np.exp(log_pmf) * log_pmf).sum()
        p = NegativeBinomial(np.full((1, 1), np.log(mean)), np.log(r))
        np.testing.assert_allclose(to_numpy(p.entropy()), [exact], atol=2e-4)


def test_samples_of_the_poisson(to_numpy):
    x = to_numpy(Poisson(np.log(RATES)[None]).sample(10_000, seed=0))[:, 0].astype("float64")
    assert (x == np.round(x)).all()
    assert (x >= 0).all()
    assert (np.abs(x.mean(axis=0) - RATES) < 5 * np.sqrt(RATES / len(x))).all()
    np.testing.assert_allclose(x[:, 1:].var(axis=0), RATES[1:], rtol=0.06)
    for column, rate in zip(x.T[1:6], RATES[1:6], strict=True):
        low, high = stats.poisson.ppf([1e-3, 1 - 1e-3], rate)
        cells = np.arange(low, high + 1)
        observed = [(column < low).sum(), *[(column == k).sum() for k in cells], (column > high).sum()]
        expected = [
            stats.poisson.cdf(low - 1, rate),
            *stats.poisson.pmf(cells, rate),
            stats.poisson.sf(high, rate),
        ]
        kept = np.array(expected) * len(x) > 3
        statistic = (np.array(observed) - len(x) * np.array(expected))[kept] ** 2
        statistic = (statistic / (len(x) * np.array(expected))[kept]).sum()
        assert stats.chi2.sf(statistic, kept.sum() - 1) > 1e-4, rate
    large = (x[:, -1] - 1e6) / 1e3
    assert stats.kstest(large, "norm").pvalue > 0.001


def test_samples_of_negative_binomials(to_numpy):
    mean, r = np.array([[1.0, 50.0, 5.0, 1e4]]), np.array([[1.0, 2.0, 0.1, 1e5]])
    p = NegativeBinomial(np.log(mean), np.log(r))
    variance = mean + mean**2 / r
    np.testing.assert_allclose(to_numpy(p.variance), variance, rtol=1e-5)
    x = to_numpy(p.sample(10_000, seed=0)).astype("float64")
    assert (np.abs(x.mean(axis=0) - mean) < 5 * np.sqrt(variance / len(x))).all()
    np.testing.assert_allclose(x.var(axis=0)[:, [0, 1, 3]], variance[:, [0, 1, 3]], rtol=0.1)
    zeros = (r / (r + mean)) ** r
    np.testing.assert_allclose((x == 0).mean(axis=0), zeros, atol=0.02)
    inflated = ZeroInflatedNegativeBinomial(np.log(mean), np.log(r), np.zeros((1, 4)))
    x = to_numpy(inflated.sample(10_000, seed=0))
    np.testing.assert_allclose((x == 0).mean(axis=0), 0.5 + 0.5 * zeros, atol=0.02)


def test_counts_are_sampled_inside_a_compiled_graph():
    class Sampler(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.generator = keras.random.SeedGenerator(0)

        def call(self, log_rate):
            return ops.transpose(Poisson(log_rate).sample(2000, seed=self.generator)[..., 0])

    model = keras.Sequential([Sampler()])
    rates = np.array([[0.5], [9.0], [300.0]])
    x = model.predict(np.log(rates).astype("float32"), verbose=0)
    assert not model.run_eagerly
    assert (np.abs(x.mean(1) - rates[:, 0]) < 5 * np.sqrt(rates[:, 0] / 2000)).all()


@pytest.mark.parametrize("x", [0.0, 1.0, 1e5])
def test_gradients_of_counts_are_finite_at_the_bounds_of_their_parameters(x):
    value = np.full((1, 4), x, "float32")
    log_mean = np.array([[-15.0, -15.0, 15.0, 15.0]], "float32")
    log_r = np.array([[-8.0, 12.0, -8.0, 12.0]], "float32")
    zero_logits = np.array([[-1e4, 1e4, 1e4, -1e4]], "float32")
    functions = (
        lambda m, r, g: Poisson(m).log_prob(value) + 0 * ops.sum(r + g),
        lambda m, r, g: NegativeBinomial(m, r).log_prob(value) + 0 * ops.sum(g),
        lambda m, r, g: ZeroInflatedNegativeBinomial(m, r, g).log_prob(value),
    )
    for function in functions:
        each = gradients(lambda *a, f=function: ops.sum(f(*a)), log_mean, log_r, zero_logits)
        assert all(np.isfinite(gradient).all() for gradient in each)


def test_the_gradient_of_the_negative_binomial_is_the_closed_form():
    mean, r = np.array([[0.3, 5.0, 40.0, 2e3]]), np.array([[2.0, 0.5, 30.0, 1e3]])
    for x in (0.0, 1.0, 7.0, 300.0):
        to_mean, to_r = gradients(
            lambda m, s, x=x: ops.sum(NegativeBinomial(m, s).log_prob(np.full((1, 4), x, "float32"))),
            np.log(mean).astype("float32"),
            np.log(r).astype("float32"),
        )
        np.testing.assert_allclose(to_mean, r * (x - mean) / (r + mean), rtol=1e-4, atol=1e-4)
        expected = (
            special.digamma(x + r) - special.digamma(r) + np.log(r / (r + mean)) + (mean - x) / (r + mean)
        )
        np.testing.assert_allclose(to_r, r * expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "distribution",
    [
        Poisson(np.zeros((2, 3), "float32")),
        NegativeBinomial(np.zeros((2, 3), "float32"), 0.0),
        ZeroInflatedNegativeBinomial(np.zeros((2, 3), "float32"), 0.0, np.zeros((2, 3), "float32")),
    ],
)
def test_shapes_and_repeatability(distribution, to_numpy):
    assert tuple(distribution.sample(seed=0).shape) == (2, 3)
    x = distribution.sample(5, seed=0)
    assert tuple(x.shape) == (5, 2, 3)
    assert tuple(distribution.log_prob(x).shape) == (5, 2)
    assert tuple(distribution.entropy().shape) == (2,)
    assert keras.backend.standardize_dtype(x.dtype) == "float32"
    np.testing.assert_array_equal(to_numpy(x), to_numpy(distribution.sample(5, seed=0)))
    state = keras.random.SeedGenerator(0)
    first, second = distribution.sample(9, seed=state), distribution.sample(9, seed=state)
    assert np.abs(to_numpy(first) - to_numpy(second)).max() > 0
