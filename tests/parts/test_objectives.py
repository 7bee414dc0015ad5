"""The ELBO."""

import numpy as np
import pytest

from keras_vae.distributions import Normal
from keras_vae.errors import InvalidArgumentError
from keras_vae.objectives import ELBO

pytestmark = pytest.mark.mathematics


def terms(beta, to_numpy):
    q = Normal(np.array([[1, 0], [0, 2]], "float32"), np.zeros((2, 2), "float32"))
    p = Normal(np.zeros((1, 2), "float32"), np.zeros((1, 2), "float32"))
    result = ELBO(beta).terms(
        log_likelihood=np.array([[-10.0, -20.0], [-12.0, -20.0]], "float32"),
        log_posterior=np.zeros((2, 2), "float32"),
        log_prior=np.zeros((2, 2), "float32"),
        z=q.sample(2, seed=0),
        posterior=q,
        prior=p,
    )
    return {name: to_numpy(each) for name, each in result.items()}


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0, 4.0])
def test_the_loss_is_reconstruction_plus_beta_kl(beta, to_numpy):
    result = terms(beta, to_numpy)
    np.testing.assert_allclose(result["reconstruction"], [11.0, 20.0])
    np.testing.assert_allclose(result["kl"], [0.5, 2.0])
    np.testing.assert_allclose(result["loss"], [11 + beta * 0.5, 20 + beta * 2.0])


@pytest.mark.parametrize("beta", [-1, float("nan"), float("inf")])
def test_bad_betas_are_refused(beta):
    with pytest.raises(InvalidArgumentError, match="beta"):
        ELBO(beta)
