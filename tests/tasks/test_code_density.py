"""A density over the codes, against SciPy, known moments, and what its samples are for."""

import keras
import numpy as np
import pytest
from scipy import special, stats
from scipy.spatial.distance import cdist

from keras_vae import tasks
from keras_vae.data import take
from keras_vae.errors import DataError, IncompatiblePartsError, InvalidArgumentError
from keras_vae.tasks import CodeDensity

WEIGHTS = np.array([0.2, 0.5, 0.3])
MEANS = np.array([[-3.0, 1.0], [0.5, 0.2], [4.0, -2.0]])
COVARIANCES = np.array([[[1.0, 0.9], [0.9, 1.0]], [[0.1, 0.0], [0.0, 2.0]], [[2.0, -0.5], [-0.5, 0.5]]])
THREE = CodeDensity(WEIGHTS, MEANS, COVARIANCES)


@pytest.fixture(scope="module")
def ignoring(blobs):
    """A model whose KL costs next to nothing: its codes lie far from the prior."""
    from keras_vae import VAE
    from keras_vae.data import Rescale
    from keras_vae.networks import dense_decoder, dense_encoder

    model = VAE(
        dense_encoder((32,), seed=1),
        dense_decoder((32,), seed=2),
        latent_dim=3,
        beta=1e-3,
        preprocessing=Rescale.between((0, 255), (0, 1)),
        seed=0,
    )
    model.compile(optimizer=keras.optimizers.Adam(3e-3))
    model.fit(np.tile(blobs.x_train, (15, 1, 1, 1)), batch_size=32, epochs=10, verbose=0)
    return model


def energy_distance(a, b):
    """2 E|a − b| − E|a − a′| − E|b − b′|, zero for equal distributions alone (Székely & Rizzo, 2013)."""
    a, b = (each.reshape(len(each), -1).astype("float64") / 255 for each in (a, b))
    return 2 * cdist(a, b).mean() - cdist(a, a).mean() - cdist(b, b).mean()


def test_log_prob_is_scipy_s():
    z = np.random.default_rng(0).normal(0, 3, (40, 2))
    z = np.concatenate([z, [[1e4, 1e4], [-1e4, 3.0]]])
    each = [stats.multivariate_normal(*pair).logpdf(z) for pair in zip(MEANS, COVARIANCES, strict=True)]
    expected = special.logsumexp(np.stack(each, axis=1), axis=1, b=WEIGHTS)
    np.testing.assert_allclose(THREE.log_prob(z), expected, rtol=1e-10)


def test_a_component_without_weight_counts_for_nothing():
    dead = CodeDensity(np.array([1.0, 0.0]), MEANS[:2], COVARIANCES[:2])
    z = np.random.default_rng(0).normal(size=(5, 2))
    np.testing.assert_allclose(
        dead.log_prob(z), stats.multivariate_normal(MEANS[0], COVARIANCES[0]).logpdf(z), rtol=1e-10
    )


@pytest.mark.parametrize("temperature", [0.5, 1.0])
def test_samples_have_the_moments_of_the_mixture(temperature):
    z = THREE.sample(200_000, seed=1, temperature=temperature)
    assert (z.shape, z.dtype) == ((200_000, 2), "float32")
    mean = WEIGHTS @ MEANS
    between = np.einsum("k,ki,kj->ij", WEIGHTS, MEANS - mean, MEANS - mean)
    covariance = between + temperature**2 * np.tensordot(WEIGHTS, COVARIANCES, 1)
    # Four standard errors of a mean of 200,000.
    np.testing.assert_allclose(z.mean(axis=0), mean, atol=4 * np.sqrt(covariance.max() / 2e5))
    np.testing.assert_allclose(np.cov(z.T), covariance, rtol=0.03, atol=0.03)


def test_a_seed_repeats_and_another_does_not():
    np.testing.assert_array_equal(THREE.sample(9, seed=1), THREE.sample(9, seed=1))
    assert np.abs(THREE.sample(9, seed=1) - THREE.sample(9, seed=2)).max() > 0.1


def test_samples_are_as_likely_as_the_entropy_says():
    """Of one normal: ½ log |2πe Σ|."""
    one = CodeDensity(np.ones(1), MEANS[:1], COVARIANCES[:1])
    log_prob = one.log_prob(one.sample(100_000, seed=0))
    expected = -stats.multivariate_normal(MEANS[0], COVARIANCES[0]).entropy()
    assert log_prob.mean() == pytest.approx(expected, abs=4 * log_prob.std() / np.sqrt(1e5))


def test_a_fit_of_one_component_has_the_moments_of_the_codes(ignoring, blobs):
    density = tasks.fit_density(ignoring, blobs.x_train, num_components=1, seed=5)
    codes = tasks.embed(ignoring, blobs.x_train, num_samples=1, seed=5)[:, 0].astype("float64")
    np.testing.assert_allclose(density.means[0], codes.mean(axis=0), rtol=1e-6)
    # The maximum-likelihood estimate, with scikit-learn's 1e-6 on the diagonal.
    np.testing.assert_allclose(
        density.covariances[0], np.cov(codes.T, bias=True) + 1e-6 * np.eye(3), rtol=1e-6
    )


def test_a_fit_repeats_with_its_seed_and_finds_the_codes_likely(ignoring, blobs):
    one, two = (tasks.fit_density(ignoring, blobs.x_train, num_components=4, seed=0) for _ in range(2))
    np.testing.assert_allclose(one.means, two.means)
    assert one.weights.sum() == pytest.approx(1.0)
    assert one.covariances.shape == (4, 3, 3)
    codes = tasks.embed(ignoring, blobs.x_test)
    single = tasks.fit_density(ignoring, blobs.x_train, num_components=1)
    assert (
        one.log_prob(codes).mean() > single.log_prob(codes).mean() > stats.norm.logpdf(codes).sum(1).mean()
    )


def test_where_the_prior_is_ignored_samples_of_the_density_are_closer_to_the_data(ignoring, blobs):
    assert tasks.diagnose(ignoring, blobs.x_test).state == "ignores the prior"
    density = tasks.fit_density(ignoring, blobs.x_train, num_components=4)
    of_prior, of_density = (
        np.mean([
            energy_distance(tasks.sample(ignoring, 200, seed, density=each), blobs.x_test)
            for seed in range(3)
        ])
        for each in (None, density)
    )  # fmt: skip
    assert of_density < 0.5 * of_prior


def test_samples_are_the_decoded_codes_of_the_density(ignoring, blobs):
    density = tasks.fit_density(ignoring, blobs.x_train, num_components=2)
    made = tasks.sample(ignoring, 5, seed=3, density=density, temperature=0.5)
    np.testing.assert_array_equal(made, tasks.decode(ignoring, density.sample(5, 3, 0.5)))
    drawn = tasks.sample(ignoring, 5, seed=3, density=density, draw=True)
    assert set(np.unique(drawn)) <= {0.0, 255.0}


def test_conditions_decide_what_codes_of_all_examples_decode_to(conditional_run, blobs):
    model = conditional_run.model
    density = tasks.fit_density(model, blobs.inputs("train", model.condition_names), num_components=3)
    for label in range(4):
        images = tasks.sample(model, 20, conditions={"label": label}, density=density).mean((0, 3))
        assert images.reshape(2, 6, 2, 6).mean((1, 3)).ravel().argmax() == label


def test_what_cannot_be_fitted_is_refused(make_vae, ignoring, blobs):
    sphere = make_vae(posterior="von_mises_fisher", prior="uniform_sphere", latent_dim=3)
    with pytest.raises(
        IncompatiblePartsError, match="no density on the sphere where the codes of a VonMises"
    ):
        tasks.fit_density(sphere, blobs.x_train)
    with pytest.raises(DataError, match=r"fitted to 5 examples or more\. Received: 4"):
        tasks.fit_density(ignoring, take(blobs.x_train, slice(4)), num_components=5)
    with pytest.raises(DataError, match=r"fitted to 2 examples or more\. Received: 1"):
        tasks.fit_density(ignoring, blobs.x_train[:1], num_components=1)
    with pytest.raises(InvalidArgumentError, match="num_components=0"):
        tasks.fit_density(ignoring, blobs.x_train, num_components=0)
    with pytest.raises(InvalidArgumentError, match="codes of 2 numbers, and this model's have 3"):
        tasks.sample(ignoring, 4, density=THREE)


def test_bad_samples_are_refused(ignoring):
    with pytest.raises(InvalidArgumentError, match="num_samples=0"):
        THREE.sample(0)
    for sample in (
        THREE.sample,
        lambda *arguments, **options: tasks.sample(ignoring, *arguments, **options),
    ):
        with pytest.raises(InvalidArgumentError, match="temperature must be a positive number"):
            sample(3, temperature=0.0)


def test_temperature_makes_samples_alike(ignoring):
    warm, cold = (tasks.sample(ignoring, 50, temperature=t) for t in (1.0, 0.2))
    np.testing.assert_array_equal(warm, tasks.sample(ignoring, 50))
    assert cold.std(axis=0).mean() < 0.5 * warm.std(axis=0).mean()
