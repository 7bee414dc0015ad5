"""The posteriors beyond the diagonal normal, as layers and in a model."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_vae
from keras_vae import specs
from keras_vae.distributions import kl
from keras_vae.errors import IncompatiblePartsError, InvalidArgumentError
from keras_vae.posteriors import (
    FullNormal,
    InverseAutoregressiveFlow,
    PlanarFlow,
    Posterior,
    VonMisesFisher,
)
from keras_vae.posteriors.autoregressive_network import AutoregressiveNetwork
from keras_vae.priors import StandardNormal, UniformSphere
from tests.gradients import gradient

pytestmark = pytest.mark.mathematics

CLASSES = [FullNormal, InverseAutoregressiveFlow, PlanarFlow, VonMisesFisher]
NAMES = ["full_normal", "inverse_autoregressive_flow", "planar_flow", "von_mises_fisher"]
each_class = pytest.mark.parametrize("posterior_class", CLASSES, ids=NAMES)
FEATURES = np.random.default_rng(0).normal(size=(5, 6)).astype("float32")


def prior_of(posterior):
    part = UniformSphere if posterior.space == "sphere" else StandardNormal
    return part(posterior.latent_dim).distribution()


def parameters_of(posterior, features=FEATURES):
    return {name: ops.convert_to_numpy(each) for name, each in posterior(features).items()}


@pytest.mark.parametrize(("name", "posterior_class"), [*zip(NAMES, CLASSES, strict=True)])
def test_it_has_a_name(name, posterior_class):
    assert type(specs.build(name, Posterior, latent_dim=3, seed=0)) is posterior_class


def test_options_by_name():
    assert specs.build("planar_flow:num_flows=3", Posterior, latent_dim=2).num_flows == 3
    flow = specs.build("inverse_autoregressive_flow:num_flows=2,hidden_units=7", Posterior, latent_dim=2)
    assert (flow.num_flows, flow.hidden_units, len(flow.networks)) == (2, 7, 2)


@each_class
@pytest.mark.parametrize("batch", [1, 5])
def test_shapes(to_numpy, posterior_class, batch):
    posterior = posterior_class(3, seed=0)
    parameters = posterior(np.ones((batch, 4, 4, 2), "float32"))
    assert {each.shape[0] for each in parameters.values()} == {batch}
    q = posterior.distribution(parameters)
    z, log_q = q.sample_and_log_prob(7, seed=0)
    assert tuple(z.shape) == (7, batch, 3)
    assert tuple(log_q.shape) == tuple(q.log_prob(z).shape) == (7, batch)
    assert tuple(q.mean.shape) == (batch, 3)
    assert tuple(q.entropy().shape) == (batch,)
    assert tuple(kl(q, prior_of(posterior), num_samples=2, seed=0).shape) == (batch,)
    np.testing.assert_array_equal(to_numpy(q.mean), to_numpy(q.mean))
    np.testing.assert_allclose(to_numpy(log_q), to_numpy(q.log_prob(z)), atol=1e-3, rtol=1e-3)


@each_class
def test_a_seed_repeats_the_weights_and_the_config_rebuilds_the_layer(posterior_class):
    posterior = posterior_class(3, seed=4)
    copy = posterior_class.from_config(posterior.get_config())
    other = posterior_class(3, seed=5)
    ours, same, different = (parameters_of(each) for each in (posterior, copy, other))
    for name, each in ours.items():
        np.testing.assert_array_equal(each, same[name])
        assert np.abs(each - different[name]).max() > 0
    heads = [weight for weight in posterior.weights if len(weight.shape) == 2]
    values = [ops.convert_to_numpy(each) for each in heads]
    for index, value in enumerate(values):
        for another in values[:index]:
            assert value.shape != another.shape or np.abs(value - another).max() > 0


@each_class
@pytest.mark.parametrize("latent_dim", [1, 4])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_extreme_features_stay_finite(to_numpy, posterior_class, latent_dim, dtype):
    if posterior_class is VonMisesFisher and latent_dim == 1:
        latent_dim = 2
    posterior = posterior_class(latent_dim, seed=0, dtype=dtype)
    features = np.array([[1e4] * 6, [-1e4] * 6, [1e4, -1e4] * 3, [0] * 6], "float32")
    parameters = posterior(features)
    assert {keras.backend.standardize_dtype(each.dtype) for each in parameters.values()} == {"float32"}
    q = posterior.distribution(parameters)
    z, log_q = q.sample_and_log_prob(20, seed=0)
    for each in (z, log_q, q.log_prob(z), q.mean, q.entropy(), kl(q, prior_of(posterior), seed=0)):
        assert np.isfinite(to_numpy(each)).all()

    def loss(features):
        q = posterior.distribution(posterior(features))
        z, log_q = q.sample_and_log_prob(3, seed=0)
        return ops.sum(ops.tanh(z)) + ops.sum(log_q) + ops.sum(kl(q, prior_of(posterior), seed=0))

    assert np.isfinite(gradient(loss, features)).all()


def test_a_sphere_needs_two_dimensions():
    for part in (VonMisesFisher, UniformSphere):
        with pytest.raises(InvalidArgumentError, match="use latent_dim=2 for a circle"):
            part(1)
    with pytest.raises(InvalidArgumentError, match="at least one latent unit"):
        VonMisesFisher(0)


@pytest.mark.parametrize("arguments", [{"num_flows": 0}, {"num_flows": True}, {"hidden_units": 1.5}])
def test_impossible_options_are_refused(arguments):
    with pytest.raises(InvalidArgumentError, match=f"{next(iter(arguments))} must be a positive integer"):
        InverseAutoregressiveFlow(2, **arguments)
    if "num_flows" in arguments:
        with pytest.raises(InvalidArgumentError, match="num_flows must be a positive integer"):
            PlanarFlow(2, **arguments)


def test_spaces_are_declared_and_a_mismatch_is_refused():
    assert {each.space for each in CLASSES} == {"euclidean", "sphere"}
    assert VonMisesFisher.space == UniformSphere.space == "sphere"
    assert StandardNormal.space == "euclidean"
    with pytest.raises(IncompatiblePartsError, match="uniform_sphere"):
        keras_vae.VAE(layers.Dense(2), layers.Dense(2), latent_dim=2, posterior="von_mises_fisher")


def test_concentrations_are_bounded_and_directions_are_unit_vectors(to_numpy):
    posterior = VonMisesFisher(3)
    posterior.build((None, 1))
    posterior.kappa_head.set_weights([np.ones((1, 1)), np.zeros(1)])
    head = np.array([[-1e9], [-50.0], [0.0], [1.0], [1e9]], "float32")
    parameters = posterior(head)
    np.testing.assert_allclose(
        to_numpy(parameters["kappa"]), [1, 1, 1 + np.log(2), 1 + np.log1p(np.e), 1e5], rtol=1e-5
    )
    np.testing.assert_allclose(np.linalg.norm(to_numpy(parameters["mu"]), axis=1), 1, atol=1e-6)


def test_the_factor_is_lower_triangular_with_the_heads_where_they_belong(to_numpy):
    posterior = FullNormal(3)
    posterior.build((None, 1))
    posterior.lower_head.set_weights([np.zeros((1, 3)), np.array([0.1, 0.2, 0.3])])
    posterior.diagonal.log_var_head.set_weights([np.zeros((1, 3)), 2 * np.log([1.0, 2.0, 3.0])])
    factor = to_numpy(posterior(np.ones((1, 1), "float32"))["scale_tril"])[0]
    expected = [[1, 0, 0], [0.2, 2, 0], [0.6, 0.9, 3]]
    np.testing.assert_allclose(factor, expected, rtol=0.03)
    assert (factor[np.triu_indices(3, k=1)] == 0).all()
    assert posterior(np.ones((1, 1), "float32"))["scale_tril"].shape == (1, 3, 3)


@pytest.mark.parametrize(("latent_dim", "hidden_units"), [(1, 4), (3, 2), (5, 16)])
def test_outputs_of_the_masked_network_see_earlier_latents_only(latent_dim, hidden_units):
    network = AutoregressiveNetwork(latent_dim, hidden_units, 3, seed=0)
    z, context = np.random.default_rng(0).normal(size=(1, latent_dim)), np.ones((1, 3))
    z = z.astype("float32")
    for output in range(2):
        rows = [
            gradient(lambda each, i=i, output=output: network(each, context)[output][0, i], z)[0]
            for i in range(latent_dim)
        ]
        jacobian = np.stack(rows)
        assert (jacobian[np.triu_indices(latent_dim)] == 0).all()
        if hidden_units >= latent_dim:
            assert (jacobian[np.tril_indices(latent_dim, k=-1)] != 0).all()


@each_class
def test_a_model_trains_and_comes_back_from_its_file(to_numpy, posterior_class, tmp_path):
    x = np.random.default_rng(0).normal(size=(16, 5)).astype("float32")
    vae = keras_vae.VAE(
        keras.Sequential([layers.Dense(8, activation="tanh")]),
        keras.Sequential([layers.Dense(8, activation="tanh")]),
        posterior=posterior_class(3, seed=1),
        prior="uniform_sphere" if posterior_class.space == "sphere" else "standard_normal",
        likelihood="normal:scale=0.5",
        seed=0,
    )
    vae.compile(optimizer=keras.optimizers.Adam(1e-2))
    vae.build(x.shape)
    before = [to_numpy(each) for each in vae.posterior.trainable_variables]
    history = vae.fit(x, batch_size=8, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert np.isfinite(history["kl_loss"]).all()
    for weight, start in zip(vae.posterior.trainable_variables, before, strict=True):
        assert np.isfinite(to_numpy(weight)).all()
        assert np.abs(to_numpy(weight) - start).max() > 0
    path = tmp_path / "model.keras"
    vae.save(path)
    loaded = keras.saving.load_model(path, safe_mode=True)
    np.testing.assert_array_equal(to_numpy(loaded.reconstruct(x)), to_numpy(vae.reconstruct(x)))
    z, copy = (each.encode(x).sample(4, seed=0) for each in (vae, loaded))
    np.testing.assert_array_equal(to_numpy(z), to_numpy(copy))
    assert vae.sample(3, seed=0).shape == (3, 5)
    assert np.isfinite(to_numpy(vae.log_likelihood(x, num_samples=5, seed=0))).all()


@pytest.mark.parametrize("latent_dim", [2, 12, 40, 128])
def test_a_full_normal_whose_heads_saturate_has_a_finite_density(latent_dim, to_numpy):
    posterior = FullNormal(latent_dim, seed=0)
    features = np.ones((1, 4), "float32")
    posterior(features)
    for sign in (1.0, -1.0):
        posterior.lower_head.kernel.assign(np.full(posterior.lower_head.kernel.shape, sign * 1e4))
        q = posterior.distribution(posterior(features))
        z = np.random.default_rng(0).normal(size=(3, 1, latent_dim)).astype("float32")
        assert np.isfinite(to_numpy(q.log_prob(z))).all()
