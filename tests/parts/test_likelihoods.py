"""Likelihoods: projections, supports, equivalences, extremes and files."""

import keras
import numpy as np
import pytest
from keras import layers, ops
from scipy import stats

from keras_vae import VAE
from keras_vae.distributions import Mixed as MixedDistribution
from keras_vae.errors import InvalidArgumentError, UnknownNameError
from keras_vae.likelihoods import (
    Bernoulli,
    Categorical,
    ContinuousBernoulli,
    DiscretizedLogistic,
    DiscretizedLogisticMixture,
    Likelihood,
    Mixed,
    NegativeBinomial,
    Normal,
    Projection,
    StudentT,
)
from keras_vae.specs import build, choices
from tests.gradients import gradients

mathematics = pytest.mark.mathematics

COLUMNS = "mixed:columns=[(2,'normal:scale=learned'),'bernoulli','poisson','categorical:num_categories=3']"
NAMES = [COLUMNS if name == "mixed" else name for name in sorted(choices(Likelihood))]
# And more, where an option leads another way
OPTIONS = [
    *(
        f"{name}:scale={scale}"
        for name in ("normal", "laplace", "student_t")
        for scale in ("learned", "learned_each", "per_element")
    ),
    "discretized_logistic:scale=per_element",
    "discretized_logistic:scale=0.1",
    "negative_binomial:total_count=learned",
    "zero_inflated_negative_binomial:total_count=2",
]


def inside(likelihood, shape):
    """Data in the support: zeros and ones, which lie in all of them."""
    low, high = likelihood.support
    assert low <= 0 < 1 <= high
    return (np.arange(np.prod(shape)) % 2).reshape(shape).astype("float32")


# Of these three, what the other back ends need not repeat is left out there.
@pytest.mark.parametrize(
    ("name", "event_shape"),
    [
        *(pytest.param(name, (5,), marks=mathematics) for name in NAMES),
        *((name, (5,)) for name in OPTIONS),
        *((name, (4, 6, 3)) for name in NAMES),
    ],
)
def test_every_likelihood_keeps_the_contract(name, event_shape, to_numpy):
    if name == COLUMNS and len(event_shape) > 1:
        with pytest.raises(InvalidArgumentError, match="add up to event_shape"):
            build(name, Likelihood, event_shape=event_shape)
        return
    likelihood = build(name, Likelihood, event_shape=event_shape, seed=0)
    features = np.random.default_rng(0).normal(size=(2, *event_shape[:-1], 7)).astype("float32")
    parameters = likelihood(features)
    assert all(len(each.shape) > len(event_shape) for each in parameters.values())
    assert all(each.shape[0] == 2 for each in parameters.values())
    assert all(keras.backend.standardize_dtype(each.dtype) == "float32" for each in parameters.values())
    p = likelihood.distribution(parameters)
    x = inside(likelihood, (2, *event_shape))
    assert tuple(p.log_prob(x).shape) == tuple(p.entropy().shape) == (2,)
    assert tuple(p.element_log_prob(x).shape) == (2, *event_shape)
    assert np.isfinite(to_numpy(p.log_prob(x))).all()
    assert tuple(p.mean.shape) == tuple(p.sample(seed=0).shape) == (2, *event_shape)
    low, high = likelihood.support
    draws = to_numpy(p.sample(20, seed=0))
    assert low <= to_numpy(p.mean).min() <= to_numpy(p.mean).max() <= high
    if "normal" not in name and "laplace" not in name and "student" not in name:
        assert low <= draws.min() <= draws.max() <= high
    # A samples axis in front, as in training with several
    several = likelihood.distribution({key: ops.stack([each] * 3) for key, each in parameters.items()})
    np.testing.assert_allclose(to_numpy(several.log_prob(x)), [to_numpy(p.log_prob(x))] * 3, rtol=1e-5)
    copy = type(likelihood).from_config(likelihood.get_config())
    assert copy.get_config() == likelihood.get_config()
    assert copy.support == likelihood.support
    again = build(name, Likelihood, event_shape=event_shape, seed=0)(features)
    assert all((to_numpy(again[key]) == to_numpy(parameters[key])).all() for key in parameters)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        *(pytest.param(name, "float32", marks=mathematics) for name in NAMES),
        *((name, "float32") for name in OPTIONS),
        *((name, "mixed_bfloat16") for name in NAMES),
    ],
)
def test_extreme_features_have_finite_gradients(name, dtype, to_numpy):
    likelihood = build(name, Likelihood, event_shape=(5,), seed=0)
    likelihood = type(likelihood).from_config({**likelihood.get_config(), "dtype": dtype})
    likelihood.build((None, 4))
    features = np.sign(np.random.default_rng(0).normal(size=(4, 4))).astype("float32")
    features *= np.array([[1.0], [1e2], [1e4], [1e4]], "float32")
    for x in (np.zeros((4, 5), "float32"), np.ones((4, 5), "float32")):

        def loss(values, x=x):
            p = likelihood.distribution(likelihood(values))
            return ops.sum(p.log_prob(x)) + ops.sum(p.mean * 1e-10)

        assert np.isfinite(to_numpy(loss(features)))
        (gradient,) = gradients(loss, features)
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize(
    "name",
    [
        *NAMES,
        pytest.param("normal:scale=learned", marks=mathematics),
        "laplace:scale=per_element",
        "normal:scale=learned_each",
    ],
)
def test_a_model_with_it_trains_and_survives_its_file(name, tmp_path, to_numpy):
    encoder = keras.Sequential([keras.Input((5,)), layers.Dense(6, "relu")])
    decoder = keras.Sequential([keras.Input((2,)), layers.Dense(6, "relu")])
    vae = VAE(encoder, decoder, latent_dim=2, likelihood=name, seed=0)
    vae.compile(optimizer=keras.optimizers.Adam(0.01), jit_compile=keras.backend.backend() == "jax")
    x = inside(vae.likelihood, (16, 5))
    vae.build((None, 5))
    before = [to_numpy(each) for each in vae.likelihood.trainable_variables]
    history = vae.fit(x, epochs=2, batch_size=16, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    after = [to_numpy(each) for each in vae.likelihood.trainable_variables]
    assert all((one != two).any() for one, two in zip(before, after, strict=True))
    vae.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(to_numpy(loaded.reconstruct(x)), to_numpy(vae.reconstruct(x)))
    z = vae.encode(x).mean
    np.testing.assert_array_equal(
        to_numpy(loaded.decode(z).log_prob(x)), to_numpy(vae.decode(z).log_prob(x))
    )


@mathematics
def test_normal_is_the_squared_error(to_numpy):
    likelihood = Normal(event_shape=(4,), scale=0.3)
    parameters = {"mu": np.zeros((2, 4), "float32")}
    x = np.random.default_rng(0).normal(size=(2, 4)).astype("float32")
    ours = -to_numpy(likelihood.distribution(parameters).log_prob(x))
    constant = 4 * np.log(0.3 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(ours, (x**2).sum(axis=1) / (2 * 0.3**2) + constant, rtol=1e-5)
    np.testing.assert_allclose(ours, -stats.norm.logpdf(x, 0, 0.3).sum(axis=1), rtol=1e-5)


@mathematics
@pytest.mark.parametrize(("activation", "low", "high"), [("tanh", -1, 1), ("sigmoid", 0, 1)])
def test_bounded_means_stay_in_their_support(activation, low, high, to_numpy):
    likelihood = Normal(event_shape=(3,), activation=activation)
    mean = to_numpy(likelihood(np.random.default_rng(0).normal(0, 50, (64, 8)).astype("float32"))["mu"])
    assert likelihood.support == (low, high)
    assert low <= mean.min() < low + 0.01
    assert high - 0.01 < mean.max() <= high


@mathematics
def test_the_mean_of_bernoulli_is_the_probability(to_numpy):
    p = Bernoulli(event_shape=(2,)).distribution({"logits": np.array([[0.0, np.log(3)]], "float32")})
    np.testing.assert_allclose(to_numpy(p.mean), [[0.5, 0.75]], rtol=1e-6)


@mathematics
def test_projection_convolves_on_the_grid_and_is_dense_elsewhere():
    on_grid, elsewhere = Projection((6, 5, 2)), Projection((6, 5, 2))
    on_grid.build((None, 6, 5, 8))
    elsewhere.build((None, 3, 8))
    assert on_grid.body.kernel.shape == (3, 3, 8, 2)
    assert elsewhere.body.kernel.shape == (24, 60)


@mathematics
@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), "wide"])
def test_bad_scales_are_refused(scale):
    with pytest.raises(InvalidArgumentError, match="scale must be a positive number"):
        Normal(event_shape=(2,), scale=scale)
    with pytest.raises(InvalidArgumentError, match="total_count must be a positive number"):
        NegativeBinomial(total_count=scale)
    with pytest.raises(InvalidArgumentError, match="must be a positive number"):
        StudentT(df=scale)


@mathematics
def test_bad_whole_numbers_are_refused():
    with pytest.raises(InvalidArgumentError, match=r"num_categories must be an integer of 2 or more"):
        Categorical(num_categories=1)
    with pytest.raises(InvalidArgumentError, match=r"num_levels=2.5"):
        DiscretizedLogistic(num_levels=2.5)
    with pytest.raises(InvalidArgumentError, match=r"num_components=True"):
        DiscretizedLogisticMixture(num_components=True)


@mathematics
def test_bad_activations_are_refused():
    with pytest.raises(InvalidArgumentError, match="activation='relu'"):
        Normal(activation="relu")


@mathematics
def test_a_likelihood_without_a_shape_says_so():
    with pytest.raises(InvalidArgumentError, match="does not know the shape"):
        Bernoulli().build((None, 3))


@mathematics
def test_specs_name_what_is_near():
    with pytest.raises(UnknownNameError, match="Did you mean 'bernoulli'"):
        build("bernouli", Likelihood)
    with pytest.raises(
        UnknownNameError, match=r"option of likelihood 'normal': 'sclae'. Did you mean 'scale'"
    ):
        build("normal:sclae=1", Likelihood)
    with pytest.raises(InvalidArgumentError, match="has no '='"):
        build("normal:scale", Likelihood)


@mathematics
def test_specs_read_options():
    likelihood = build("normal:scale=0.25,activation=tanh", Likelihood, event_shape=(2,))
    assert (likelihood.scale, likelihood.activation, likelihood.event_shape) == (0.25, "tanh", (2,))


@mathematics
def test_the_best_learned_scale_is_the_root_mean_squared_error(to_numpy):
    generator = np.random.default_rng(0)
    x, mu = generator.normal(0, 0.2, (2, 64, 3)).astype("float32")
    sigma = float(Normal.optimal_scale(x, mu))
    np.testing.assert_allclose(sigma, np.sqrt(np.mean((x - mu) ** 2)), rtol=1e-6)
    likelihood = Normal(event_shape=(3,), scale="learned")
    likelihood(mu)

    def loss(log_scale):
        return -ops.mean(likelihood.distribution({"mu": mu, "log_scale": log_scale}).log_prob(x))

    best = np.full((1, 1), np.log(sigma), "float32")
    around = [to_numpy(loss(best + shift)) for shift in np.linspace(-0.5, 0.5, 11).astype("float32")]
    assert int(np.argmin(around)) == 5
    (slope,) = gradients(loss, best)
    np.testing.assert_allclose(slope, 0, atol=1e-5)
    # −log p at the optimum is ½ n log(2πe σ*²)
    np.testing.assert_allclose(to_numpy(loss(best)), 1.5 * np.log(2 * np.pi * np.e * sigma**2), rtol=1e-5)


@mathematics
@pytest.mark.parametrize(("name", "spread"), [("normal", 0.2), ("laplace", 0.2), ("student_t", 0.2)])
def test_a_model_learns_the_scale_of_its_noise(name, spread, to_numpy):
    likelihood = build(f"{name}:scale=learned", Likelihood, event_shape=(4,), seed=0)
    standard = {"normal": stats.norm, "laplace": stats.laplace, "student_t": stats.t(3)}[name]
    x = spread * standard.rvs(size=(512, 4), random_state=0).astype("float32")
    features = keras.Input((1,))
    model = keras.Model(features, likelihood(features))
    zeros = np.zeros((1, 1), "float32")
    logarithm = likelihood.log_scale.logarithm
    values = np.linspace(-3, 0, 61)
    losses = []
    for value in values:
        logarithm.assign(value)
        losses.append(-to_numpy(ops.mean(likelihood.distribution(model(zeros)).log_prob(x))))
    logarithm.assign(values[np.argmin(losses)])
    found = np.exp(to_numpy(model(zeros)["log_scale"])).item()
    np.testing.assert_allclose(found, spread, rtol=0.1)


@mathematics
def test_each_element_learns_a_scale_of_its_own(to_numpy):
    likelihood = Normal(event_shape=(2,), scale="learned_each", seed=0)
    zeros = np.zeros((1, 3), "float32")
    likelihood(zeros)
    x = np.random.default_rng(0).normal(size=(512, 2)).astype("float32") * [0.1, 2.0]
    logarithm, steps = likelihood.log_scale.logarithm, np.linspace(-4, 2, 121)
    best = []
    for element in range(2):
        losses = []
        for step in steps:
            logarithm.assign([step, step])
            losses.append(
                -to_numpy(likelihood.distribution(likelihood(zeros)).element_log_prob(x))[:, element]
            )
        best.append(steps[np.argmin(np.mean(losses, axis=1))])
    np.testing.assert_allclose(np.exp(best), np.sqrt(np.mean(x**2, axis=0)), rtol=0.06)
    logarithm.assign(best)
    assert tuple(likelihood(np.zeros((3, 3), "float32"))["log_scale"].shape) == (3, 2)


@mathematics
def test_learned_scales_are_bounded_and_shared_or_not(to_numpy):
    shared = Normal(event_shape=(4, 4, 1), scale="learned")
    parameters = shared(np.zeros((3, 8), "float32"))
    assert tuple(parameters["log_scale"].shape) == (3, 1, 1, 1)
    np.testing.assert_allclose(to_numpy(parameters["log_scale"]), 0, atol=0.01)
    for value, bound in ((-1e6, -6), (1e6, 10)):
        shared.log_scale.logarithm.assign(value)
        np.testing.assert_allclose(
            to_numpy(shared(np.zeros((1, 8)))["log_scale"]), [[[[bound]]]], atol=1e-4
        )
    own = Normal(event_shape=(4, 4, 1), scale="per_element", seed=0)
    assert tuple(own(np.zeros((3, 8), "float32"))["log_scale"].shape) == (3, 4, 4, 1)
    kernels = [to_numpy(own.projection.body.kernel), to_numpy(own.log_scale.projection.body.kernel)]
    assert np.abs(kernels[0] - kernels[1]).max() > 0.01


@mathematics
def test_a_fixed_scale_adds_nothing_to_the_parameters():
    assert set(Normal(event_shape=(2,), scale=0.3)(np.zeros((1, 4)))) == {"mu"}


@mathematics
def test_projections_of_several_numbers_an_element_convolve_too():
    projection = Projection((6, 5, 2), num_parameters=3)
    assert tuple(projection(np.zeros((1, 6, 5, 8), "float32")).shape) == (1, 6, 5, 2, 3)
    assert projection.body.kernel.shape == (3, 3, 8, 6)


@mathematics
def test_counts_and_classes_are_not_to_be_rescaled():
    names = {
        name for name in choices(Likelihood) if name != "mixed" and not build(name, Likelihood).rescalable
    }
    assert names == {"categorical", "poisson", "negative_binomial", "zero_inflated_negative_binomial"}
    assert not Mixed(columns=["normal"]).rescalable


@mathematics
def test_mixed_columns_each_have_their_likelihood_and_support(to_numpy):
    likelihood = Mixed(columns=[(2, "normal:scale=0.5"), Bernoulli(), (1, Categorical(num_categories=3))])
    p = likelihood.distribution(likelihood(np.ones((6, 4), "float32")))
    assert isinstance(p, MixedDistribution)
    assert likelihood.event_shape == (4,)
    infinite = float("inf")
    assert likelihood.column_supports == [(-infinite, infinite), (-infinite, infinite), (0, 1), (0, 2)]
    assert likelihood.support == (-infinite, infinite)
    assert Mixed(columns=["bernoulli", "categorical:num_categories=5"]).support == (0, 4)
    x = np.array([[0.3, -0.1, 1.0, 2.0]] * 6, "float32")
    elements = to_numpy(p.element_log_prob(x))
    expected = stats.norm.logpdf(x[:, :2], to_numpy(p.groups[0].mean), 0.5)
    np.testing.assert_allclose(elements[:, :2], expected, rtol=1e-5)
    assert set(np.unique(to_numpy(p.sample(50, seed=0))[..., 2])) == {0.0, 1.0}


@mathematics
@pytest.mark.parametrize(
    "columns", [[], ["normal", 3], [(0, "normal")], [(2, Bernoulli((3,)))], [[1, 2, 3]]]
)
def test_columns_that_cannot_be_read_are_refused(columns):
    with pytest.raises(InvalidArgumentError, match=r"column|event_shape"):
        Mixed(columns=columns)


@mathematics
def test_the_columns_follow_the_precision_of_the_whole():
    likelihood = Mixed(columns=["normal:scale=per_element"], dtype="mixed_bfloat16")
    likelihood.build((None, 4))
    assert likelihood.groups[0].projection.body.compute_dtype == "bfloat16"


@mathematics
def test_an_unknown_likelihood_of_a_column_is_named():
    with pytest.raises(UnknownNameError, match="Did you mean 'poisson'"):
        Mixed(columns=["poison"])
    with pytest.raises(InvalidArgumentError, match="cannot be built"):
        build("mixed", Likelihood)


def test_the_logits_of_grey_values_are_no_finer_than_the_data(to_numpy):
    features = np.array([[1.0]], "float32")
    likelihood = ContinuousBernoulli(event_shape=(5,), resolution=0.01, seed=0)
    likelihood(features)
    likelihood.projection.body.kernel.assign([[-1e6, -500.0, 0.5, 20.0, 1e6]])
    logits = to_numpy(likelihood(features)["logits"])
    np.testing.assert_allclose(logits, [[-100, -100, 0.5, 20, 100]], rtol=0.02)
    zeros = likelihood.distribution(likelihood(features)).element_log_prob(np.zeros((1, 5), "float32"))
    assert to_numpy(zeros).max() <= np.log(100) + 1e-3
    assert ContinuousBernoulli().resolution == 1 / 255
    assert ContinuousBernoulli.from_config(likelihood.get_config()).resolution == 0.01
    for resolution in (0, -1, 2, float("nan")):
        with pytest.raises(InvalidArgumentError, match="resolution must lie"):
            ContinuousBernoulli(resolution=resolution)
