"""`vae score`: figures with names, thresholds that are kept, and pictures of where."""

import json
import shutil

import numpy as np
import pyarrow.csv
import pytest

from keras_vae import runs, tasks


@pytest.fixture
def run(blobs_run, tmp_path):
    """A copy of a finished run, to write into."""
    shutil.copytree(blobs_run.folder, tmp_path / "run")
    return tmp_path / "run"


def test_every_item_gets_its_scores_with_its_name(vae, run):
    code, out, err = vae("score", run)
    assert (code, err) == (0, "")
    assert "called anomalies" in out
    table = pyarrow.csv.read_csv(run / "tables" / "score.csv")
    names = "number split label score reconstruction kl p_value anomaly"
    assert table.column_names == names.split()
    assert table.num_rows == 128
    finished = runs.Run(run)
    expected = tasks.score(finished.model, finished.data().x_test)
    is_test = np.array(table["split"]) == "test"
    np.testing.assert_allclose(np.array(table["score"])[is_test], expected.score, rtol=0, atol=1e-5)
    np.testing.assert_allclose(np.array(table["p_value"])[is_test], expected.p_value)
    assert np.array_equal(np.array(table["anomaly"]), np.array(table["p_value"]) <= 0.05)
    # The 32 test images calibrated it, and each counts itself: the strangest has 2 of 33, the next 3.
    assert sorted(np.array(table["p_value"])[is_test])[:2] == pytest.approx([2 / 33, 3 / 33])


def test_a_calibration_with_other_data_is_kept(vae, run, blobs, tmp_path):
    np.save(tmp_path / "ordinary.npy", blobs.x_train)
    np.save(tmp_path / "new.npy", np.concatenate([blobs.x_test[:20], 255 - blobs.x_test[:3]]))
    command = ("score", run, tmp_path / "new.npy", "--json", "--false-alarm-rate", 0.02)
    code, _, err = vae(*command)
    assert code == 2
    assert "takes 49 ordinary examples to calibrate with, and this model was calibrated with 32" in err
    code, out, _ = vae(*command, "--calibrate", tmp_path / "ordinary.npy", "--method", "importance")
    first = json.loads(out)
    assert code == 0
    assert first["settings"] == {"method": "importance", "num_samples": 16, "seed": 0}
    assert {each["number"] for each in first["strangest"][:3]} == {20, 21, 22}
    assert first["anomalies"] >= 3
    assert len(runs.Run(run).model.calibration) == 96
    assert json.loads(vae(*command)[1]) == first


def test_another_method_calibrates_with_the_run_s_own_data(vae, run):
    code, out, _ = vae("score", run, "--method", "density", "--json")
    assert code == 0
    assert json.loads(out)["settings"]["method"] == "density"
    calibration = runs.Run(run).model.calibration
    assert len(calibration) == 32
    assert calibration.density.latent_dim == 2


@pytest.mark.parametrize("name", ["where.png", "where.npy"])
def test_the_map_is_a_picture_or_all_shares(vae, run, tmp_path, name):
    assert vae("score", run, "--map", tmp_path / name, "--quiet") == (0, "", "")
    if name.endswith(".npy"):
        assert np.load(tmp_path / name).shape == (128, 12, 12, 1)
    else:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--method", "bond"], "Unknown method of scoring 'bond'"),
        (["--false-alarm-rate", "1.5"], "between 0 and 1"),
        (["--map", "where.csv"], "drawn, or written as .npy"),
        (["--map", "where.txt"], "--map where.txt: files end in"),
        (["--out", "scores.png"], "files end in .csv"),
        (["--num-samples", "0"], "num_samples must be a positive integer"),
    ],
)
def test_bad_requests_are_refused_with_one_message(vae, run, options, message):
    before = (run / "model.keras").read_bytes()
    code, _, err = vae("score", run, *options)
    assert code == 2
    assert message in err
    assert err.startswith("vae: ")
    assert (run / "model.keras").read_bytes() == before
    assert not list(run.glob("tables/*"))
