"""What the tests share: small data, small models, and figures as NumPy arrays."""

import os
import sys
from pathlib import Path

import keras
import matplotlib as mpl
import numpy as np
import pytest

import keras_vae
from keras_vae.data import Dataset, Rescale
from keras_vae.networks import convolutional_decoder, convolutional_encoder
from tests.chromium import audit, chromium, visit
from tests.hub_server import hub
from tests.people import conditional_people_run, people_files, people_run

__all__ = [
    "audit",
    "chromium",
    "conditional_people_run",
    "hub",
    "people_files",
    "people_run",
    "visit",
]

mpl.use("agg")


def pytest_collection_modifyitems(items):
    """Tests that need the full MNIST are skipped by name where it is absent."""
    path = os.environ.get("KERAS_VAE_MNIST")
    if path and Path(path).is_file():
        return
    for item in items:
        if item.get_closest_marker("needs_mnist"):
            item.add_marker(pytest.mark.skip(reason="KERAS_VAE_MNIST names no file"))


@pytest.fixture
def vae(monkeypatch, capfd):
    """Run the command in this process: its exit code, standard output and standard error."""
    from keras_vae.cli.app import main

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["vae", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        out, err = capfd.readouterr()
        return stopped.value.code or 0, out, err

    return run


@pytest.fixture
def to_numpy():
    """A tensor of any back end as a NumPy array."""
    return keras.ops.convert_to_numpy


@pytest.fixture(scope="session")
def blobs():
    """96 + 32 images of 12 × 12 with one bright square: its quarter is the label, how far it is shifted to
    the right there is the column `shift`. Quick to learn.
    """
    generator = np.random.default_rng(0)
    labels = np.arange(128) % 4
    images = generator.integers(0, 30, (128, 12, 12), dtype="uint8")
    shift = np.zeros(128, "float32")
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        top, left = 6 * (label // 2) + generator.integers(0, 3), 6 * (label % 2) + generator.integers(0, 3)
        shift[i] = left % 6
        image[top : top + 3, left : left + 3] = 230
    columns = {"shift": shift[:96]}, {"shift": shift[96:]}
    return Dataset("blobs", images[:96], labels[:96], images[96:], labels[96:], *columns)


@pytest.fixture
def make_vae():
    """A small VAE for `blobs`; arguments are those of `VAE`."""

    def make(filters=(4, 8), **kwargs):
        arguments = {"latent_dim": 2, "preprocessing": Rescale.between((0, 255), (0, 1)), "seed": 0}
        return keras_vae.VAE(
            convolutional_encoder(filters, 16, seed=1),
            convolutional_decoder((12, 12, 1), filters[::-1], seed=2),
            **(arguments | kwargs),
        )

    return make


@pytest.fixture(scope="session")
def blobs_npz(blobs, tmp_path_factory):
    """The path of `blobs` as an `.npz` file."""
    path = tmp_path_factory.mktemp("data") / "blobs.npz"
    arrays = {name: getattr(blobs, name) for name in ("x_train", "y_train", "x_test", "y_test")}
    shift = {"shift_train": blobs.columns_train["shift"], "shift_test": blobs.columns_test["shift"]}
    np.savez(path, **arrays, **shift)
    return path


@pytest.fixture(scope="session")
def conditional_run(blobs_npz, tmp_path_factory):
    """A finished run on `blobs` that is conditional on the label and the shift, with β warmed up."""
    from keras_vae import data, runs

    settings = runs.Settings(
        recipe="dense",
        latent_dim=2,
        conditions=("label", "shift"),
        schedules=("beta:start=0,end=0.5,epochs=5",),
        epochs=40,
        batch_size=32,
        precision="float32",
    )
    folder = tmp_path_factory.mktemp("runs") / "conditional"
    return runs.train(data.load(blobs_npz), folder, settings)


@pytest.fixture(scope="session")
def blobs_run(blobs_npz, tmp_path_factory):
    """A finished run on `blobs`."""
    from keras_vae import data, runs

    settings = runs.Settings("article", epochs=2, batch_size=32, precision="float32")
    return runs.train(data.load(blobs_npz), tmp_path_factory.mktemp("runs") / "blobs", settings)


@pytest.fixture(scope="session")
def table_run(tmp_path_factory):
    """A run on a table that only has to be there."""
    from keras_vae import data, runs
    from tests.samples import people

    folder = tmp_path_factory.mktemp("tables")
    data.write_table(folder / "people.csv", people(200, seed=1))
    settings = runs.Settings("table", epochs=1, precision="float32")
    return runs.train(data.load(folder / "people.csv"), folder / "run", settings)
