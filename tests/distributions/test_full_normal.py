"""The normal distribution with any covariance, against SciPy, a textbook formula and Monte Carlo."""

import numpy as np
import pytest
from scipy import stats

from keras_vae.distributions import FullNormal, Normal, kl

pytestmark = pytest.mark.mathematics

MU = np.array([[0.5, -0.3, 0.8], [0.0, 0.0, 0.0], [3.0, -2.0, 1.0]], "float32")
SCALE = np.array(
    [
        [[0.5, 0, 0], [-0.4, 1.2, 0], [0.9, 0.3, 0.7]],
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [[2.0, 0, 0], [5.0, 0.1, 0], [-1.0, 0.2, 3.0]],
    ],
    "float32",
)
COVARIANCE = np.float64(SCALE) @ np.float64(SCALE).transpose(0, 2, 1)
STANDARD = Normal(np.zeros((1, 3), "float32"), np.zeros((1, 3), "float32"))
Q = FullNormal(MU, SCALE)


def textbook_kl(mu, covariance, prior_mu, prior_covariance):
    """½ [tr(Σₚ⁻¹ Σ) + (μₚ − μ)ᵀ Σₚ⁻¹ (μₚ − μ) − d + log |Σₚ| / |Σ|]."""
    inverse, shift = np.linalg.inv(prior_covariance), np.float64(prior_mu) - mu
    log_ratio = np.linalg.slogdet(prior_covariance)[1] - np.linalg.slogdet(covariance)[1]
    return 0.5 * (np.trace(inverse @ covariance) + shift @ inverse @ shift - len(mu) + log_ratio)


def within_four_standard_errors(samples, expected):
    """Whether the mean of `samples`, along the first axis, is `expected`."""
    standard_error = samples.std(axis=0) / np.sqrt(len(samples))
    return (np.abs(samples.mean(axis=0) - expected) <= 4 * standard_error + 1e-5).all()


def test_log_prob_is_scipy_s(to_numpy):
    z = np.random.default_rng(0).normal(0, 3, (50, 3, 3)).astype("float32")
    expected = np.stack(
        [stats.multivariate_normal(MU[i], COVARIANCE[i]).logpdf(z[:, i]) for i in range(3)], axis=1
    )
    np.testing.assert_allclose(to_numpy(Q.log_prob(z)), expected, rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(to_numpy(Q.log_prob(z[0])), expected[0], rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_log_prob_of_extreme_scales_is_scipy_s(to_numpy, scale):
    z = MU + np.float32(scale) * np.ones(3, "float32")
    mu = z - np.float32(scale) * np.array([1.0, -2.0, 3.0], "float32")
    expected = [
        stats.multivariate_normal(mu[i].astype("float64"), scale**2 * COVARIANCE[i], allow_singular=True)
        .logpdf(z[i].astype("float64")) for i in range(3)
    ]  # fmt: skip
    ours = to_numpy(FullNormal(mu, np.float32(scale) * SCALE).log_prob(z))
    np.testing.assert_allclose(ours, expected, rtol=1e-4)


def test_values_of_any_leading_shape_broadcast(to_numpy):
    z = np.random.default_rng(0).normal(size=(4, 5, 1, 3)).astype("float32")
    ours = to_numpy(Q.log_prob(z))
    assert ours.shape == (4, 5, 3)
    expected = stats.multivariate_normal(MU[2], COVARIANCE[2]).logpdf(z[:, :, 0])
    np.testing.assert_allclose(ours[:, :, 2], expected, rtol=1e-4)
    one = FullNormal(MU[:1], SCALE[:1])
    np.testing.assert_allclose(
        to_numpy(one.log_prob(z[:, :, 0])), to_numpy(Q.log_prob(z))[..., 0], rtol=1e-5
    )


def test_entropy_and_moments_are_those_of_the_covariance(to_numpy):
    expected = [stats.multivariate_normal(MU[i], COVARIANCE[i]).entropy() for i in range(3)]
    np.testing.assert_allclose(to_numpy(Q.entropy()), expected, rtol=1e-5)
    np.testing.assert_allclose(to_numpy(Q.covariance), COVARIANCE, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(to_numpy(Q.variance), COVARIANCE.diagonal(axis1=1, axis2=2), rtol=1e-5)
    np.testing.assert_array_equal(to_numpy(Q.mean), MU)


def test_samples_have_the_mean_and_covariance(to_numpy):
    z = to_numpy(Q.sample(100_000, seed=0)).astype("float64")
    assert within_four_standard_errors(z, MU)
    deviation = z - MU
    products = deviation[..., :, None] * deviation[..., None, :]
    assert within_four_standard_errors(products, COVARIANCE)


def test_a_sample_s_density_is_the_density_of_the_sample(to_numpy):
    z, log_q = Q.sample_and_log_prob(100, seed=1)
    np.testing.assert_allclose(to_numpy(log_q), to_numpy(Q.log_prob(z)), atol=1e-3)
    np.testing.assert_array_equal(to_numpy(z), to_numpy(Q.sample(100, seed=1)))
    single, log_single = Q.sample_and_log_prob(seed=1)
    assert tuple(single.shape) == (3, 3)
    assert tuple(log_single.shape) == (3,)


def test_a_diagonal_factor_is_the_diagonal_normal(to_numpy):
    log_var = np.log(np.diagonal(SCALE, axis1=1, axis2=2)) * 2
    diagonal = np.eye(3, dtype="float32") * SCALE
    z = np.random.default_rng(0).normal(size=(7, 3, 3)).astype("float32")
    full, plain = FullNormal(MU, diagonal), Normal(MU, log_var)
    np.testing.assert_allclose(to_numpy(full.log_prob(z)), to_numpy(plain.log_prob(z)), rtol=1e-4)
    np.testing.assert_allclose(to_numpy(kl(full, STANDARD)), to_numpy(kl(plain, STANDARD)), rtol=1e-5)


PRIORS = {
    "standard": (STANDARD, np.zeros((3, 3)), np.stack([np.eye(3)] * 3)),
    "diagonal": (
        Normal(MU[::-1], np.float32([[-1, 0, 1]] * 3)),
        MU[::-1],
        np.stack([np.diag(np.exp([-1.0, 0, 1]))] * 3),
    ),
    "full": (FullNormal(MU[::-1], SCALE[::-1]), MU[::-1], COVARIANCE[::-1]),
    "one full": (FullNormal(MU[:1], SCALE[:1]), MU[[0, 0, 0]], COVARIANCE[[0, 0, 0]]),
}


@pytest.mark.parametrize("name", PRIORS)
def test_kl_is_the_textbook_s_and_monte_carlo_s(to_numpy, name):
    p, mu, covariance = PRIORS[name]
    ours = to_numpy(kl(Q, p))
    expected = [textbook_kl(MU[i], COVARIANCE[i], mu[i], covariance[i]) for i in range(3)]
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-6)
    z, log_q = Q.sample_and_log_prob(50_000, seed=2)
    log_ratio = to_numpy(log_q).astype("float64") - to_numpy(p.log_prob(z))
    standard_error = log_ratio.std(axis=0) / np.sqrt(len(log_ratio))
    assert (np.abs(log_ratio.mean(axis=0) - ours) <= 4 * standard_error + 1e-4 * np.abs(ours) + 1e-5).all()


def test_kl_to_itself_is_zero_and_small_ones_keep_their_digits(to_numpy):
    np.testing.assert_allclose(to_numpy(kl(Q, Q)), 0, atol=1e-5)
    near = FullNormal(np.zeros((1, 2), "float32"), np.array([[[1, 0], [1e-4, 1]]], "float32"))
    standard = Normal(np.zeros((1, 2), "float32"), np.zeros((1, 2), "float32"))
    np.testing.assert_allclose(to_numpy(kl(near, standard)), [0.5e-8], rtol=1e-4)
