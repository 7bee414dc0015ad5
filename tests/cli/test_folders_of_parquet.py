"""`vae embed` and `vae score` of a folder of Parquet files, on the screen."""

import json
import shutil

import pyarrow.parquet
import pytest

from keras_vae import runs
from tests.samples import people


@pytest.fixture
def run(table_run, tmp_path):
    shutil.copytree(table_run.folder, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def folder(tmp_path):
    source = tmp_path / "events"
    source.mkdir()
    for number in range(2):
        pyarrow.parquet.write_table(people(60, seed=number), source / f"{number}.parquet")
    return source


def test_codes_go_where_tables_go_and_stay_there(vae, run, folder):
    out = run / "tables" / "embed-events"
    assert vae("embed", run, folder) == (0, f"Wrote {out}\n", "")
    assert pyarrow.parquet.read_table(out).column_names[:3] == ["file", "row", "z1"]
    kept = f"2 of 2 parts are in {out} already, and stay.\n"
    assert vae("embed", run, folder) == (0, f"Wrote {out}\n", kept)
    assert vae("embed", run, folder, "-q") == (0, "", "")
    code, printed, _ = vae("embed", run, folder, "--samples", 2, "--seed", 5, "--json")
    said = json.loads(printed)
    assert (code, said["items"], said["parts"], said["kept"], said["samples"]) == (0, 120, 2, 0, 2)
    assert said["folder"] == str(run / "tables" / "embed-events-2-seed5")
    assert pyarrow.parquet.read_table(said["folder"]).num_rows == 240


def test_scores_are_summed_up_and_a_calibration_is_theirs(vae, run, folder, tmp_path):
    options = ("--calibrate", folder / "0.parquet", "--false-alarm-rate", 0.1, "--method", "importance")
    code, printed, err = vae("score", run, folder, "--out", tmp_path / "scores", *options)
    assert (code, err) == (0, "")
    lines = printed.splitlines()
    assert lines[0] == f"Wrote {tmp_path}/scores"
    table = pyarrow.parquet.read_table(tmp_path / "scores")
    anomalies = sum(table["anomaly"].to_pylist())
    assert lines[1].startswith(f"{anomalies} of 120 items are called anomalies")
    assert lines[3].replace("┃", " ").split() == ["file", "row", "score", "p-value"]
    code, printed, err = vae("score", run, folder, "--out", tmp_path / "scores", *options, "--json")
    said = json.loads(printed)
    assert (code, said["kept"], said["anomalies"], said["false_alarm_rate"]) == (0, 2, anomalies, 0.1)
    assert said["settings"] == {"method": "importance", "num_samples": 16, "seed": 0}
    order = sorted(range(120), key=lambda i: -table["score"][i].as_py())[:10]
    assert [(each["file"], each["row"]) for each in said["strangest"]] == [
        (table["file"][i].as_py(), table["row"][i].as_py()) for i in order
    ]
    assert len(runs.Run(run).model.calibration) == 60


def test_bad_requests_are_refused_with_one_message(vae, run, folder, tmp_path):
    file = folder / "0.parquet"
    cases = {
        ("embed", run, folder, "--out", "codes.csv"): "becomes a folder, too. Give it no ending",
        ("embed", run, file, "--out", tmp_path / "codes"): "files end in .csv, .csv.gz, .parquet, .npy",
        ("score", run, file, "--out", tmp_path / "scores"): "files end in .csv, .csv.gz, .parquet",
        ("embed", run, file, "--engine", "local"): "--engine is for a folder of Parquet files",
        ("score", run, "--workers", 2): "--workers is for a folder of Parquet files",
        ("score", run, folder, "--workers", 2): "--workers goes with --engine ray",
        ("embed", run, folder, "--engine", "spark"): "Unknown engine 'spark'",
        ("score", run, folder, "--map", "where.csv"): "a folder of Parquet files has none",
        ("embed", run, folder, "--samples", 0): "--samples must be at least 1",
    }
    before = sorted(tmp_path.rglob("*"))
    for arguments, message in cases.items():
        code, printed, err = vae(*arguments)
        assert (code, printed) == (2, ""), (arguments, err)
        assert message in " ".join(err.split()), (arguments, err)
        assert err.startswith("vae: ")
    assert sorted(tmp_path.rglob("*")) == before
