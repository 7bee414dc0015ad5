import numpy as np
import pytest

from keras_vae.errors import InvalidArgumentError
from keras_vae.explorer.plane import Plane


def _codes(dimensions, count=2000, seed=0):
    generator = np.random.default_rng(seed)
    return (generator.normal(size=(count, dimensions)) * np.linspace(3, 0.5, dimensions)).astype("float32")


@pytest.mark.parametrize("units", [None, (0, 1), (4, 2)])
def test_the_code_of_a_place_lies_there(units):
    plane = Plane(_codes(5), units)
    places = plane.grid(7)
    np.testing.assert_allclose(plane.project(plane.codes_at(places)), places, atol=1e-4)


def test_two_latents_are_their_own_plane():
    codes = _codes(2)
    plane = Plane(codes)
    np.testing.assert_array_equal(plane.points, codes)
    assert plane.names == ("z1", "z2")
    np.testing.assert_allclose(plane.codes_at(codes[:10]), codes[:10], atol=1e-5)


def test_a_single_latent_lies_on_the_diagonal():
    codes = _codes(1)
    plane = Plane(codes)
    np.testing.assert_array_equal(plane.points, np.repeat(codes, 2, axis=1))
    np.testing.assert_allclose(plane.codes_at(plane.points), codes, atol=1e-5)


def test_components_are_those_of_scikit_learn():
    from sklearn.decomposition import PCA

    codes = _codes(6)
    found = PCA(2).fit_transform(codes)
    points = Plane(codes).points
    signs = np.sign((found * points).sum(axis=0))
    np.testing.assert_allclose(points, found * signs, atol=1e-3)


def test_directions_that_the_plane_leaves_open_are_those_of_the_items_around():
    generator = np.random.default_rng(0)
    left, right = (
        generator.normal(size=(500, 3)) * [0.3, 1.0, 0.1] + [side, 0.0, height]
        for side, height in ((-5, 2.0), (5, -2.0))
    )
    plane = Plane(np.concatenate([left, right]).astype("float32"), units=(0, 1))
    found = plane.codes_at(np.array([[-5.0, 0.0], [5.0, 0.0]]))
    np.testing.assert_allclose(found[:, 2], [2.0, -2.0], atol=0.1)


def test_codes_stay_on_the_sphere():
    codes = _codes(4)
    codes /= np.linalg.norm(codes, axis=1, keepdims=True)
    plane = Plane(codes, on_sphere=True)
    np.testing.assert_allclose(np.linalg.norm(plane.codes_at(plane.grid(5)), axis=1), 1.0, atol=1e-6)


def test_all_items_lie_within():
    plane = Plane(_codes(3))
    low, high = plane.extent
    assert (low < plane.points).all()
    assert (plane.points < high).all()


def test_items_that_are_all_alike_have_a_plane():
    plane = Plane(np.ones((10, 4), "float32"))
    assert np.isfinite(plane.codes_at(plane.grid(3))).all()


def test_a_unit_that_is_none():
    with pytest.raises(InvalidArgumentError, match="units 1 to 3: 8 is none"):
        Plane(_codes(3), (0, 7))
