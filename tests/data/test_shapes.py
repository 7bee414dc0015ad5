"""The data set that is rendered from known factors."""

import itertools

import numpy as np
import pytest

from keras_vae import data
from keras_vae.data.shapes import FACTORS, SHAPES


@pytest.fixture(scope="module")
def shapes():
    return data.load("shapes")


def test_every_combination_of_factors_is_there_once(shapes):
    """3 shapes × 4 scales × 4 angles × 6 × 6 places × 6 hues are 10,368 images, a fifth for testing."""
    assert (len(shapes.x_train), len(shapes.x_test)) == (8295, 2073)
    assert (shapes.event_shape, shapes.x_test.dtype.name) == ((32, 32, 3), "uint8")
    assert shapes.label_names == SHAPES
    columns = {
        name: np.concatenate([shapes.columns("train")[name], shapes.columns("test")[name]])
        for name in shapes.columns("train")
    }
    assert set(columns) == {"label", *FACTORS} - {"shape"}
    rows = np.stack([columns["label" if name == "shape" else name] for name in FACTORS], axis=1)
    assert sorted(map(tuple, rows)) == sorted(itertools.product(*FACTORS.values()))


def test_no_two_images_are_equal(shapes):
    images = np.concatenate([shapes.x_train, shapes.x_test])
    assert len({image.tobytes() for image in images}) == len(images) == len(data.factor_grid())


def test_an_image_s_row_of_factors_is_what_it_was_rendered_from(shapes):
    for split in ("train", "test"):
        columns = {"shape": shapes.columns(split)["label"], **shapes.columns(split)}
        factors = np.stack([columns[name][::40] for name in FACTORS], axis=1)
        np.testing.assert_array_equal(data.render_shapes(factors), getattr(shapes, f"x_{split}")[::40])


def test_the_factors_are_what_is_seen():
    """The area is scale², the middle of the square and the ellipse is their place, the hue their colour."""
    factors = data.factor_grid()
    images = data.render_shapes(factors) / 255.0
    mask = images.max(axis=-1)
    np.testing.assert_allclose(mask.sum(axis=(1, 2)) / factors[:, 1] ** 2, 1.0, atol=0.06)
    round_ones = factors[:, 0] < 2
    middles = np.arange(32) + 0.5
    weights = mask[round_ones] / mask[round_ones].sum(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(
        (weights.sum(axis=1) * middles).sum(axis=1), factors[round_ones, 3], atol=0.06
    )
    np.testing.assert_allclose(
        (weights.sum(axis=2) * middles).sum(axis=1), factors[round_ones, 4], atol=0.06
    )
    assert (images[factors[:, 5] == 0][..., 1:] == 0).all()
    assert (images[factors[:, 5] == 240][..., :2] == 0).all()


def test_turning_is_anticlockwise_and_the_heart_s_tip_is_below():
    """Turned by 90°, the picture is `np.rot90` of itself, which turns anticlockwise."""
    upright, turned = data.render_shapes(np.array([[2, 11, 0, 16, 16, 0], [2, 11, 90, 16, 16, 0]]))
    np.testing.assert_array_equal(np.rot90(upright), turned)
    widths = (upright[..., 0] > 0).sum(axis=1)
    rows = np.flatnonzero(widths)
    assert widths[rows[0]] > widths[rows[-1]]
    assert widths.argmax() < 16


def test_shapes_lie_inside_the_image_and_between_values(shapes):
    """The largest reaches 0.73 · 11 = 8.0 pixels from its middle, and that is 8.5 from the edge or more."""
    for edge in (
        shapes.x_train[:, 0],
        shapes.x_train[:, :, 0],
        shapes.x_train[:, -1],
        shapes.x_train[:, :, -1],
    ):
        assert edge.max() <= 128
    between = data.render_shapes(np.array([[0, 8, 10, 12, 13, 20]]))[0]
    assert 55 < (between.max(axis=-1) / 255).sum() < 73


def test_the_images_are_the_same_for_ever(shapes):
    """Their brightness and the first rows of the split, as they were when the data set was made."""
    assert data.load("shapes").fingerprint == shapes.fingerprint
    assert (shapes.x_train.mean(), shapes.x_test.mean()) == pytest.approx((8.0307, 8.0007), abs=2e-4)
    by_scale = [shapes.x_train[shapes.columns_train["scale"] == scale].mean() for scale in FACTORS["scale"]]
    assert by_scale == pytest.approx([2.9116, 5.6879, 9.4484, 14.0478], abs=2e-4)
    assert shapes.y_test[:8].tolist() == [1, 0, 0, 1, 0, 0, 2, 1]
    assert shapes.columns_test["hue"][:8].tolist() == [48, 144, 144, 48, 240, 240, 96, 240]
