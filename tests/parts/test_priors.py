"""Priors: what they start as, what they can learn, and that they come back from a file."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from keras_vae import specs
from keras_vae.distributions import Normal
from keras_vae.errors import InvalidArgumentError
from keras_vae.posteriors import DiagonalNormal
from keras_vae.priors import ConditionalNormal, MixtureOfNormals, Prior, RealNVP, VampPrior

pytestmark = pytest.mark.mathematics


def encode(x):
    """A posterior without weights: the first two features, and a spread that depends on the third."""
    return Normal(2.0 * x[:, :2], ops.repeat(x[:, 2:3], 2, axis=-1))


@keras.saving.register_keras_serializable(package="test_priors")
class Density(keras.Model):
    """log p(z), of which the mean is maximised; where there is a condition, it is z itself."""

    def __init__(self, prior, **kwargs):
        super().__init__(**kwargs)
        self.prior = prior

    def build(self, input_shape):
        del input_shape
        self.prior.build((3,))

    def call(self, z):
        return self.prior.distribution(condition=z, encode=encode).log_prob(z)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        # Outside `call`, as in a VAE.
        del y, y_pred, sample_weight, training
        return -ops.mean(self.call(x))

    def get_config(self):
        return {**super().get_config(), "prior": keras.saving.serialize_keras_object(self.prior)}

    @classmethod
    def from_config(cls, config):
        return cls(prior=keras.saving.deserialize_keras_object(config["prior"]))


MAKERS = {
    "mixture_of_normals": lambda **kwargs: MixtureOfNormals(2, num_components=3, **kwargs),
    "vamp_prior": lambda **kwargs: VampPrior(2, 4, range=(-1, 1), learned_weights=True, **kwargs),
    "real_nvp": lambda **kwargs: RealNVP(2, num_flows=3, units=8, **kwargs),
    "conditional_normal": lambda **kwargs: ConditionalNormal(2, 8, condition_width=2, **kwargs),
}
EXTREMES = np.array([[1e4, -1e4], [0.0, 0.0], [-1e4, 0.3], [2.0, 1e4]], "float32")


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


def disturb(layer):
    """Every weight away from where it starts, repeatably."""
    generator = np.random.default_rng(0)
    layer.set_weights([each + 0.3 * generator.normal(size=each.shape) for each in layer.get_weights()])


def climb(model, z, steps):
    """Steps of the whole data set, in one epoch."""
    model.fit(np.tile(z, (steps, 1)), batch_size=len(z), shuffle=False, verbose=0)


@pytest.mark.parametrize("name", MAKERS)
def test_each_has_a_name(name):
    prior = specs.build(name, Prior, latent_dim=2, seed=0)
    assert isinstance(prior, Prior)
    assert prior.latent_dim == 2


def test_an_interval_can_be_written_in_a_name():
    assert specs.build("vamp_prior:num_components=7,range=(0,1)", Prior, latent_dim=2).range == (0.0, 1.0)


def test_a_saved_prior_comes_back(make, tmp_path, to_numpy):
    z = np.random.default_rng(1).normal(size=(6, 2)).astype("float32")
    model = Density(make(seed=0))
    start = to_numpy(model(z))
    disturb(model)
    expected = to_numpy(model(z))
    assert np.abs(expected - start).max() > 1e-3
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(to_numpy(loaded(z)), expected, rtol=1e-5)
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = Density(make(seed=1))
    fresh.build((None, 2))
    fresh.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_allclose(to_numpy(fresh(z)), expected, rtol=1e-5)


def test_a_config_rebuilds_the_same_prior(make):
    prior = make(seed=3, name="p")
    copy = type(prior).from_config(prior.get_config())
    assert copy.get_config() == prior.get_config()
    for each in (prior, copy):
        each.build((3,))
    assert prior.weights
    for one, other in zip(prior.get_weights(), copy.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_building_twice_changes_nothing(make):
    prior = make(seed=0)
    prior.build((3,))
    weights = prior.get_weights()
    prior.build((3,))
    for before, after in zip(weights, prior.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_shapes(make, to_numpy):
    prior = make(seed=0)
    prior.build((3,))
    z = np.random.default_rng(0).normal(size=(5, 4, 2)).astype("float32")
    p = prior.distribution(condition=z[0], encode=encode)
    batch = 4 if getattr(prior, "needs_condition", False) else 1
    assert to_numpy(p.log_prob(z)).shape == (5, 4)
    assert to_numpy(p.sample(7, seed=0)).shape == (7, batch, 2)
    assert to_numpy(p.mean).shape == (batch, 2)
    assert to_numpy(p.entropy()).shape == (batch,)
    np.testing.assert_array_equal(to_numpy(p.sample(7, seed=0)), to_numpy(p.sample(7, seed=0)))


def test_one_step_from_extreme_values_leaves_finite_weights(make, to_numpy):
    model = Density(make(seed=0))
    model.compile(optimizer=keras.optimizers.Adam(0.1))
    losses = model.fit(EXTREMES, epochs=2, verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    assert all(np.isfinite(each).all() for each in model.get_weights())
    assert np.isfinite(to_numpy(model(EXTREMES))).all()


def test_densities_are_float32_under_mixed_precision(make, to_numpy):
    z = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    mixed, full = Density(make(seed=0, dtype="mixed_bfloat16")), Density(make(seed=0))
    log_prob = mixed(z)
    assert keras.backend.standardize_dtype(log_prob.dtype) == "float32"
    # Only the network of the conditional normal computes in bfloat16.
    np.testing.assert_allclose(to_numpy(log_prob), to_numpy(full(z)), rtol=0.05, atol=0.05)
    values = ops.cast(EXTREMES, "bfloat16")
    assert np.isfinite(to_numpy(mixed.prior.distribution(values, encode).log_prob(values))).all()


def test_a_mixture_s_weights_are_its_parameters(to_numpy):
    prior = MixtureOfNormals(2, num_components=3, seed=0)
    disturb(prior)
    mu, log_var, logits = (to_numpy(each) for each in (prior.mu, prior.log_var, prior.logits))
    value = np.random.default_rng(1).normal(size=(4, 2)).astype("float32")
    each = stats.norm(mu, np.exp(0.5 * log_var)).logpdf(value[:, None]).sum(-1)
    np.testing.assert_allclose(
        to_numpy(prior.distribution().log_prob(value)),
        special.logsumexp(each + special.log_softmax(logits), axis=-1),
        rtol=1e-5,
    )


def test_a_mixture_starts_apart_and_near_the_standard_normal(to_numpy):
    prior = MixtureOfNormals(2, num_components=500, seed=0)
    mu, log_var = to_numpy(prior.mu), to_numpy(prior.log_var)
    # The moments of a mixture: between its components, and within them.
    np.testing.assert_allclose(mu.mean(0), 0, atol=0.1)
    np.testing.assert_allclose(np.cov(mu.T) + np.diag(np.exp(log_var).mean(0)), np.eye(2), atol=0.1)
    np.testing.assert_array_equal(to_numpy(prior.logits), 0)
    assert len(np.unique(mu, axis=0)) == 500
    assert np.abs(mu - to_numpy(MixtureOfNormals(2, 500, seed=1).mu)).max() > 0.1


def test_a_mixture_finds_two_clusters():
    generator = np.random.default_rng(0)
    first = generator.uniform(size=(4000, 1)) < 0.3
    z = np.where(first, -2.0, 1.5) + np.where(first, 0.3, 0.6) * generator.normal(size=(4000, 2))
    truth = special.logsumexp(
        [
            np.log(0.3) + stats.norm(-2.0, 0.3).logpdf(z).sum(-1),
            np.log(0.7) + stats.norm(1.5, 0.6).logpdf(z).sum(-1),
        ],
        axis=0,
    ).mean()
    model = Density(MixtureOfNormals(2, num_components=2, seed=0))
    model.compile(optimizer=keras.optimizers.Adam(0.05))
    climb(model, z.astype("float32"), steps=200)
    # The best fit to these data is at least as likely as the truth, and barely likelier.
    reached = -model.evaluate(z.astype("float32"), batch_size=4000, verbose=0)
    assert truth - 0.005 < reached < truth + 0.02


def test_a_flow_starts_as_the_standard_normal(to_numpy):
    value = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
    ours = to_numpy(RealNVP(3, seed=0).distribution().log_prob(value))
    np.testing.assert_allclose(ours, stats.norm.logpdf(value).sum(-1), rtol=1e-5)


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_a_disturbed_flow_is_a_density(to_numpy, latent_dim):
    prior = RealNVP(latent_dim, units=8, seed=0)
    disturb(prior)
    axis = np.linspace(-25, 25, 701)
    grid = np.stack(np.meshgrid(*[axis] * latent_dim), axis=-1).astype("float32")
    log_prob = to_numpy(prior.distribution().log_prob(grid)).astype("float64")
    assert np.abs(log_prob - stats.norm.logpdf(grid).sum(-1)).max() > 0.1
    np.testing.assert_allclose(np.exp(log_prob).sum() * (axis[1] - axis[0]) ** latent_dim, 1.0, atol=2e-3)


def test_a_flow_learns_every_latent():
    z = np.random.default_rng(0).normal([3.0, -1.0, 0.0], [0.5, 2.0, 1.0], (1024, 3)).astype("float32")
    model = Density(RealNVP(3, num_flows=2, units=8, seed=0))
    model.compile(optimizer=keras.optimizers.Adam(0.06))
    climb(model, z, steps=100)
    truth = stats.norm([3.0, -1.0, 0.0], [0.5, 2.0, 1.0]).logpdf(z).sum(-1).mean()
    assert -model.evaluate(z, batch_size=1024, verbose=0) > truth - 0.05


def test_a_vamp_prior_of_one_component_is_that_posterior(to_numpy):
    posterior = DiagonalNormal(2, seed=0)
    posterior.build((None, 3))
    prior = VampPrior(2, num_components=1, seed=0)
    prior.build((3,))
    p = prior.distribution(encode=lambda x: posterior.distribution(posterior(x)))
    parameters = {name: to_numpy(each) for name, each in posterior(to_numpy(prior.pseudo_inputs)).items()}
    exact = stats.norm(parameters["mu"], np.exp(0.5 * parameters["log_var"]))
    z = np.random.default_rng(0).normal(size=(5, 4, 2)).astype("float32")
    np.testing.assert_allclose(to_numpy(p.log_prob(z)), exact.logpdf(z).sum(-1), rtol=1e-4)
    np.testing.assert_allclose(to_numpy(p.mean), parameters["mu"], rtol=1e-5)
    draws = to_numpy(p.sample(20_000, seed=0))
    np.testing.assert_allclose(draws.std((0, 1)), exact.std()[0], rtol=0.03)


def test_a_vamp_prior_is_the_average_of_its_posteriors(to_numpy):
    prior = VampPrior(2, num_components=4, seed=0)
    prior.build((3,))
    u = to_numpy(prior.pseudo_inputs)
    z = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    densities = stats.norm(2 * u[:, :2], np.exp(0.5 * u[:, 2:])).pdf(z[:, None]).prod(-1)
    ours = to_numpy(prior.distribution(encode=encode).log_prob(z))
    np.testing.assert_allclose(ours, np.log(densities.mean(1)), rtol=1e-4, atol=1e-5)
    assert len(prior.trainable_weights) == 1


def test_pseudo_inputs_keep_to_their_range_and_may_start_from_data(to_numpy):
    bounded, free = VampPrior(2, 3, range=(-1, 3), seed=0), VampPrior(2, 3, seed=0)
    examples = np.array([[-1, 3, 1.0], [0, 0.5, 2], [2.5, -0.9, 0]], "float32")
    bounded.build((3,))
    for prior in (bounded, free):
        prior.start_from(examples)
    np.testing.assert_allclose(to_numpy(free.pseudo_inputs), examples, rtol=1e-6)
    np.testing.assert_allclose(
        to_numpy(bounded.pseudo_inputs), np.clip(examples, -0.96, 2.96), rtol=1e-4, atol=1e-4
    )
    disturb(bounded)
    bounded.raw_inputs.assign(1e3 * to_numpy(bounded.raw_inputs))
    assert (np.abs(to_numpy(bounded.pseudo_inputs) - 1) <= 2).all()


def test_a_conditional_normal_is_a_normal_for_each_condition(to_numpy):
    prior = ConditionalNormal(2, condition_width=3, seed=0)
    prior.build((3,))
    disturb(prior)
    condition = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1e4]], "float32")
    p = prior.distribution(condition)
    w, b, w_mu, b_mu, w_log_var, b_log_var = prior.get_weights()
    hidden = np.maximum(condition @ w + b, 0)
    head = hidden @ w_log_var + b_log_var
    assert np.abs(head[:2]).max() < 10 < np.abs(head[2]).min()
    log_var = np.where(np.abs(head) < 10, head, np.sign(head) * (10 + 10 * np.tanh(np.abs(head) / 10 - 1)))
    exact = stats.norm(hidden @ w_mu + b_mu, np.exp(0.5 * log_var))
    np.testing.assert_allclose(to_numpy(p.mean), exact.mean(), rtol=1e-3)
    z = np.random.default_rng(0).normal(size=(5, 3, 2)).astype("float32")
    np.testing.assert_allclose(to_numpy(p.log_prob(z)), exact.logpdf(z).sum(-1), rtol=1e-3)


def test_a_conditional_normal_takes_the_width_it_is_given():
    later, met = ConditionalNormal(2, seed=0), ConditionalNormal(2, seed=0)
    later.condition_width = 5
    later.build((3,))
    met.distribution(np.zeros((1, 5), "float32"))
    for one, other in zip(later.get_weights(), met.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert ConditionalNormal.from_config(met.get_config()).condition_width == 5
    assert met.needs_condition


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda: ConditionalNormal(2).build((3,)), "standard_normal"),
        (lambda: ConditionalNormal(2, condition_width=3).distribution(), "standard_normal"),
        (lambda: ConditionalNormal(2, condition_width=3).distribution(np.zeros((1, 2))), "width 3"),
        (lambda: ConditionalNormal(2, condition_width=0), "condition_width"),
        (lambda: MixtureOfNormals(2, num_components=0), "num_components"),
        (lambda: RealNVP(2, num_flows=1.5), "num_flows"),
        (lambda: RealNVP(2, units=True), "units"),
        (lambda: VampPrior(2, range=(1, 0)), "range"),
        (lambda: VampPrior(2).build((None, 3)), "fixed shape"),
        (lambda: VampPrior(2).distribution(encode=encode), "build"),
        (lambda: VampPrior(2).distribution(), "encode"),
        (lambda: VampPrior(2, 3).start_from(np.zeros((4, 5), "float32")), "of 3 components"),
    ],
)
def test_faults_are_explained(fault, message):
    with pytest.raises(InvalidArgumentError, match=message):
        fault()
