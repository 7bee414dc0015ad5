"""Figures of held-out data: exact where the truth is known, of as many samples as asked for."""

import keras
import numpy as np
import pytest
from keras import layers
from scipy import special, stats

import keras_vae
from keras_vae import tasks
from keras_vae.data import Rescale, Standardize
from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods import Likelihood, Normal
from keras_vae.posteriors import DiagonalNormal
from keras_vae.specs import build, choices
from keras_vae.tasks.evaluate import evaluate_examples
from keras_vae.tasks.importance import importance_estimate
from keras_vae.tasks.measure import measure_of, units

NUM_EXAMPLES = 12


@pytest.fixture(scope="module")
def linear_gaussian():
    """x = zW + b + σε, its data, and their exact log p(x): x ~ N(b, WᵀW + σ² I).

    q(z|x) has the exact mean, and the variances of the exact covariance's diagonal.
    """
    generator = np.random.default_rng(0)
    weights, bias = generator.normal(size=(3, 5)).astype("float32"), np.float32([0.1, -0.2, 0.3, 0.0, 1.0])
    scale = 1.0
    model = keras_vae.VAE(
        layers.Identity(), layers.Identity(), posterior=DiagonalNormal(3),
        likelihood=Normal(event_shape=(5,), scale=scale), seed=0,
    )  # fmt: skip
    model.build((None, 5))
    model.likelihood.projection.body.set_weights([weights, bias])
    precision = np.eye(3) + weights @ weights.T / scale**2
    to_mean = np.linalg.solve(precision, weights / scale**2).T.astype("float32")
    model.posterior.mu_head.set_weights([to_mean, -bias @ to_mean])
    log_var = np.log(np.diag(np.linalg.inv(precision)))
    model.posterior.log_var_head.set_weights([np.zeros((5, 3)), log_var])
    truth = stats.multivariate_normal(bias, weights.T @ weights + scale**2 * np.eye(5))
    x = truth.rvs(NUM_EXAMPLES, random_state=1).astype("float32")
    return model, x, truth.logpdf(x)


class Counting:
    """A model that notes the number of samples of every call, and which examples they were for."""

    # No graph is made of it, in which nothing could be noted.
    built = False

    def __init__(self, model):
        self.model = model
        self.drawn = {}

    def __getattr__(self, name):
        return getattr(self.model, name)

    def log_weights(self, x, num_samples, seed=None):
        for example in x:
            key = example.tobytes()
            self.drawn[key] = self.drawn.get(key, 0) + num_samples
        return self.model.log_weights(x, num_samples, seed)


@pytest.mark.mathematics
@pytest.mark.parametrize("num_samples", [10, 100, 1000])
def test_the_estimate_is_the_exact_likelihood_within_its_own_error(linear_gaussian, num_samples):
    model, x, exact = linear_gaussian
    found = tasks.evaluate(model, x, num_samples, seed=2)
    error = found.log_likelihood_monte_carlo_error
    assert found.log_likelihood == pytest.approx(exact.mean(), abs=3 * error)
    # The spread between examples says nothing of it, and is far larger.
    assert error < 0.2 * found.log_likelihood_standard_error
    assert found.log_likelihood_standard_error == pytest.approx(stats.sem(exact), rel=0.1)


def test_the_monte_carlo_error_is_how_much_seeds_differ(linear_gaussian):
    model, x, _ = linear_gaussian
    found = [importance_estimate(model, x, 40, seed) for seed in range(100)]
    means = np.array([each.log_likelihood.mean() for each in found])
    predicted = np.sqrt(np.mean([each.monte_carlo_error**2 for each in found]))
    # A standard deviation of 100 is known to 1/√200, 7 %.
    assert predicted == pytest.approx(means.std(ddof=1), rel=0.2)
    more = importance_estimate(model, x, 4000, 0).monte_carlo_error
    assert more == pytest.approx(predicted / 10, rel=0.15)


@pytest.mark.mathematics
def test_error_and_effective_sample_size_are_those_of_the_weights(linear_gaussian):
    """K as large as a batch: the same draws again, and every formula written out."""
    model, x, _ = linear_gaussian
    found = importance_estimate(model, x, 500, seed=3)
    generator = keras.random.SeedGenerator(3)
    for i in range(3):
        terms = model.log_weights(x[i : i + 1], 500, seed=generator)
        log_ratio = terms["log_prior"] - terms["log_posterior"]
        w = np.exp(keras.ops.convert_to_numpy(terms["log_likelihood"] + log_ratio)[:, 0].astype("float64"))
        assert found.log_likelihood[i] == pytest.approx(np.log(w.mean()))
        assert found.variance[i] == pytest.approx(w.var(ddof=1) / (500 * w.mean() ** 2))
        assert found.effective_sample_size[i] == pytest.approx(w.sum() ** 2 / (w**2).sum())


def test_exact_posteriors_make_every_sample_count():
    """With one latent unit that the data see, and q = p(z|x), all weights are p(x)."""
    model = keras_vae.VAE(
        layers.Identity(), layers.Identity(), posterior=DiagonalNormal(1),
        likelihood=Normal(event_shape=(2,)), seed=0,
    )  # fmt: skip
    model.build((None, 2))
    weights = np.float32([[0.5, -1.0]])
    precision = 1 + (weights**2).sum()
    model.likelihood.projection.body.set_weights([weights, np.zeros(2)])
    model.posterior.mu_head.set_weights([weights.T / precision, np.zeros(1)])
    model.posterior.log_var_head.set_weights([np.zeros((2, 1)), -np.log([precision])])
    found = tasks.evaluate(model, np.float32([[0.3, 0.7], [2.0, -1.0]]), num_samples=20)
    assert found.effective_sample_size == pytest.approx(20)
    assert found.effective_sample_size_lowest_decile == pytest.approx(20)
    assert found.log_likelihood_monte_carlo_error < 1e-5
    assert found.elbo < found.log_likelihood


@pytest.mark.parametrize("batch_size", [1, 2, 3, 5, 7, 100])
def test_seven_samples_are_seven_whatever_the_batch(linear_gaussian, batch_size):
    model, x, exact = linear_gaussian
    counting = Counting(model)
    found = importance_estimate(counting, x, 7, 0, batch_size)
    assert set(counting.drawn.values()) == {7}
    assert len(counting.drawn) == NUM_EXAMPLES
    assert found.log_likelihood.mean() == pytest.approx(exact.mean(), abs=4 * found.monte_carlo_error)


def test_a_graph_estimates_the_same(linear_gaussian):
    model, x, _ = linear_gaussian
    found = [importance_estimate(each, x, 7, seed=0, batch_size=5) for each in (model, Counting(model))]
    np.testing.assert_allclose(found[0].log_likelihood, found[1].log_likelihood, rtol=1e-5)
    np.testing.assert_allclose(found[0].effective_sample_size, found[1].effective_sample_size, rtol=1e-3)


def test_parts_of_the_samples_add_up_to_all_of_them(linear_gaussian):
    """Where every draw is the same, so is every estimate, in however many parts."""

    class Given(Counting):
        def log_weights(self, x, num_samples, seed=None):
            first = self.drawn.setdefault("next", 0)
            self.drawn["next"] = first + num_samples
            log_w = np.linspace(-900, -700, 11)[first : first + num_samples, None]
            nothing = np.zeros_like(log_w)
            return {"log_likelihood": log_w, "log_prior": nothing, "log_posterior": nothing}

    whole = special.logsumexp(np.linspace(-900, -700, 11)) - np.log(11)
    for batch_size in (1, 4, 11):
        found = importance_estimate(Given(linear_gaussian[0]), linear_gaussian[1][:1], 11, 0, batch_size)
        assert found.log_likelihood == pytest.approx([whole])


def test_one_sample_has_an_estimate_and_no_error(linear_gaussian):
    model, x, _ = linear_gaussian
    found = tasks.evaluate(model, x, num_samples=1)
    assert found.log_likelihood_monte_carlo_error is None
    assert found.effective_sample_size == pytest.approx(1)


def test_averages_are_those_of_the_examples(linear_gaussian):
    model, x, _ = linear_gaussian
    each, found = evaluate_examples(model, x, 20, seed=4), tasks.evaluate(model, x, 20, seed=4)
    assert found.elbo == pytest.approx(each.elbo.mean())
    assert found.elbo_standard_error == pytest.approx(stats.sem(each.elbo))
    assert found.log_likelihood == pytest.approx(each.best.mean())
    least = np.quantile(each.importance.effective_sample_size, 0.1)
    assert found.effective_sample_size_lowest_decile == pytest.approx(least)
    assert found.bits_per_dimension == pytest.approx(-found.log_likelihood / np.log(2) / 5)
    bound = tasks.evaluate(model, x, seed=4)
    assert bound.elbo == found.elbo
    assert bound.bits_per_dimension == pytest.approx(-bound.elbo / np.log(2) / 5)


def test_numbers_of_samples_that_make_no_sense_are_refused(linear_gaussian):
    model, x, _ = linear_gaussian
    with pytest.raises(InvalidArgumentError, match="num_samples=-1"):
        tasks.evaluate(model, x, -1)
    with pytest.raises(InvalidArgumentError, match="batch_size=0"):
        tasks.evaluate(model, x, batch_size=0)


BINARY = np.array([[0.0, 1.0, 1.0]], "float32")
LEVELS = np.array([[0.0, 1.0, 128 / 255]], "float32")


@pytest.mark.parametrize(
    ("likelihood", "x", "word"),
    [
        ("bernoulli", BINARY, "mass"),
        ("bernoulli", LEVELS, "cross-entropy"),
        ("continuous_bernoulli", LEVELS, "density"),
        ("normal", LEVELS, "density"),
        ("laplace", LEVELS, "density"),
        ("student_t", LEVELS, "density"),
        ("discretized_logistic", LEVELS, "mass"),
        ("discretized_logistic_mixture", LEVELS, "mass"),
        ("categorical:num_categories=2", BINARY, "mass"),
        ("poisson", BINARY, "mass"),
        ("negative_binomial", BINARY, "mass"),
        ("zero_inflated_negative_binomial", BINARY, "mass"),
        ("mixed:columns=[(2,'normal'),'poisson']", BINARY, "mixed"),
        ("mixed:columns=[(3,'normal')]", BINARY * np.nan, "density"),
        ("mixed:columns=['poisson','bernoulli','bernoulli']", BINARY, "mass"),
        ("mixed:columns=[(2,'normal'),'bernoulli']", LEVELS, "cross-entropy"),
    ],
)
def test_each_likelihood_knows_what_it_measures(likelihood, x, word):
    assert likelihood.partition(":")[0] in choices(Likelihood)
    found = build(likelihood, Likelihood, event_shape=(3,)).measure_of(x)
    assert found.word == word
    assert found.sentence.endswith(".")


def test_a_mass_sums_to_one_over_levels_and_a_density_does_not():
    """What tells them apart, for every likelihood of one number in [0, 1] by levels k / 3."""
    levels = (np.arange(4) / 3).astype("float32")[:, None]
    for name in ("discretized_logistic:num_levels=4", "continuous_bernoulli", "bernoulli"):
        likelihood = build(name, Likelihood, event_shape=(1,), seed=0)
        p = likelihood.distribution(likelihood(np.ones((4, 2), "float32")))
        total = np.exp(keras.ops.convert_to_numpy(p.log_prob(levels))).sum()
        assert (likelihood.measure_of(levels).word == "mass") == (total == pytest.approx(1.0, abs=1e-5))


def test_values_between_the_levels_have_a_measure_of_their_own():
    coarse = build("discretized_logistic:num_levels=16", Likelihood, event_shape=(3,)).measure_of(LEVELS)
    fine = build("discretized_logistic", Likelihood, event_shape=(3,)).measure_of(LEVELS)
    assert (coarse.word, coarse.units) == ("mass", "rounded to 16 levels")
    assert fine.units == ""


def test_a_density_says_in_which_units(make_vae, blobs):
    known = []
    for activation, target in (("sigmoid", (0, 1)), ("tanh", (-1, 1))):
        model = make_vae(
            likelihood=f"normal:activation={activation}", preprocessing=Rescale.between((0, 255), target)
        )
        known.append(tasks.evaluate(model, blobs.x_test).units)
    assert known == ["values × 0.00392157", "values × 0.00784314"]
    assert tasks.evaluate(make_vae(), blobs.x_test).units == ""
    assert units(Standardize([0.0], [2.0])) == units(Standardize([0.0], [2.0], name="other"))
    assert units(Standardize([0.0], [2.0])) != units(Standardize([0.0], [3.0]))


def test_missing_numbers_are_not_counted():
    model = keras_vae.VAE(
        layers.Lambda(lambda x: keras.ops.nan_to_num(x)), layers.Identity(), latent_dim=2, seed=0,
        likelihood="mixed:columns=[(2,'normal')]",
    )  # fmt: skip
    x = np.float32([[1.0, np.nan], [2.0, 3.0]])
    model.build((None, 2))
    measure, num_dimensions = measure_of(model, x)
    assert (measure.word, num_dimensions) == ("density", 1.5)
    found = tasks.evaluate(model, x)
    assert found.bits_per_dimension == pytest.approx(-2 * found.elbo / (3 * np.log(2)))
