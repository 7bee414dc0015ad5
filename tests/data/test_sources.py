"""Data sets: what is loaded, and what is refused."""

import keras
import numpy as np
import pytest

from keras_vae import data
from keras_vae.data import Batches, Dataset, Rescale
from keras_vae.errors import DataError, DataNotFoundError, DownloadError, UnknownNameError


def arrays(**changes):
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8), dtype="uint8")
    labels = np.arange(20) % 5
    return {
        "x_train": images[:15],
        "y_train": labels[:15],
        "x_test": images[15:],
        "y_test": labels[15:],
    } | (changes)


def test_mnist_5k_is_split_evenly_and_always_alike():
    one, two = data.load("mnist-5k"), data.load("mnist-5k")
    assert one.fingerprint == two.fingerprint
    assert one.x_train.dtype == np.uint8
    assert np.bincount(one.y_train).tolist() == [450] * 10
    assert np.bincount(one.y_test).tolist() == [50] * 10
    rows = {image.tobytes() for image in one.x_train} & {image.tobytes() for image in one.x_test}
    assert not rows


def test_an_npz_file_is_loaded_as_it_is(tmp_path):
    content = arrays()
    np.savez_compressed(tmp_path / "my digits ü.npz", **content)
    loaded = data.load(tmp_path / "my digits ü.npz")
    assert loaded.event_shape == (8, 8, 1)
    np.testing.assert_array_equal(loaded.x_train[..., 0], content["x_train"])
    np.testing.assert_array_equal(loaded.y_test, content["y_test"])


@pytest.mark.parametrize(
    ("images", "labels"), [("x", "y"), ("images", "labels"), ("x", None), ("faces", None)]
)
def test_an_npz_file_without_splits_is_split_by_content(images, labels, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (100, 6, 7), dtype="uint8")
    number = np.arange(100)
    np.save(tmp_path / "alone.npy", pixels)
    arrays = {images: pixels} | ({labels: number, "angle": number / 7} if labels else {})
    np.savez(tmp_path / "whole.npz", **arrays)
    loaded, alone = data.load(tmp_path / "whole.npz"), data.load(tmp_path / "alone.npy")
    for split in ("train", "test"):
        found = getattr(loaded, f"x_{split}")
        np.testing.assert_array_equal(found, getattr(alone, f"x_{split}"))
        if labels:
            np.testing.assert_array_equal(pixels[getattr(loaded, f"y_{split}")], found[..., 0])
            columns = loaded.columns(split)
            np.testing.assert_array_equal(columns["angle"], columns["label"] / 7)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"one": np.zeros((30, 4, 4)), "two": np.zeros(30)},
            "must hold the arrays x_train, .*Found: one, two",
        ),
        ({"x_train": np.zeros((30, 4, 4)), "x_test": np.zeros((30, 4, 4))}, "Missing: y_train, y_test"),
        ({}, "must hold the arrays.*Found: none"),
        (
            {"x": np.zeros((30, 4, 4)), "y": np.zeros(29, int)},
            r"'y' must hold one number for each of the 30 ",
        ),
        ({"x": np.zeros((30, 4, 4)), "weight": np.zeros((30, 2))}, r"'weight' must hold.*shape \(30, 2\)"),
        ({"x": np.zeros((30, 4, 4)), "label": np.zeros(30)}, "all 30 images are in one split"),
        ({"points": np.zeros((30, 2))}, r"must be images.*Found shape \(30, 2\)"),
        ({"y": np.zeros(30, int)}, r"must be images.*Found shape \(30,\)"),
        ({"x": np.array(3.0)}, r"must be images.*Found shape \(\)"),
        ({"x": np.full((30, 4, 4), "a")}, "must hold numbers"),
    ],
)
def test_npz_files_of_other_arrays_are_refused(arrays, message, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=message):
        data.load(tmp_path / "a.npz")


def test_mnist_is_found_through_the_environment(tmp_path, monkeypatch):
    np.savez(tmp_path / "mnist.npz", **arrays())
    monkeypatch.setenv("KERAS_VAE_MNIST", str(tmp_path / "mnist.npz"))
    assert data.load("mnist").x_train.shape == (15, 8, 8, 1)


@pytest.mark.needs_mnist
def test_the_full_mnist():
    mnist = data.load("mnist")
    assert (mnist.x_train.shape, mnist.x_test.shape) == ((60000, 28, 28, 1), (10000, 28, 28, 1))
    assert mnist.y_test[:5].tolist() == [7, 2, 1, 0, 4]


def test_a_download_that_fails_names_what_needs_none(monkeypatch):
    def offline():
        raise Exception("URL fetch failure: no route to host")  # what Keras raises

    monkeypatch.delenv("KERAS_VAE_MNIST", raising=False)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", offline)
    with pytest.raises(DownloadError, match="mnist-5k, which needs no download"):
        data.load("mnist")


def test_mnist_goes_through_keras_datasets(monkeypatch):
    content = arrays()
    monkeypatch.delenv("KERAS_VAE_MNIST", raising=False)
    monkeypatch.setattr(
        keras.datasets.mnist,
        "load_data",
        lambda: ((content["x_train"], content["y_train"]), (content["x_test"], content["y_test"])),
    )
    assert data.load("mnist").name == "mnist"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_train": np.arange(14)}, "15 images and y_train 14 labels"),
        ({"x_test": np.zeros((5, 8, 9), "uint8")}, r"\(8, 8, 1\) uint8 and \(8, 9, 1\) uint8"),
        ({"x_test": np.zeros((5, 8, 8))}, "of one shape and type"),
        ({"x_train": np.zeros((15, 64), "uint8")}, r"must be images.*Found shape \(15, 64\)"),
        ({"x_train": np.zeros((0, 8, 8), "uint8"), "y_train": np.zeros(0, int)}, "at least one"),
        ({"x_train": np.full((15, 8, 8), np.nan)}, "NaN or infinity in 15 of 15 images"),
        ({"x_train": np.full((15, 8, 8), "a")}, "must hold numbers"),
        ({"y_test": np.zeros((5, 2), int)}, "row of integer labels"),
        ({"y_test": np.zeros(5)}, "type float64"),
        ({"columns_train": {"age": np.zeros(15)}}, "Only one of them has: age"),
        ({"columns_train": {"age": np.zeros(14)}}, r"'age' of train.*15 images. Found shape \(14,\)"),
        ({"columns_test": {"age": np.full(5, "a")}}, "'age' of test must hold one number"),
        ({"columns_train": {"label": np.zeros(15)}}, "may not be called 'label'"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(DataError, match=message):
        Dataset("mine", **arrays(**changes))


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"nowhere\.npz"):
        data.load(tmp_path / "nowhere.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(DataError, match="cannot be read"):
        data.load(tmp_path / "text.npz")
    np.savez(tmp_path / "partial.npz", x_train=np.zeros(3), other=np.zeros(2))
    with pytest.raises(DataError, match=r"Missing: y_train, x_test, y_test\. Found: x_train, other"):
        data.load(tmp_path / "partial.npz")
    np.savez(tmp_path / "pickle.npz", **arrays(y_train=np.array([{}] * 15)))
    with pytest.raises(DataError, match="cannot be read"):
        data.load(tmp_path / "pickle.npz")
    np.save(tmp_path / "single.npy", np.zeros(3))
    (tmp_path / "single.npy").rename(tmp_path / "single.npz")
    with pytest.raises(DataError, match="cannot be read"):
        data.load(tmp_path / "single.npz")
    whole = tmp_path / "whole.npz"
    np.savez_compressed(whole, **arrays())
    (tmp_path / "torn.npz").write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(DataError, match="cannot be read"):
        data.load(tmp_path / "torn.npz")


def test_an_unknown_name_lists_the_near_ones():
    with pytest.raises(UnknownNameError, match="Did you mean 'mnist-5k' or 'mnist'"):
        data.load("mnist5k")


def test_the_fingerprint_notices_one_pixel():
    content = arrays()
    before = Dataset("a", **content).fingerprint
    content["x_test"] = content["x_test"].copy()
    content["x_test"][0, 0, 0] ^= 1
    assert Dataset("a", **content).fingerprint != before


def test_batches_cover_the_data_in_a_new_order_each_epoch():
    def epochs(seed):
        batches = Batches(np.arange(50)[:, None], batch_size=16, seed=seed)
        for _ in range(3):
            batches.on_epoch_begin()
            yield np.concatenate([batches[i] for i in range(len(batches))])[:, 0].tolist()

    first, second, third = epochs(0)
    assert sorted(first) == sorted(second) == list(range(50))
    assert len({tuple(first), tuple(second), tuple(third)}) == 3
    assert [first, second, third] == list(epochs(0))
    assert first != next(epochs(1))


@pytest.mark.mathematics
def test_rescaling_is_reversible(to_numpy):
    pixels = np.arange(256, dtype="uint8")[:, None]
    for target in ((0, 1), (-1, 1), (2, 10)):
        rescale = Rescale.between((0, 255), target)
        scaled = to_numpy(rescale(pixels))
        np.testing.assert_allclose([scaled.min(), scaled.max()], target, atol=1e-6)
        np.testing.assert_array_equal(np.round(to_numpy(rescale.inverse(scaled))), pixels)
