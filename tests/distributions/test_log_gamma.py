"""The log-gamma function against SciPy."""

import numpy as np
import pytest
from keras import ops
from scipy import special

from keras_vae.distributions import log_gamma
from keras_vae.distributions.log_gamma import stirling_error
from tests.gradients import gradients

pytestmark = pytest.mark.mathematics

ROOTS = np.array([[1.0], [2.0]]) + np.geomspace(1e-5, 1e-1, 50) * np.array([[[1.0]], [[-1.0]]])
X = np.concatenate([np.geomspace(1e-3, 1e6, 5000), ROOTS.ravel(), [0.5, 3.0, 3.0000002]]).astype("float32")


def test_log_gamma_is_scipy_s_to_six_digits(to_numpy):
    np.testing.assert_allclose(to_numpy(log_gamma(X)), special.gammaln(X.astype("float64")), rtol=1e-6)
    np.testing.assert_allclose(
        to_numpy(
            log_gamma(
                np.ones(1),
            )
        ),
        0,
        atol=1e-7,
    )
    assert to_numpy(log_gamma(np.zeros(1))) == np.inf


def test_its_gradient_is_the_digamma_function():
    (ours,) = gradients(lambda x: ops.sum(log_gamma(x)), X)
    np.testing.assert_allclose(ours, special.digamma(X.astype("float64")), rtol=2e-6, atol=2e-6)


def test_stirling_s_error(to_numpy):
    x = X.astype("float64")
    expected = special.gammaln(x + 1) - ((x + 0.5) * np.log(x) - x + 0.5 * np.log(2 * np.pi))
    np.testing.assert_allclose(to_numpy(stirling_error(X)), expected, rtol=1e-6, atol=2e-6)
