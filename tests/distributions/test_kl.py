"""KL divergences against an independent formula, SciPy and Monte Carlo."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from keras_vae.distributions import Distribution, Normal, kl, kl_divergence, register_kl

pytestmark = pytest.mark.mathematics

MU = np.array([[0.5, -0.3, 0.8], [0.0, 0.0, 0.0], [3.0, -2.0, 1.0]], "float32")
STANDARD = Normal(np.zeros((1, 3), "float32"), np.zeros((1, 3), "float32"))
LOG_VAR = np.array([[-0.2, -0.5, 0.1], [0.0, 0.0, 0.0], [-3.0, 1.5, 0.3]], "float32")


def article_kl(mu, log_var):
    """The article's expression, before its mean over the batch."""
    return -0.5 * np.sum(1 + log_var - mu**2 - np.exp(log_var), axis=1)


def covariance_kl(mu, log_var, prior_mu, prior_log_var):
    """The KL of two normals with any covariance matrices, as in a textbook."""
    total = []
    for m, v, pm, pv in zip(mu, np.exp(log_var), prior_mu, np.exp(prior_log_var), strict=True):
        s, ps = np.diag(v), np.diag(pv)
        inverse = np.linalg.inv(ps)
        total.append(
            0.5
            * (
                np.trace(inverse @ s)
                + (pm - m) @ inverse @ (pm - m)
                - len(m)
                + np.linalg.slogdet(ps)[1]
                - np.linalg.slogdet(s)[1]
            )
        )
    return np.array(total)


def test_kl_to_the_standard_normal_is_the_article_s(to_numpy):
    np.testing.assert_allclose(to_numpy(kl_divergence(MU, LOG_VAR)), article_kl(MU, LOG_VAR), atol=1e-5)


def test_kl_of_two_normals_is_the_textbook_s(to_numpy):
    prior_mu, prior_log_var = MU[::-1] * 0.5, LOG_VAR[::-1] + 0.3
    np.testing.assert_allclose(
        to_numpy(kl_divergence(MU, LOG_VAR, prior_mu, prior_log_var)),
        covariance_kl(MU, LOG_VAR, prior_mu, prior_log_var),
        rtol=1e-5,
    )


def test_kl_is_the_integral(to_numpy):
    q, p = stats.norm(0.7, np.exp(0.5 * -0.4)), stats.norm(-0.2, np.exp(0.5 * 0.6))
    integral, _ = integrate.quad(lambda z: q.pdf(z) * (q.logpdf(z) - p.logpdf(z)), -12, 12)
    ours = kl_divergence(np.array([[0.7]]), np.array([[-0.4]]), np.array([[-0.2]]), np.array([[0.6]]))
    np.testing.assert_allclose(to_numpy(ours), [integral], rtol=1e-6)


def test_closed_form_agrees_with_monte_carlo(to_numpy):
    q, p = Normal(MU, LOG_VAR), STANDARD
    z = q.sample(200_000, seed=0)
    log_ratios = to_numpy(q.log_prob(z)) - to_numpy(p.log_prob(z))
    standard_error = log_ratios.std(axis=0) / np.sqrt(len(log_ratios))
    assert (np.abs(log_ratios.mean(axis=0) - to_numpy(kl(q, p))) <= 4 * standard_error + 1e-6).all()


def test_a_pair_without_closed_form_is_estimated(to_numpy):
    class Shifted(Distribution):
        """A normal in disguise, which no closed form is registered for."""

        def __init__(self, normal):
            self.normal = normal

        def sample(self, num_samples=None, seed=None):
            return self.normal.sample(num_samples, seed)

        def log_prob(self, value):
            return self.normal.log_prob(value)

        @property
        def mean(self):
            return self.normal.mean

        def entropy(self):
            return self.normal.entropy()

    q, p = Normal(MU, LOG_VAR), STANDARD
    estimate = to_numpy(kl(Shifted(q), p, num_samples=100_000, seed=0))
    np.testing.assert_allclose(estimate, to_numpy(kl(q, p)), atol=0.05)
    finer = Normal(MU.astype("float64"), LOG_VAR.astype("float64"))
    estimate = to_numpy(kl(Shifted(finer), p, num_samples=100_000, seed=0))
    np.testing.assert_allclose(estimate, to_numpy(kl(q, p)), atol=0.05)
    register_kl(Shifted, Normal)(lambda q, p: kl(q.normal, p))
    np.testing.assert_allclose(to_numpy(kl(Shifted(q), p)), to_numpy(kl(q, p)))


def test_a_derived_class_uses_its_base_s_closed_form(to_numpy):
    class Special(Normal):
        pass

    q, p = Special(MU, LOG_VAR), STANDARD
    np.testing.assert_array_equal(to_numpy(kl(q, p)), to_numpy(kl_divergence(MU, LOG_VAR)))


@settings(deadline=None, max_examples=50)
@given(
    mu=st.lists(st.floats(-30, 30), min_size=1, max_size=5),
    log_var=st.floats(-20, 20),
    prior_log_var=st.floats(-5, 5),
)
def test_kl_is_never_negative_and_zero_only_at_itself(mu, log_var, prior_log_var):
    from keras import ops

    mu = np.array([mu])
    log_vars = np.full_like(mu, log_var)
    assert float(kl_divergence(mu, log_vars, 0.0, prior_log_var)[0]) >= 0.0
    assert float(ops.max(ops.abs(kl_divergence(mu, log_vars, mu, log_vars)))) == 0.0


def test_small_divergences_keep_their_digits(to_numpy):
    log_var = np.array([[1e-4]], "float32")
    exact = 0.5 * (np.expm1(np.float64(log_var)) - log_var)
    np.testing.assert_allclose(to_numpy(kl_divergence(np.zeros((1, 1)), log_var)), exact[0], rtol=1e-2)
