"""Draws of which every number is given."""

import numpy as np
import pytest
from keras import ops
from scipy import stats

from keras_vae import distributions as d
from keras_vae.distributions import GivenNoise, normal_noise
from keras_vae.distributions.noise import choice_noise, uniform_noise
from keras_vae.errors import InvalidArgumentError

pytestmark = pytest.mark.mathematics
COUNT = 20_000


def given(columns, count=COUNT, seed=0):
    numbers = np.random.default_rng(seed).standard_normal((count, columns), "float32")
    return GivenNoise(ops.convert_to_tensor(numbers))


def test_each_number_is_used_once_and_in_order(to_numpy):
    noise = GivenNoise(ops.convert_to_tensor(np.arange(12, dtype="float32").reshape(2, 6)))
    first, second = normal_noise((2, 1, 2), seed=noise), normal_noise((2, 4), seed=noise)
    assert to_numpy(first).tolist() == [[[0, 1]], [[6, 7]]]
    assert to_numpy(second).tolist() == [[2, 3, 4, 5], [8, 9, 10, 11]]


def test_too_few_numbers_are_refused():
    with pytest.raises(InvalidArgumentError, match="3 numbers of noise"):
        normal_noise((5, 4), seed=given(3, count=5))


def test_uniform_numbers_are_uniform(to_numpy):
    found = to_numpy(uniform_noise((COUNT, 1), -1.0, 3.0, seed=given(1)))[:, 0]
    assert stats.kstest(found, stats.uniform(-1, 4).cdf).pvalue > 1e-3


def test_extreme_numbers_stay_inside_the_interval(to_numpy):
    noise = GivenNoise(ops.convert_to_tensor(np.array([[-30.0], [30.0]], "float32")))
    found = to_numpy(uniform_noise((2, 1), seed=noise))
    assert 0.0 < found.min() < 1e-6
    assert 1.0 - 1e-6 < found.max() < 1.0


def test_choices_have_their_probabilities(to_numpy):
    p = np.array([0.2, 0.5, 0.3])
    found = to_numpy(choice_noise(ops.convert_to_tensor(np.log(p).astype("float32")), COUNT, given(1)))
    assert stats.chisquare(np.bincount(found, minlength=3), COUNT * p).pvalue > 1e-3


@pytest.mark.parametrize(
    ("distribution", "columns", "expected"),
    [
        (d.Normal(np.full((1, 1), 2.0), np.full((1, 1), np.log(9.0))), 1, stats.norm(2, 3)),
        (d.Laplace(np.full((1, 1), 2.0), np.full((1, 1), np.log(3.0))), 1, stats.laplace(2, 3)),
    ],
)
def test_draws_follow_their_distribution(distribution, columns, expected, to_numpy):
    found = to_numpy(distribution.sample(COUNT, given(columns)))[:, 0, 0]
    assert stats.kstest(found, expected.cdf).pvalue > 1e-3


def test_draws_of_classes_follow_their_probabilities(to_numpy):
    p = np.array([0.1, 0.6, 0.3])
    logits = np.broadcast_to(np.log(p).astype("float32"), (COUNT, 1, 3))
    found = to_numpy(d.Categorical(logits).sample(seed=given(3)))[:, 0].astype(int)
    assert stats.chisquare(np.bincount(found, minlength=3), COUNT * p).pvalue > 1e-3


def test_a_mixture_chooses_and_draws_independently(to_numpy):
    components = d.Normal(np.array([[-5.0], [5.0]], "float32"), np.zeros((2, 1), "float32"))
    mixture = d.Mixture(np.log([0.25, 0.75]).astype("float32"), components)
    found = to_numpy(mixture.sample(COUNT, given(3)))[:, 0, 0]
    assert np.mean(found > 0) == pytest.approx(0.75, abs=0.015)
    assert stats.kstest(found[found > 0] - 5.0, stats.norm.cdf).pvalue > 1e-3


def test_directions_are_even_on_the_sphere(to_numpy):
    found = to_numpy(d.UniformSphere(3).sample(COUNT, given(3)))[:, 0]
    assert np.linalg.norm(found, axis=-1) == pytest.approx(1.0, abs=1e-5)
    # On the sphere of three dimensions each coordinate is uniform (Archimedes).
    assert stats.kstest(found[:, 1], stats.uniform(-1, 2).cdf).pvalue > 1e-3


def test_the_likeliest_class_stands_for_a_column_of_classes(to_numpy):
    numbers = d.Normal(np.full((1, 1), 1.5, "float32"), np.zeros((1, 1), "float32"))
    classes = d.Categorical(np.log([[[0.45, 0.1, 0.45 + 1e-3]]]).astype("float32"))
    assert to_numpy(d.Mixed([numbers, classes], [1, 1]).typical).tolist() == [[1.5, 2.0]]
