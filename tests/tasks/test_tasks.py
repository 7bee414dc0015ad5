"""The verbs, on a small trained model."""

import numpy as np
import pytest

from keras_vae import tasks
from keras_vae.errors import InvalidArgumentError, UnknownNameError
from keras_vae.tasks.diagnose import diagnose_codes
from keras_vae.tasks.interpolate import latent_path
from keras_vae.tasks.latent_map import principal_plane


@pytest.fixture(scope="module")
def model(blobs_run):
    return blobs_run.model


def test_embedding_and_reconstruction_do_not_depend_on_the_batch(model, blobs):
    x = np.concatenate([blobs.x_train] * 6)  # 576: more than one batch
    codes, images = tasks.embed(model, x), tasks.reconstruct(model, x)
    assert codes.shape == (576, 2)
    assert images.shape == (576, 12, 12, 1)
    for i in (0, 550):
        np.testing.assert_allclose(tasks.embed(model, x[i : i + 1])[0], codes[i], atol=1e-5)
        np.testing.assert_allclose(tasks.reconstruct(model, x[i : i + 1])[0], images[i], atol=1e-2)


def test_samples_of_a_posterior_have_its_mean_and_its_variance(model, blobs, to_numpy):
    count = 4000
    x = blobs.x_test[:3]
    codes, q = tasks.embed(model, x, num_samples=count, seed=1), model.encode(x)
    assert codes.shape == (3, count, 2)
    assert codes.dtype == np.float32
    mean, variance = to_numpy(q.mu), np.exp(to_numpy(q.log_var))
    # The mean of K draws is σ/√K from μ, and their variance about σ²√(2/K) from σ².
    assert (np.abs(codes.mean(axis=1) - mean) < 5 * np.sqrt(variance / count)).all()
    assert (np.abs(codes.var(axis=1) / variance - 1) < 5 * np.sqrt(2 / count)).all()


def test_embedding_a_batch_at_a_time_is_embedding(model, blobs):
    x = np.concatenate([blobs.x_train] * 6)
    batches = list(tasks.embed_batches(model, x))
    assert [len(each) for each in batches] == [500, 76]
    np.testing.assert_array_equal(np.concatenate(batches), tasks.embed(model, x))
    samples = np.concatenate(list(tasks.embed_batches(model, x, num_samples=3, seed=2)))
    np.testing.assert_array_equal(samples, tasks.embed(model, x, num_samples=3, seed=2))
    assert np.abs(samples - tasks.embed(model, x, num_samples=3, seed=3)).max() > 0
    assert np.abs(samples[:, 0] - samples[:, 1]).max() > 0
    with pytest.raises(InvalidArgumentError, match="num_samples=0"):
        tasks.embed(model, x, num_samples=0)


def test_samples_repeat_with_a_seed_and_grow_from_the_front(model):
    np.testing.assert_array_equal(tasks.sample(model, 4, seed=3), tasks.sample(model, 4, seed=3))
    assert np.abs(tasks.sample(model, 4, seed=3) - tasks.sample(model, 4, seed=4)).max() > 0
    with pytest.raises(InvalidArgumentError, match="num_samples=0"):
        tasks.sample(model, 0)


@pytest.mark.parametrize("method", ["linear", "spherical"])
def test_a_path_starts_and_ends_where_it_should(model, blobs, method):
    ends = tasks.embed(model, blobs.x_test[[0, 5]])
    frames = tasks.interpolate(model, *ends, steps=7, method=method)
    assert frames.shape == (7, 12, 12, 1)
    np.testing.assert_allclose(frames[[0, -1]], tasks.reconstruct(model, blobs.x_test[[0, 5]]), atol=1e-2)
    by_image = tasks.interpolate_inputs(model, *blobs.x_test[[0, 5]], steps=7, method=method)
    np.testing.assert_allclose(by_image, frames, atol=1e-2)


def test_the_linear_path_is_straight_and_the_spherical_one_turns_evenly():
    start, end = np.array([3.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    np.testing.assert_allclose(np.diff(latent_path(start, end, 5, "linear"), n=2, axis=0), 0, atol=1e-6)
    arc = latent_path(start, end, 5, "spherical")
    np.testing.assert_allclose(np.linalg.norm(arc, axis=1), np.linspace(3, 1, 5), rtol=1e-6)
    directions = arc / np.linalg.norm(arc, axis=1, keepdims=True)
    angles = np.arccos((directions[1:] * directions[:-1]).sum(axis=1))
    np.testing.assert_allclose(angles, np.pi / 8, rtol=1e-5)


@pytest.mark.parametrize("end", [[0.0, 0.0], [2.0, 0.0], [-2.0, 0.0]])
def test_where_there_is_no_arc_the_spherical_path_is_the_line(end):
    start = np.array([1.0, 0.0])
    np.testing.assert_allclose(
        latent_path(start, np.array(end), 4, "spherical"), latent_path(start, np.array(end), 4, "linear")
    )


def test_nearly_opposite_ends_do_not_blow_up():
    arc = latent_path(np.array([1.0, 0.0]), np.array([-2.0, 1e-3]), 9, "spherical")
    assert np.linalg.norm(arc, axis=1).max() <= 2.001


def test_bad_paths_are_refused(model):
    with pytest.raises(InvalidArgumentError, match="2 numbers"):
        tasks.interpolate(model, np.zeros(3), np.zeros(2))
    with pytest.raises(InvalidArgumentError, match="steps=1"):
        tasks.interpolate(model, np.zeros(2), np.zeros(2), steps=1)
    with pytest.raises(UnknownNameError, match="Did you mean 'spherical'"):
        tasks.interpolate(model, np.zeros(2), np.zeros(2), method="sperical")


def test_the_grid_is_the_decoder_at_the_prior_s_quantiles(model):
    from scipy import stats

    grid = tasks.latent_grid(model, size=5)
    assert grid.shape == (5, 5, 12, 12, 1)
    quantiles = stats.norm.ppf((np.arange(5) + 0.5) / 5)
    corner = np.array([[quantiles[0], quantiles[-1]], [quantiles[3], quantiles[1]]], "float32")
    np.testing.assert_allclose(np.stack([grid[0, 0], grid[3, 3]]), tasks.decode(model, corner), atol=1e-2)


def test_the_grid_wants_two_latents(make_vae):
    model = make_vae(latent_dim=3)
    model.build((None, 12, 12, 1))
    with pytest.raises(InvalidArgumentError, match="this model has 3"):
        tasks.latent_grid(model)


@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_the_map_is_a_plane_for_any_number_of_latents(make_vae, blobs, latent_dim):
    plane = tasks.latent_map(make_vae(latent_dim=latent_dim), blobs.x_test)
    assert plane.points.shape == (32, 2)
    assert all(plane.axes)


def test_the_principal_plane_is_scikit_learn_s():
    from sklearn.decomposition import PCA

    codes = np.random.default_rng(0).normal(size=(200, 6)) * np.arange(1, 7)
    points, shares = principal_plane(codes)
    reference = PCA(2).fit(codes)
    np.testing.assert_allclose(np.abs(points), np.abs(reference.transform(codes)), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(shares, reference.explained_variance_ratio_, rtol=1e-6)


def test_evaluation_agrees_with_keras_and_repeats(model, blobs):
    one, two = tasks.evaluate(model, blobs.x_test, seed=1), tasks.evaluate(model, blobs.x_test, seed=1)
    assert one == two
    assert one.elbo == pytest.approx(-(one.reconstruction + one.kl))
    figures = model.evaluate(blobs.x_test, verbose=0, return_dict=True)
    assert one.kl == pytest.approx(figures["kl_loss"], rel=1e-4)
    assert one.reconstruction == pytest.approx(figures["reconstruction_loss"], rel=0.02)


def test_the_importance_weighted_estimate_is_above_the_bound(model, blobs):
    result = tasks.evaluate(model, blobs.x_test, num_samples=50)
    assert result.num_samples == 50
    assert result.log_likelihood > result.elbo - 2 * result.elbo_standard_error
    many = tasks.evaluate(model, blobs.x_test, num_samples=500)
    assert many.log_likelihood >= result.log_likelihood - 0.2
    with pytest.raises(InvalidArgumentError, match="num_samples=-1"):
        tasks.evaluate(model, blobs.x_test, num_samples=-1)


def codes(means, deviations, size=4000):
    """Posterior means of these standard deviations over the data, codes that deviate from them by these,
    and samples of N(0, I)."""
    generator = np.random.default_rng(0)
    mu = generator.normal(size=(size, len(means))) * means
    return (
        mu,
        mu + deviations * generator.normal(size=mu.shape),
        generator.normal(size=(10_000, len(means))),
    )


@pytest.mark.parametrize(
    ("means", "deviations", "active", "state"),
    [
        ([0.99, 0.99], [0.1, 0.1], 2, "healthy"),
        ([0.0, 0.0], [1.0, 1.0], 0, "collapsed"),
        ([0.99, 0.0], [0.1, 1.0], 1, "unused units"),
        ([9.0, 0.99], [0.1, 0.1], 2, "ignores the prior"),
        ([0.09, 0.99], [0.995, 0.1], 1, "unused units"),
        ([0.12, 0.99], [0.99, 0.1], 2, "healthy"),
    ],
)
def test_the_verdict_names_what_is_wrong(means, deviations, active, state):
    diagnosis = diagnose_codes(*codes(np.array(means), np.array(deviations)))
    assert (diagnosis.active_units, diagnosis.state) == (active, state)
    assert diagnosis.verdict.count(".") >= 1
    assert diagnosis.verdict.endswith(".")


def test_the_kl_of_each_unit_adds_up(model, blobs):
    diagnosis = tasks.diagnose(model, blobs.x_test)
    assert sum(diagnosis.kl_per_unit) == pytest.approx(tasks.evaluate(model, blobs.x_test).kl, rel=1e-4)


def test_tasks_report_their_progress(model, blobs):
    seen = []
    with tasks.reporting(lambda done, total: seen.append((done, total))):
        tasks.embed(model, np.concatenate([blobs.x_train] * 6))
    tasks.embed(model, blobs.x_train)
    assert seen == [(500, 576), (576, 576)]
