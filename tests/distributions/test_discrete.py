"""Discretised logistics, categorical and mixed columns against SciPy and sums over all values."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from keras_vae.distributions import (
    Bernoulli,
    Categorical,
    DiscretizedLogistic,
    DiscretizedLogisticMixture,
    Mixed,
    Normal,
    Poisson,
)
from tests.gradients import gradients

pytestmark = pytest.mark.mathematics

LEVELS = np.arange(256) / 255
MU = np.array([[0.0, 0.3, 0.501], [1.0, -0.4, 1.7]], "float32")
LOG_SCALE = np.array([[-3.0, -8.0, -4.5], [0.0, -1.0, -2.0]], "float32")
LOGITS = np.array([[[0.1, -2.0, 3.0], [0.0, 0.0, 0.0]], [[1e4, -1e4, 0.0], [5.0, 1.0, -4.0]]], "float32")


def logistic_log_pmf(mu, log_scale, num_levels=256):
    """The log-probability of each level, by differences of log-tails in double precision."""
    edges = (np.arange(1, num_levels) - 0.5) / (num_levels - 1)
    z = (edges - np.float64(mu)) / np.exp(np.float64(log_scale))
    below, above = special.log_expit(z), special.log_expit(-z)
    upper = np.append(above, -np.inf)  # log P(X > level)
    lower = np.insert(below, 0, -np.inf)  # log P(X < level)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        from_below = np.append(below, 0) + np.log1p(-np.exp(lower - np.append(below, 0)))
        from_above = np.insert(above, 0, 0) + np.log1p(-np.exp(upper - np.insert(above, 0, 0)))
    return np.where(np.append(z, np.inf) < 0, from_below, from_above)


@pytest.mark.parametrize(
    ("mu", "log_scale"), [(0.3, -1.0), (0.5, -3.0), (0.0, -4.0), (1.2, -2.0), (0.3, 1.0)]
)
def test_the_probabilities_of_levels_are_differences_of_the_logistic_function(mu, log_scale, to_numpy):
    p = DiscretizedLogistic(np.full((256, 1), mu, "float32"), log_scale)
    ours = to_numpy(p.log_prob(LEVELS[:, None].astype("float32")))
    np.testing.assert_allclose(ours, logistic_log_pmf(np.float32(mu), log_scale), rtol=2e-5, atol=1e-5)


def test_the_probabilities_of_all_levels_add_up_to_one(to_numpy):
    log_probs = to_numpy(DiscretizedLogistic(MU, LOG_SCALE).level_log_probs)
    assert log_probs.shape == (2, 3, 256)
    np.testing.assert_allclose(np.exp(log_probs.astype("float64")).sum(axis=-1), 1, rtol=2e-5)
    few = to_numpy(DiscretizedLogistic(MU, LOG_SCALE, num_levels=3).level_log_probs)
    np.testing.assert_allclose(np.exp(few.astype("float64")).sum(axis=-1), 1, rtol=1e-5)
    each = DiscretizedLogistic(MU[None] + np.zeros((256, 1, 1), "float32"), LOG_SCALE, event_ndim=1)
    values = np.broadcast_to(LEVELS[:, None, None], (256, 2, 3)).astype("float32")
    np.testing.assert_allclose(
        np.moveaxis(to_numpy(each.element_log_prob(values)), 0, -1), log_probs, rtol=1e-5, atol=1e-5
    )


def test_mean_and_entropy_of_discretised_logistics(to_numpy):
    p = DiscretizedLogistic(MU, LOG_SCALE)
    probabilities = np.exp(to_numpy(p.level_log_probs).astype("float64"))
    difference = np.abs(to_numpy(p.mean) - probabilities @ LEVELS)
    assert (difference < np.where(np.log(0.5 / 255) < LOG_SCALE, 1e-5, 0.5 / 255)).all()
    entropy = stats.entropy(probabilities, axis=-1)
    np.testing.assert_allclose(to_numpy(p.element_entropy()), entropy, rtol=1e-4, atol=1e-5)
    x = to_numpy(p.sample(20_000, seed=0)).astype("float64")
    np.testing.assert_allclose(x * 255, np.round(x * 255), atol=1e-4)
    counts = np.bincount(np.round(x[:, 0, 2] * 255).astype(int), minlength=256)
    kept = probabilities[0, 2] * len(x) > 5
    statistic = (
        (counts - len(x) * probabilities[0, 2])[kept] ** 2 / (len(x) * probabilities[0, 2])[kept]
    ).sum()
    assert stats.chi2.sf(statistic, kept.sum() - 1) > 0.001


@pytest.mark.parametrize("x", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("log_scale", [-30.0, -8.0, 2.0, 30.0])
def test_discretised_logistics_are_finite_with_finite_gradients_far_from_x(x, log_scale):
    mu = np.array([[-1e4, 0.5, 1e4]], "float32")

    def log_prob(mu, log_scale):
        return ops.sum(DiscretizedLogistic(mu, log_scale).log_prob(np.full((1, 3), x, "float32")))

    for gradient in gradients(log_prob, mu, np.full((1, 3), log_scale, "float32")):
        assert np.isfinite(gradient).all()
    assert np.isfinite(float(log_prob(mu, np.float32(log_scale))))


def test_a_mixture_of_one_logistic_is_that_logistic(to_numpy):
    one = DiscretizedLogisticMixture(np.zeros((2, 3, 1)), MU[..., None], LOG_SCALE[..., None])
    alone = DiscretizedLogistic(MU, LOG_SCALE)
    x = np.full((2, 3), 0.2, "float32")
    np.testing.assert_allclose(to_numpy(one.log_prob(x)), to_numpy(alone.log_prob(x)), rtol=1e-6)
    np.testing.assert_allclose(to_numpy(one.mean), to_numpy(alone.mean), rtol=1e-6)
    np.testing.assert_allclose(to_numpy(one.entropy()), to_numpy(alone.entropy()), rtol=1e-5)


def test_mixtures_of_logistics(to_numpy):
    generator = np.random.default_rng(0)
    logits, mu, log_scale = generator.normal([[[[0.0]]], [[[0.5]]], [[[-3.0]]]], 0.5, (3, 2, 4, 5))
    p = DiscretizedLogisticMixture(*(each.astype("float32") for each in (logits, mu, log_scale)))
    weights = special.softmax(logits, axis=-1)
    expected = np.zeros((2, 4, 256))
    for index in np.ndindex(2, 4, 5):
        pmf = np.exp(logistic_log_pmf(np.float32(mu[index]), np.float32(log_scale[index])))
        expected[index[:2]] += weights[index] * pmf
    ours = to_numpy(p.level_log_probs)
    np.testing.assert_allclose(np.exp(ours), expected, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(np.exp(ours.astype("float64")).sum(axis=-1), 1, rtol=1e-5)
    np.testing.assert_allclose(to_numpy(p.mean), expected @ LEVELS, atol=1e-5)
    x = np.full((2, 4), 100 / 255, "float32")
    np.testing.assert_allclose(to_numpy(p.element_log_prob(x)), ours[..., 100], rtol=1e-5)
    draws = to_numpy(p.sample(20_000, seed=0))
    sigma = np.sqrt(expected @ LEVELS**2 - (expected @ LEVELS) ** 2)
    assert (np.abs(draws.mean(axis=0) - expected @ LEVELS) < 5 * sigma / np.sqrt(len(draws)) + 1e-5).all()
    np.testing.assert_allclose(draws.std(axis=0), sigma, rtol=0.05)


def test_categorical_is_scipy_s(to_numpy):
    p = Categorical(LOGITS)
    log_probs = special.log_softmax(LOGITS.astype("float64"), axis=-1)
    for k in range(3):
        ours = to_numpy(p.element_log_prob(np.full((2, 2), k, "float32")))
        np.testing.assert_allclose(ours, log_probs[..., k], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(to_numpy(p.probabilities), np.exp(log_probs), atol=1e-6)
    np.testing.assert_allclose(to_numpy(p.mean), np.exp(log_probs) @ np.arange(3), rtol=1e-5)
    np.testing.assert_array_equal(to_numpy(p.mode), [[2, 0], [0, 0]])
    entropy = stats.entropy(np.exp(log_probs), axis=-1)
    np.testing.assert_allclose(to_numpy(p.element_entropy()), entropy, rtol=1e-5, atol=1e-6)
    assert (to_numpy(p.element_log_prob(np.array([[-1.0, 3.0]]))) == -np.inf).all()


def test_samples_of_the_categorical(to_numpy):
    x = to_numpy(Categorical(LOGITS).sample(20_000, seed=0))
    assert x.shape == (20_000, 2, 2)
    frequencies = np.stack([(x == k).mean(axis=0) for k in range(3)], axis=-1)
    np.testing.assert_allclose(frequencies, special.softmax(LOGITS, axis=-1), atol=0.02)


def test_extreme_logits_of_the_categorical_have_finite_gradients():
    logits = np.array([[[1e4, -1e4], [-1e4, 1e4]]], "float32")
    for value in (0.0, 1.0):
        (gradient,) = gradients(
            lambda each, value=value: ops.sum(
                Categorical(each).log_prob(np.full((1, 2), value, "float32"))
            ),
            logits,
        )
        assert np.isfinite(gradient).all()


def mixed():
    return Mixed(
        [Normal(MU[:, :2], 0.0), Poisson(np.ones((2, 1), "float32")), Categorical(LOGITS[:, :1])],
        sizes=[2, 1, 1],
    )


def test_mixed_columns_are_their_distributions_side_by_side(to_numpy):
    x = np.array([[0.1, -0.2, 3.0, 1.0], [0.0, 4.0, 0.0, 0.0]], "float32")
    elements = to_numpy(mixed().element_log_prob(x))
    np.testing.assert_allclose(elements[:, :2], stats.norm.logpdf(x[:, :2], MU[:, :2]), rtol=1e-5)
    np.testing.assert_allclose(elements[:, 2], stats.poisson.logpmf(x[:, 2], np.e), rtol=1e-5)
    expected = special.log_softmax(LOGITS[:, 0], axis=-1)[[0, 1], [1, 0]]
    np.testing.assert_allclose(elements[:, 3], expected, rtol=1e-5)
    np.testing.assert_allclose(to_numpy(mixed().log_prob(x)), elements.sum(axis=1), rtol=1e-5)
    assert tuple(mixed().mean.shape) == (2, 4)
    assert to_numpy(mixed().sample(3, seed=0)).shape == (3, 2, 4)
    assert tuple(mixed().log_prob(mixed().sample(3, seed=0)).shape) == (3, 2)
    np.testing.assert_allclose(
        to_numpy(mixed().entropy()),
        2 * stats.norm.entropy()
        + stats.poisson.entropy(np.e)
        + to_numpy(Categorical(LOGITS[:, :1]).entropy()),
        rtol=1e-4,
    )


def test_the_columns_of_a_mixed_sample_are_independent(to_numpy):
    same = Normal(np.zeros((1, 1), "float32"), 0.0)
    x = to_numpy(Mixed([same, same], [1, 1]).sample(10_000, seed=0))[:, 0]
    assert abs(np.corrcoef(x.T)[0, 1]) < 0.05
    stopped = Mixed([same, Bernoulli(np.zeros((1, 1)))], [1, 1]).stop_gradient()
    assert [type(each).__name__ for each in stopped.groups] == ["Normal", "Bernoulli"]


def test_components_and_noise_of_a_mixture_are_drawn_independently(to_numpy):
    p = DiscretizedLogisticMixture(
        np.zeros((1, 1, 2)), np.array([[[0.25, 0.75]]]), np.full((1, 1, 2), -4.0), num_levels=1001
    )
    x = to_numpy(p.sample(20_000, seed=3)).ravel()
    right = x > 0.5
    residual = x - np.where(right, 0.75, 0.25)
    assert abs(np.corrcoef(right, residual)[0, 1]) < 0.04


@pytest.mark.parametrize(
    "distribution",
    [
        DiscretizedLogistic(MU, LOG_SCALE),
        DiscretizedLogisticMixture(LOGITS, LOGITS, LOGITS * 0 - 2),
        Categorical(LOGITS),
        mixed(),
    ],
)
def test_shapes_and_repeatability(distribution, to_numpy):
    shape = tuple(distribution.mean.shape)
    x = distribution.sample(5, seed=0)
    assert tuple(distribution.sample(seed=0).shape) == shape
    assert tuple(x.shape) == (5, *shape)
    assert tuple(distribution.log_prob(x).shape) == (5, 2)
    assert tuple(distribution.entropy().shape) == (2,)
    assert keras.backend.standardize_dtype(x.dtype) == "float32"
    np.testing.assert_array_equal(to_numpy(x), to_numpy(distribution.sample(5, seed=0)))
