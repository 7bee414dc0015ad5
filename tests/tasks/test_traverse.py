"""Traversals: which units, in which order, through which values, and what they decode to."""

import numpy as np
import pytest

from keras_vae import tasks
from keras_vae.errors import InvalidArgumentError
from keras_vae.tasks.traverse import _moved_on_sphere


@pytest.fixture(scope="module")
def model(blobs_run):
    return blobs_run.model


@pytest.fixture
def half_dead(make_vae):
    """Four units, untrained; of the second and the fourth the posterior is the prior."""
    model = make_vae(latent_dim=4)
    model.build((None, 12, 12, 1))
    for head in (model.posterior.mu_head, model.posterior.log_var_head):
        kernel, bias = head.get_weights()
        kernel[:, [1, 3]] = 0.0
        head.set_weights([30.0 * kernel, bias])
    return model


def test_units_come_by_their_kl_and_the_dead_ones_last(half_dead, blobs):
    found = tasks.traverse(half_dead, blobs.x_test)
    kl = np.array(tasks.diagnose(half_dead, blobs.x_test).kl_per_unit)
    assert sorted(found.units) == [0, 1, 2, 3]
    np.testing.assert_allclose(found.kl, kl[found.units])
    assert found.kl[0] > found.kl[1] > 0.1
    np.testing.assert_array_equal(found.units[2:], [1, 3])
    np.testing.assert_allclose(found.kl[2:], 0.0, atol=1e-6)
    assert found.active.tolist() == [True, True, False, False]
    assert found.frames.shape == (4, 9, 12, 12, 1)
    first = tasks.traverse(half_dead, blobs.x_test, num_units=1)
    np.testing.assert_allclose(first.frames, found.frames[:1], rtol=1e-5)
    assert len(tasks.traverse(half_dead, blobs.x_test, num_units=9).units) == 4


def test_values_are_even_between_the_quantiles_of_the_codes(half_dead, blobs):
    x = np.concatenate([blobs.x_train] * 6)
    found = tasks.traverse(half_dead, x, steps=5, seed=4)
    codes = tasks.embed(half_dead, x, num_samples=1, seed=4)[:, 0, found.units]
    np.testing.assert_allclose(found.values[:, 0], np.percentile(codes, 0.5, axis=0), rtol=1e-5)
    np.testing.assert_allclose(found.values[:, -1], np.percentile(codes, 99.5, axis=0), rtol=1e-5)
    np.testing.assert_allclose(np.diff(found.values, n=2, axis=1), 0.0, atol=1e-6)
    # The codes of a dead unit are the prior's, whose 99.5 % quantile is 2.576; 576 of them tell it to 0.4.
    np.testing.assert_allclose(found.values[2:, -1], 2.576, atol=0.4)


def test_frames_are_the_start_with_one_number_replaced(model, blobs):
    start = np.array([0.3, -1.2], "float32")
    found = tasks.traverse(model, blobs.x_test, start, steps=3)
    first, second = found.units
    for row, (unit, other) in enumerate(((first, second), (second, first))):
        codes = np.zeros((3, 2), "float32")
        codes[:, unit], codes[:, other] = found.values[row], start[other]
        np.testing.assert_allclose(found.frames[row], tasks.decode(model, codes), atol=1e-2)


def test_without_a_start_the_others_are_held_at_the_mean_code(model, blobs):
    mean = tasks.embed(model, blobs.x_test, num_samples=1, seed=2)[:, 0].mean(axis=0)
    one = tasks.traverse(model, blobs.x_test, seed=2)
    two = tasks.traverse(model, blobs.x_test, mean, seed=2)
    np.testing.assert_allclose(one.frames, two.frames, atol=1e-2)


def test_where_the_kl_does_not_split_the_variance_of_the_means_decides(make_vae, blobs):
    model = make_vae(posterior="full_normal", latent_dim=3)
    found = tasks.traverse(model, blobs.x_test, steps=2)
    variance = tasks.embed(model, blobs.x_test).var(axis=0)
    assert found.kl is None
    np.testing.assert_array_equal(found.units, np.argsort(-variance))
    np.testing.assert_allclose(found.variance_of_means, variance[found.units], rtol=1e-4)


@pytest.mark.parametrize("start", [[0.6, 0.0, -0.8], [3.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
@pytest.mark.parametrize("unit", [0, 1, 2])
def test_on_the_sphere_codes_stay_on_it(start, unit):
    values = np.array([-1.0, -0.3, 0.5])
    codes = _moved_on_sphere(np.array(start), unit, values)
    np.testing.assert_allclose(np.linalg.norm(codes, axis=1), 1.0)
    np.testing.assert_allclose(codes[:, unit], values)
    # The others keep their direction: √(1 − 0.5²) along them.
    others = np.delete(start, unit)
    if np.linalg.norm(others) > 0:
        expected = np.sqrt(0.75) * others / np.linalg.norm(others)
        np.testing.assert_allclose(np.delete(codes[2], unit), expected)


def test_a_model_on_the_sphere_decodes_those_codes(make_vae, blobs):
    model = make_vae(posterior="von_mises_fisher", prior="uniform_sphere", latent_dim=3)
    start = np.array([0.6, 0.0, -0.8])
    found = tasks.traverse(model, blobs.x_test, start, steps=4)
    assert found.kl is None
    for unit, values, frames in zip(found.units, found.values, found.frames, strict=True):
        codes = _moved_on_sphere(start, unit, values).astype("float32")
        np.testing.assert_allclose(frames, tasks.decode(model, codes), rtol=1e-5)


def test_frames_are_decoded_under_conditions(conditional_run, blobs):
    model = conditional_run.model
    inputs = blobs.inputs("test", model.condition_names)
    one, three = (
        tasks.traverse(model, inputs, steps=3, conditions={"label": label}).frames for label in (0, 3)
    )
    for frames, quarter in ((one, np.s_[:6, :6]), (three, np.s_[6:, 6:])):
        middle = frames[:, 1].mean(axis=(0, 3))
        assert middle[quarter].mean() == max(
            middle[rows, columns].mean()
            for rows in (slice(6), slice(6, 12))
            for columns in (slice(6), slice(6, 12))
        )


def test_a_table_s_frames_are_rows():
    from keras_vae import VAE
    from keras_vae.networks import dense_decoder, dense_encoder

    model = VAE(dense_encoder((8,)), dense_decoder((8,)), latent_dim=2, likelihood="normal", seed=0)
    x = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
    assert tasks.traverse(model, x, steps=3).frames.shape == (2, 3, 5)


def test_a_traversal_repeats_with_its_seed(model, blobs):
    one, two, other = (tasks.traverse(model, blobs.x_test, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.frames, two.frames)
    assert np.abs(one.values - other.values).max() > 0


def test_bad_traversals_are_refused(model, blobs):
    with pytest.raises(InvalidArgumentError, match="2 numbers"):
        tasks.traverse(model, blobs.x_test, np.zeros(3))
    with pytest.raises(InvalidArgumentError, match="steps=1"):
        tasks.traverse(model, blobs.x_test, steps=1)
    with pytest.raises(InvalidArgumentError, match="num_units=0"):
        tasks.traverse(model, blobs.x_test, num_units=0)
