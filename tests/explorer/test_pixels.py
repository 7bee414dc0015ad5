import base64
import io

import numpy as np
import pytest
from PIL import Image

from keras_vae.explorer import pixels
from keras_vae.plots.canvas import pixels_of


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (5, 6, 8, 3), dtype="uint8")


def test_packed_holds_all_of_them(images):
    packed = pixels.packed(images)
    found = np.frombuffer(base64.b64decode(packed["pixels"]), "uint8").reshape(packed["shape"])
    np.testing.assert_array_equal(found, images)


def test_a_sheet_is_filled_row_by_row(images):
    sheet = np.asarray(Image.open(io.BytesIO(pixels.sheet(images, 2))))
    assert sheet.shape == (18, 16, 3)
    np.testing.assert_array_equal(sheet[6:12, 8:], images[3])
    assert not sheet[12:, 8:].any()


def test_an_animation_goes_there_and_back(images):
    with Image.open(io.BytesIO(pixels.animation(images))) as found:
        assert found.n_frames == 8
        assert found.info["loop"] == 0
        assert found.size == (304, 228)


def test_a_strip_is_large_enough_to_look_at(images):
    with Image.open(io.BytesIO(pixels.strip(images[..., :1]))) as found:
        assert found.size == (5 * 8 * 38, 6 * 38)


def test_smaller_keeps_proportions_and_leaves_small_ones_alone(images):
    assert pixels.smaller(images, 4).shape == (5, 3, 4, 3)
    assert pixels.smaller(images, 8) is images


def test_shades_of_what_are_no_colours_are_grey():
    assert pixels_of(np.ones((2, 3, 3, 5)), (0.0, 2.0)).tolist()[0][0][0] == [128]
    assert pixels_of(np.ones((2, 3, 3, 4)), (0.0, 1.0)).shape == (2, 3, 3, 3)
