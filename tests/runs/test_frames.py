import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from keras_vae import data, runs
from keras_vae.runs.frames import turned


@pytest.fixture(scope="module")
def frames(blobs_npz, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "frames"
    dataset = data.load(blobs_npz)
    settings = runs.Settings("dense", latent_dim=3, epochs=3, batch_size=32, precision="float32")
    runs.train(dataset, folder, settings, [runs.Frames(folder, dataset)])
    return [json.loads(each.read_text()) for each in sorted((folder / "frames").iterdir())]


def test_each_epoch_has_one(frames):
    assert [each["epoch"] for each in frames] == [1, 2, 3]
    assert all(np.shape(each["points"]) == (32, 2) for each in frames)
    assert frames[0]["figures"]["val_loss"] > frames[-1]["figures"]["val_loss"]


def test_samples_are_a_picture(frames):
    with Image.open(io.BytesIO(base64.b64decode(frames[-1]["samples"]["png"]))) as picture:
        assert picture.size == (8 * 14 - 2, 4 * 14 - 2)


def test_they_change_nothing_of_the_training(blobs_npz, tmp_path, frames):
    settings = runs.Settings("dense", latent_dim=3, epochs=3, batch_size=32, precision="float32")
    run = runs.train(data.load(blobs_npz), tmp_path / "alone", settings)
    assert [each["figures"]["val_loss"] for each in frames] == run.history["val_loss"]


def test_the_plane_turns_back():
    points = np.random.default_rng(0).normal(size=(50, 2))
    angle = 2.1
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(points @ rotation @ turned(points @ rotation, points), points, atol=1e-12)


def test_rows_of_a_table(tmp_path):
    from tests.samples import people

    data.write_table(tmp_path / "people.csv", people(200, seed=1))
    dataset = data.load(tmp_path / "people.csv")
    settings = runs.Settings("table", epochs=1, precision="float32")
    runs.train(dataset, tmp_path / "run", settings, [runs.Frames(tmp_path / "run", dataset)])
    frame = json.loads((tmp_path / "run" / "frames" / "00001.json").read_text())
    assert frame["samples"]["columns"] == dataset.schema.names
    assert len(frame["samples"]["rows"]) == 8
