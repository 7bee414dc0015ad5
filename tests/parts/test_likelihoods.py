"""Likelihoods: projections, supports and equivalences."""

import keras
import numpy as np
import pytest
from scipy import stats

from keras_vae.errors import InvalidArgumentError, UnknownNameError
from keras_vae.likelihoods import Bernoulli, Likelihood, Normal, Projection
from keras_vae.specs import build, choices

pytestmark = pytest.mark.mathematics


@pytest.mark.parametrize("name", sorted(choices(Likelihood)))
@pytest.mark.parametrize("event_shape", [(5,), (4, 6, 3)])
def test_every_likelihood_keeps_the_contract(name, event_shape):
    likelihood = build(name, Likelihood, event_shape=event_shape)
    features = np.random.default_rng(0).normal(size=(2, *event_shape[:-1], 7)).astype("float32")
    parameters = likelihood(features)
    assert all(tuple(each.shape) == (2, *event_shape) for each in parameters.values())
    assert all(keras.backend.standardize_dtype(each.dtype) == "float32" for each in parameters.values())
    p = likelihood.distribution(parameters)
    assert tuple(p.log_prob(np.full((2, *event_shape), 0.5, "float32")).shape) == (2,)
    assert tuple(p.mean.shape) == tuple(p.sample(seed=0).shape) == (2, *event_shape)
    copy = type(likelihood).from_config(likelihood.get_config())
    assert copy.get_config() == likelihood.get_config()


def test_normal_is_the_squared_error(to_numpy):
    likelihood = Normal(event_shape=(4,), scale=0.3)
    parameters = {"mu": np.zeros((2, 4), "float32")}
    x = np.random.default_rng(0).normal(size=(2, 4)).astype("float32")
    ours = -to_numpy(likelihood.distribution(parameters).log_prob(x))
    constant = 4 * np.log(0.3 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(ours, (x**2).sum(axis=1) / (2 * 0.3**2) + constant, rtol=1e-5)
    np.testing.assert_allclose(ours, -stats.norm.logpdf(x, 0, 0.3).sum(axis=1), rtol=1e-5)


@pytest.mark.parametrize(("activation", "low", "high"), [("tanh", -1, 1), ("sigmoid", 0, 1)])
def test_bounded_means_stay_in_their_support(activation, low, high, to_numpy):
    likelihood = Normal(event_shape=(3,), activation=activation)
    mean = to_numpy(likelihood(np.random.default_rng(0).normal(0, 50, (64, 8)).astype("float32"))["mu"])
    assert likelihood.support == (low, high)
    assert low <= mean.min() < low + 0.01
    assert high - 0.01 < mean.max() <= high


def test_the_mean_of_bernoulli_is_the_probability(to_numpy):
    p = Bernoulli(event_shape=(2,)).distribution({"logits": np.array([[0.0, np.log(3)]], "float32")})
    np.testing.assert_allclose(to_numpy(p.mean), [[0.5, 0.75]], rtol=1e-6)


def test_projection_convolves_on_the_grid_and_is_dense_elsewhere():
    on_grid, elsewhere = Projection((6, 5, 2)), Projection((6, 5, 2))
    on_grid.build((None, 6, 5, 8))
    elsewhere.build((None, 3, 8))
    assert on_grid.body.kernel.shape == (3, 3, 8, 2)
    assert elsewhere.body.kernel.shape == (24, 60)


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), "wide"])
def test_bad_scales_are_refused(scale):
    with pytest.raises(InvalidArgumentError, match="must be a positive number"):
        Normal(event_shape=(2,), scale=scale)


def test_bad_activations_are_refused():
    with pytest.raises(InvalidArgumentError, match="activation='relu'"):
        Normal(activation="relu")


def test_a_likelihood_without_a_shape_says_so():
    with pytest.raises(InvalidArgumentError, match="does not know the shape"):
        Bernoulli().build((None, 3))


def test_specs_name_what_is_near():
    with pytest.raises(UnknownNameError, match="Did you mean 'bernoulli'"):
        build("bernouli", Likelihood)
    with pytest.raises(
        UnknownNameError, match=r"option of likelihood 'normal': 'sclae'. Did you mean 'scale'"
    ):
        build("normal:sclae=1", Likelihood)
    with pytest.raises(InvalidArgumentError, match="has no '='"):
        build("normal:scale", Likelihood)


def test_specs_read_options():
    likelihood = build("normal:scale=0.25,activation=tanh", Likelihood, event_shape=(2,))
    assert (likelihood.scale, likelihood.activation, likelihood.event_shape) == (0.25, "tanh", (2,))
