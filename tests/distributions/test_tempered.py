"""Temperature: the spread of the noise is scaled and nothing else, or a prior says that it has none."""

import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from keras_vae import specs
from keras_vae.distributions import (
    Bernoulli,
    FullNormal,
    InverseAutoregressiveFlow,
    Mixture,
    Normal,
    PlanarFlow,
    RealNVP,
    UniformSphere,
)
from keras_vae.errors import InvalidArgumentError
from keras_vae.priors import Prior

pytestmark = pytest.mark.mathematics

MU = np.array([[-3.0, 1.0], [0.5, 0.2], [4.0, -2.0]], "float32")
LOG_VAR = np.array([[0.2, -1.0], [-2.0, 0.5], [1.0, 0.0]], "float32")
SIGMA = np.exp(0.5 * LOG_VAR.astype("float64"))
TEMPERATURES = [0.3, 0.8, 2.5]


def standard(dim=2):
    return Normal(np.zeros((1, dim), "float32"), np.zeros((1, dim), "float32"))


def halving(z):
    return ops.ones_like(z), ops.zeros_like(z)


FLOWS = {
    "real_nvp": RealNVP(standard(), [lambda kept: (ops.sin(kept), ops.cos(kept))] * 2),
    "autoregressive": InverseAutoregressiveFlow(Normal(MU[:1], LOG_VAR[:1]), [halving] * 2),
    "planar": PlanarFlow(Normal(MU, LOG_VAR), MU[:, None], MU[:, None], MU[:, :1]),
}


def encode(x):
    """A posterior without weights: the first two features, and a spread that depends on the third."""
    return Normal(2.0 * x[:, :2], ops.repeat(x[:, 2:3], 2, axis=-1))


def prior_named(name):
    """The distribution of a prior, with all of its weights away from where they start."""
    prior = specs.build(name, Prior, latent_dim=2, seed=0)
    condition = np.array([[1.0, 0.0, -0.5]], "float32")
    prior.build((3,)) if not prior.needs_condition else prior.distribution(condition)
    generator = np.random.default_rng(0)
    prior.set_weights([each + 0.3 * generator.normal(size=each.shape) for each in prior.get_weights()])
    return prior.distribution(condition=condition if prior.needs_condition else None, encode=encode)


def tempers(distribution):
    try:
        distribution.tempered(0.3)
    except InvalidArgumentError:
        return False
    return True


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_a_normal_s_standard_deviation_is_scaled(temperature, to_numpy):
    p = Normal(MU, LOG_VAR).tempered(temperature)
    np.testing.assert_allclose(to_numpy(p.variance), (temperature * SIGMA) ** 2, rtol=1e-5)
    np.testing.assert_array_equal(to_numpy(p.mean), MU)
    z = np.random.default_rng(0).normal(size=(5, 3, 2)).astype("float32")
    expected = stats.norm(MU, temperature * SIGMA).logpdf(z).sum(-1)
    np.testing.assert_allclose(to_numpy(p.log_prob(z)), expected, rtol=1e-4)
    # The same noise, scaled.
    plain, scaled = (to_numpy(each.sample(7, seed=0)) for each in (Normal(MU, LOG_VAR), p))
    np.testing.assert_allclose(scaled - MU, temperature * (plain - MU), rtol=1e-4, atol=1e-5)


def test_a_normal_keeps_what_an_event_is(to_numpy):
    p = Normal(np.zeros((1, 4, 3), "float32"), 0.0, event_ndim=1).tempered(0.5)
    assert to_numpy(p.log_prob(np.zeros((1, 4, 3), "float32"))).shape == (1, 4)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_a_full_normal_s_covariance_is_scaled_by_the_square(temperature, to_numpy):
    scale_tril = np.array([[[0.5, 0.0], [-0.4, 1.2]]], "float32")
    p = FullNormal(MU[:1], scale_tril).tempered(temperature)
    covariance = temperature**2 * scale_tril[0] @ scale_tril[0].T
    z = np.random.default_rng(0).normal(size=(6, 1, 2)).astype("float32")
    expected = stats.multivariate_normal(MU[0], covariance).logpdf(z[:, 0])
    np.testing.assert_allclose(to_numpy(p.log_prob(z))[:, 0], expected, rtol=1e-4)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_each_component_of_a_mixture_is_scaled_where_it_is(temperature, to_numpy):
    logits = np.array([0.3, -0.7, 1.1], "float32")
    p = Mixture(logits, Normal(MU, LOG_VAR)).tempered(temperature)
    z = np.random.default_rng(0).normal(size=(6, 2)).astype("float32")
    of_components = stats.norm(MU, temperature * SIGMA).logpdf(z[:, None]).sum(-1)
    expected = special.logsumexp(of_components, axis=-1, b=special.softmax(logits))
    np.testing.assert_allclose(to_numpy(p.log_prob(z)), expected, rtol=1e-4)
    np.testing.assert_allclose(to_numpy(p.mean), special.softmax(logits)[None] @ MU, rtol=1e-5)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("name", FLOWS)
def test_the_base_of_a_flow_is_scaled_and_its_map_is_not(name, temperature, to_numpy):
    flow = FLOWS[name]
    tempered = flow.tempered(temperature)
    mu, epsilon = to_numpy(flow.base.mean), to_numpy(flow.base.sample(5, seed=0))
    expected = flow.forward(ops.convert_to_tensor(mu + temperature * (epsilon - mu)))[0]
    np.testing.assert_allclose(to_numpy(tempered.sample(5, seed=0)), to_numpy(expected), atol=1e-4)
    z, log_prob = tempered.sample_and_log_prob(5, seed=1)
    np.testing.assert_allclose(to_numpy(tempered.log_prob(z)), to_numpy(log_prob), atol=2e-3)
    np.testing.assert_array_equal(to_numpy(flow.base.mean), mu)


@pytest.mark.parametrize("name", specs.choices(Prior))
def test_a_prior_tempers_or_says_that_it_cannot(name, to_numpy):
    p = prior_named(name)
    assert p.tempered(1.0) is p
    if not tempers(p):
        with pytest.raises(
            InvalidArgumentError, match=r"leave temperature at 1. Received: temperature=0.3"
        ):
            p.tempered(0.3)
        return
    spreads = [to_numpy(p.tempered(t).sample(4000, seed=0)).std(axis=0) for t in (0.3, 1.0, 2.0)]
    assert (np.diff(spreads, axis=0) > 0).all()
    # Without noise there is one point, or one for each component of a mixture.
    points = to_numpy(p.tempered(1e-30).sample(2000, seed=0))[:, 0]
    expected = to_numpy(p.components.mean) if isinstance(p, Mixture) else points[:1]
    distances = np.abs(points[:, None] - expected).max(axis=-1)
    np.testing.assert_allclose(distances.min(axis=1), 0.0, atol=1e-5)
    assert len(expected) == 1 or len(np.unique(distances.argmin(axis=1))) > 1


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("inf"), float("nan"), "warm", True])
def test_a_temperature_is_a_positive_number(temperature):
    with pytest.raises(InvalidArgumentError, match="temperature must be a positive number"):
        standard().tempered(temperature)


@pytest.mark.parametrize("distribution", [Bernoulli(np.zeros((1, 2), "float32")), UniformSphere(3)])
def test_what_is_not_made_of_normal_noise_is_named(distribution):
    assert distribution.tempered(1.0) is distribution
    with pytest.raises(InvalidArgumentError, match=f"{type(distribution).__name__} has none"):
        distribution.tempered(0.5)


def test_a_model_samples_as_before_at_one_and_closer_to_the_middle_below(make_vae, to_numpy):
    model = make_vae(prior="mixture_of_normals:num_components=3")
    model.build((None, 12, 12, 1))
    before = to_numpy(model.prior.distribution().sample(50, seed=3))[:, 0]
    np.testing.assert_array_equal(to_numpy(model.sample_latents(50, seed=3)), before)
    np.testing.assert_array_equal(to_numpy(model.sample_latents(50, seed=3, temperature=1.0)), before)
    np.testing.assert_array_equal(
        to_numpy(model.sample(50, seed=3)), to_numpy(model.sample(50, seed=3, temperature=1))
    )
    cold = to_numpy(model.sample_latents(50, seed=3, temperature=0.1))
    # The same components and the same noise: each code goes nine tenths of the way to its component's mean.
    means = to_numpy(model.prior.mu)
    assert np.abs(cold[:, None] - means).max(-1).min(1).max() < 0.1 * 5 * np.sqrt(0.5)
    assert np.abs(cold - before).max() > 0.5


def test_a_conditional_prior_is_tempered_for_each_condition(make_vae, to_numpy):
    conditions = {"label": "category:num_categories=4"}
    model = make_vae(prior="conditional_normal", conditions=conditions)
    model.build({"x": (None, 12, 12, 1), "label": (None,)})
    labels = {"label": np.arange(4)}
    plain, cold, frozen = (
        to_numpy(model.sample_latents(4, 0, labels, temperature)) for temperature in (1.0, 0.5, 1e-30)
    )
    np.testing.assert_allclose(cold - frozen, 0.5 * (plain - frozen), atol=1e-5)
    assert np.abs(frozen[0] - frozen[1]).max() > 0
