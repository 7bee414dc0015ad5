"""Black and white from grey values: once, and alike wherever an image is."""

import json

import numpy as np
import pytest
from PIL import Image

from keras_vae import data, runs
from keras_vae.data import Dataset, DiskArray, binarize, binarized
from keras_vae.data.fixed_noise import fixed_uniforms
from keras_vae.errors import DataError, UnknownNameError

GREY = np.random.default_rng(0).integers(0, 256, (60, 9, 10, 1), dtype="uint8")
TABLE = "a,b\n" + "".join(f"{i % 11},{i % 7}\n" for i in range(200))
FAST = {"recipe": "dense", "latent_dim": 2, "epochs": 1, "batch_size": 32, "precision": "float32"}


def test_fixed_noise_is_the_same_for_ever():
    """Of the bits of PCG64, whose doubles NumPy makes in the same way."""
    np.testing.assert_array_equal(fixed_uniforms(0, (4, 5)), np.random.default_rng(0).random((4, 5)))
    assert fixed_uniforms([1, 2], (2,)).tolist() != fixed_uniforms([2, 1], (2,)).tolist()


def test_a_threshold_is_half_of_white():
    for dtype, white in (("uint8", 255), ("uint16", 65535), ("float32", 1)):
        levels = (np.array([0, 0.49, 0.51, 1]) * white).astype(dtype).reshape(1, 2, 2, 1)
        found = binarize(levels, "threshold")
        assert found.dtype == np.uint8
        assert found.ravel().tolist() == [0, 0, 255, 255]


def test_samples_are_white_as_often_as_they_are_bright():
    """Of n independent pixels of brightness p, the number of white ones has variance n p (1 − p)."""
    for level in (0, 30, 128, 220, 255):
        images = np.full((200, 10, 10, 1), level, "uint8")
        images[:, 0, 0, 0] = np.arange(200)  # no two are alike
        white = binarize(images, "sampled")[:, 1:] == 255
        p = level / 255
        assert abs(white.mean() - p) <= 4 * np.sqrt(p * (1 - p) / white.size)
    # And independently of their neighbours.
    images = np.full((500, 8, 8, 1), 128, "uint8")
    images[:, 0, 0, 0] = np.arange(500) % 256
    pixels = (binarize(images[:250], "sampled").reshape(250, -1)[:, 1:] == 255).astype(float)
    off_diagonal = np.corrcoef(pixels.T)[np.triu_indices(63, 1)]
    assert off_diagonal.std() == pytest.approx(1 / np.sqrt(250), rel=0.1)


def test_the_same_image_is_drawn_alike_wherever_it_is():
    order = np.random.default_rng(1).permutation(60)
    drawn = binarize(GREY, "sampled")
    np.testing.assert_array_equal(binarize(GREY[order], "sampled"), drawn[order])
    np.testing.assert_array_equal(binarize(GREY[7:8], "sampled"), drawn[7:8])
    other = GREY.copy()
    other[7, 0, 0, 0] ^= 1
    assert (binarize(other, "sampled")[7] != drawn[7]).any()


def test_a_built_in_name_is_binarised_and_says_so():
    grey, drawn = data.load("mnist-5k"), data.load("mnist-5k", binarize="sampled")
    assert set(np.unique(drawn.x_test)) == {0, 255}
    assert drawn.x_train.shape == grey.x_train.shape
    assert drawn.reading == {"binarize": "sampled"}
    np.testing.assert_array_equal(drawn.y_test, grey.y_test)
    # Most pixels of a digit are black or white already.
    assert 0.01 < (drawn.x_test != binarize(grey.x_test, "threshold")).mean() < 0.1


def test_images_on_disk_stay_there():
    images = DiskArray((9, 10, 1), np.dtype("uint8"))
    images.append(GREY)
    labels = np.zeros(60, "int64")
    found = binarized(Dataset("disk", images, labels, GREY[:5], labels[:5]), "sampled")
    np.testing.assert_array_equal(found.x_train[:], binarize(GREY, "sampled"))
    np.testing.assert_array_equal(found.x_test, found.x_train[:5])


def test_what_cannot_be_binarised_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    with pytest.raises(DataError, match=r"Images can be binarised, and .*t\.csv is a table"):
        data.load(tmp_path / "t.csv", binarize="sampled")
    with pytest.raises(UnknownNameError, match="Did you mean 'threshold'"):
        data.load("mnist-5k", binarize="treshold")
    floats = np.linspace(-1, 1, 120).reshape(30, 2, 2)
    labels = np.zeros(30, "int64")
    with pytest.raises(DataError, match=r"numbers: Numbers to binarise .* Found: float32 from -1 to 1"):
        binarized(Dataset("numbers", floats, labels, floats, labels), "threshold")


def save_images(path, images):
    path.mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image[..., 0]).save(path / f"{number:02}.png")


def test_a_run_binarises_its_data_again(tmp_path):
    labels = np.zeros(60, "int64")
    arrays = {"x_train": GREY[:40], "y_train": labels[:40], "x_test": GREY[40:], "y_test": labels[40:]}
    np.savez(tmp_path / "images.npz", **arrays)
    save_images(tmp_path / "images", GREY)
    trained_on = data.load(tmp_path / "images", binarize="sampled")
    run = runs.train(trained_on, tmp_path / "run", runs.Settings(**FAST))
    assert json.loads((run.folder / "run.json").read_text())["data"]["reading"]["binarize"] == "sampled"
    again = runs.Run(run.folder)
    np.testing.assert_array_equal(again.data().x_test[:], trained_on.x_test[:])
    # Others are binarised alike: here the same images, which are black and white in the same places.
    drawn = binarize(GREY, "sampled")
    np.testing.assert_array_equal(again.data(tmp_path / "images.npz").x_train, drawn[:40])
    np.testing.assert_array_equal(again.items(tmp_path / "images").x[:], drawn)


def test_a_run_of_old_reads_grey_values(blobs_run, blobs):
    assert "binarize" not in blobs_run.description["data"]["reading"]
    np.testing.assert_array_equal(blobs_run.data().x_test, blobs.x_test)


def test_the_command_binarises_and_refuses_tables(vae, blobs_npz, tmp_path):
    train = ("train", blobs_npz, "--epochs", 1, "--recipe", "dense", "--quiet", "--out", tmp_path / "run")
    assert vae(*train, "--binarize", "sampled")[0] == 0
    assert set(np.unique(runs.Run(tmp_path / "run").data().x_test)) == {0, 255}
    (tmp_path / "t.csv").write_text(TABLE)
    code, out, err = vae("train", tmp_path / "t.csv", "--binarize", "sampled", "--out", tmp_path / "no")
    assert (code, out, "is a table" in err) == (2, "", True)
    assert not (tmp_path / "no").exists()
