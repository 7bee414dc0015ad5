"""The Fréchet distance, by closed forms and by SciPy, and the features in which it is measured."""

import keras
import numpy as np
import pytest
from scipy import linalg

from keras_vae import data, tasks
from keras_vae.data.chosen import Chosen, choose
from keras_vae.errors import InvalidArgumentError
from keras_vae.tasks.frechet import frechet_distance, normal_distance
from keras_vae.tasks.image_features import RandomFeatures, image_features, strided_convolution

RNG = np.random.default_rng(0)


def covariance(rank, size=6):
    factor = RNG.normal(size=(size, rank))
    return factor @ factor.T


@pytest.fixture(scope="module")
def whole():
    return data.load("mnist-5k")


@pytest.fixture(scope="module")
def digits(whole):
    """Three hundred real digits twice over, and the features of the first."""
    x = whole.x_train
    first, second = x[::15], x[7::15]
    return first, second, image_features(first, (0, 255))


def test_the_distance_of_normals_on_one_set_of_axes_is_that_of_their_parameters():
    """With Σ₁ and Σ₂ diagonal, ‖μ₁ − μ₂‖² + Σ (σ₁ᵢ − σ₂ᵢ)²; here 3² + 4² + 1² + 2²."""
    mu_1, mu_2 = np.array([0.0, 1.0]), np.array([3.0, -3.0])
    sigma_1, sigma_2 = np.diag([2.0, 1.0]) ** 2, np.diag([1.0, 3.0]) ** 2
    assert normal_distance(mu_1, mu_2, sigma_1, sigma_2) == pytest.approx(30)
    draws = [RNG.normal(mu, [s[0, 0] ** 0.5, s[1, 1] ** 0.5], (100_000, 2))
             for mu, s in ((mu_1, sigma_1), (mu_2, sigma_2))]  # fmt: skip
    assert frechet_distance(*draws) == pytest.approx(30, rel=0.01)


def test_one_feature_is_enough():
    a, b = RNG.normal(size=(50, 1)), RNG.normal(2, 3, size=(70, 1))
    expected = (a.mean() - b.mean()) ** 2 + (a.std(ddof=1) - b.std(ddof=1)) ** 2
    assert frechet_distance(a, b) == pytest.approx(expected)


def test_the_distance_is_scipy_s_for_any_covariances():
    for _ in range(5):
        mu_1, mu_2, sigma_1, sigma_2 = *RNG.normal(size=(2, 6)), covariance(6), covariance(6)
        root = linalg.sqrtm(sigma_1 @ sigma_2)
        expected = ((mu_1 - mu_2) ** 2).sum() + np.trace(sigma_1 + sigma_2 - 2 * root.real)
        assert normal_distance(mu_1, mu_2, sigma_1, sigma_2) == pytest.approx(expected, rel=1e-9)


def test_singular_covariances_have_a_distance():
    """Normals on two lines at an angle: Tr (Σ₁Σ₂)^½ = σ₁ σ₂ |cos|; here 1 + 4 − 2 · 2 · ½."""
    u, v = np.array([1.0, 0.0]), np.array([0.5, np.sqrt(0.75)])
    zero = np.zeros(2)
    assert normal_distance(zero, zero, np.outer(u, u), 4 * np.outer(v, v)) == pytest.approx(3)
    few = RNG.normal(size=(4, 200))
    assert frechet_distance(few, few) == pytest.approx(0, abs=1e-9)
    with pytest.raises(InvalidArgumentError, match=r"at least 2 examples\. Received: 1 and 4"):
        frechet_distance(few[:1], few)


@pytest.mark.parametrize("shape", [(2, 9, 12, 3), (1, 8, 8, 5)])
def test_the_convolution_is_keras_s(shape, to_numpy):
    x, kernel = RNG.normal(size=shape), RNG.normal(size=(3, 3, shape[-1], 7))
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))).astype("float32")
    expected = keras.ops.conv(padded, kernel.astype("float32"), strides=2, padding="valid")
    np.testing.assert_allclose(strided_convolution(x, kernel), to_numpy(expected), rtol=1e-4, atol=1e-4)


def test_features_are_the_same_for_ever():
    """A white square on black; figures that no later release may change."""
    image = np.zeros((1, 28, 28, 1), "uint8")
    image[:, 8:20, 8:20] = 255
    features = image_features(image, (0, 255))
    assert features.shape == (1, 144)
    some = features[0, [0, 52, 100, 143]]
    np.testing.assert_allclose(some, [0.1146166, 0.04382975, 0.05698212, 0.910298], rtol=1e-5)


@pytest.mark.parametrize(
    ("shape", "num_features"),
    [((8, 8, 1), 96), ((28, 28, 1), 144), ((9, 40, 3), 96), ((64, 64, 3), 192), ((10, 10, 2), 96)],
)
def test_images_of_any_size_and_kind_have_features(shape, num_features):
    images = RNG.integers(0, 256, (3, *shape), dtype="uint8")
    assert RandomFeatures(shape, (0, 255))(images).shape == (3, num_features)


def test_features_do_not_depend_on_units_batches_or_a_grey_axis(digits):
    first, _, features = digits
    np.testing.assert_allclose(image_features(first / 255.0 * 2 - 1, (-1, 1)), features, atol=1e-5)
    np.testing.assert_allclose(image_features(np.repeat(first, 3, axis=-1), (0, 255)), features, atol=1e-5)
    np.testing.assert_allclose(image_features(first[4:5], (0, 255)), features[4:5], atol=1e-5)
    constant = image_features(np.full((2, 8, 8, 1), 7.0), (7.0, 7.0))
    assert np.isfinite(constant).all()


def test_images_too_small_are_refused():
    with pytest.raises(InvalidArgumentError, match=r"at least 8 × 8. Received: 9 × 7"):
        image_features(np.zeros((2, 7, 9, 1)), (0, 255))


def test_the_distance_grows_with_noise_and_is_least_for_real_images(digits):
    _, second, features = digits
    reference = frechet_distance(image_features(second, (0, 255)), features)
    noise = np.random.default_rng(1).normal(size=second.shape)
    found = [
        frechet_distance(image_features(second + deviation * noise, (0, 255)), features)
        for deviation in (0, 10, 30, 60, 120)
    ]
    assert found[0] == reference
    assert (np.diff(found) > 0).all()
    assert found[-1] > 50 * reference


def test_real_digits_are_nearer_than_fewer_kinds_of_them(digits, whole):
    first, second, features = digits
    few = whole.x_train[whole.y_train < 3][: len(first)]
    real = frechet_distance(image_features(second, (0, 255)), features)
    assert frechet_distance(image_features(few, (0, 255)), features) > 2 * real


def test_a_model_is_measured_by_its_samples(blobs_run, blobs):
    model = blobs_run.model
    found = tasks.frechet(model, blobs.x_test, blobs.x_train, blobs.value_range, seed=3)
    assert found == tasks.frechet(model, blobs.x_test, blobs.x_train, blobs.value_range, seed=3)
    assert found.num_images == 32
    test = image_features(blobs.x_test, blobs.value_range)
    samples = image_features(tasks.sample(model, 32, seed=3), blobs.value_range)
    assert found.distance == pytest.approx(frechet_distance(samples, test))
    train = image_features(blobs.x_train[data.spread(96, 32)], blobs.value_range)
    assert found.reference == pytest.approx(frechet_distance(train, test))
    assert found.distance > found.reference
    assert "never with published FIDs" in found.space


def test_a_conditional_model_is_asked_for_the_conditions_of_the_test_images(conditional_run, blobs):
    model = conditional_run.model
    inputs = blobs.inputs("test", model.condition_names)
    asked = tasks.frechet(model, inputs, blobs.inputs("train", model.condition_names), blobs.value_range)
    columns = {name: inputs[name] for name in model.condition_names}
    samples = image_features(tasks.sample(model, 32, 0, columns), blobs.value_range)
    test = image_features(blobs.x_test, blobs.value_range)
    assert asked.distance == pytest.approx(frechet_distance(samples, test))


def test_chosen_rows_are_those_of_the_array():
    x = {"x": np.arange(24).reshape(6, 4), "label": np.arange(6)}
    rows = np.array([0, 3, 5])
    some = choose(x, rows)
    np.testing.assert_array_equal(some["x"][:], x["x"][rows])
    np.testing.assert_array_equal(some["x"][1:], x["x"][[3, 5]])
    np.testing.assert_array_equal(some["label"][[2, 0]], [5, 0])
    assert (len(some["x"]), some["x"].shape, some["x"].ndim) == (3, (3, 4), 2)
    assert isinstance(choose(x["x"], rows), Chosen)
