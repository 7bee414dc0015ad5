"""Sampling at a temperature and from a density, and traversals, on the command."""

import csv
import json
import shutil

import numpy as np
import pyarrow.parquet
import pytest

from keras_vae import data, tasks
from keras_vae.cli.output import write_rows
from keras_vae.runs.json_file import read_json, write_json
from tests.samples import people


@pytest.fixture
def sampled(vae, blobs_run, tmp_path):
    """The array that `vae sample` writes with these options."""

    def sample(*options):
        array = tmp_path / "sampled.npy"
        assert vae("sample", blobs_run.folder, *options, "-n", 40, "--out", array, "--quiet") == (0, "", "")
        return np.load(array)

    return sample


def test_temperature_makes_samples_alike_and_one_changes_nothing(sampled, blobs_run):
    plain, cold = sampled(), sampled("--temperature", 0.1)
    np.testing.assert_array_equal(sampled("--temperature", 1), plain)
    np.testing.assert_allclose(plain, tasks.sample(blobs_run.model, 40), rtol=1e-5)
    assert cold.std(axis=0).mean() < 0.5 * plain.std(axis=0).mean()


def test_a_density_is_fitted_to_the_training_data(sampled, blobs_run, blobs, blobs_npz):
    density = tasks.fit_density(blobs_run.model, blobs.x_train, num_components=3)
    expected = tasks.sample(blobs_run.model, 40, seed=2, density=density)
    np.testing.assert_allclose(sampled("--density", 3, "--seed", 2), expected, rtol=1e-4)
    np.testing.assert_allclose(sampled(blobs_npz, "--density", 3, "--seed", 2), expected, rtol=1e-4)
    both = tasks.sample(blobs_run.model, 40, density=density, temperature=0.5)
    np.testing.assert_allclose(sampled("--density", 3, "--temperature", 0.5), both, rtol=1e-4)


def test_files_are_named_by_how_they_were_made(vae, blobs_run):
    folder = blobs_run.folder / "pictures"
    code, out, _ = vae("sample", blobs_run.folder, "-n", 4, "--temperature", 0.7, "--density", 2)
    assert (code, out) == (0, f"Wrote {folder}/sample-4-seed0-temperature0.7-density2.png\n")
    code, out, _ = vae("traverse", blobs_run.folder, "--from", 3)
    assert (code, out) == (0, f"Wrote {folder}/traverse-3.png\n")
    for name in ("sample-4-seed0-temperature0.7-density2.png", "traverse-3.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
        (folder / name).unlink()


def test_a_traversal_as_picture_array_and_figures(vae, blobs_run, blobs, tmp_path):
    expected = tasks.traverse(blobs_run.model, blobs.x_test, steps=5)
    array = tmp_path / "t.npy"
    assert vae("traverse", blobs_run.folder, "--steps", 5, "--out", array) == (0, f"Wrote {array}\n", "")
    np.testing.assert_allclose(np.load(array), expected.frames, rtol=1e-5)
    picture = tmp_path / "t.png"
    code, out, err = vae("traverse", blobs_run.folder, "--steps", 5, "--json", "--out", picture)
    assert (code, err) == (0, "")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert json.loads(out)["file"] == str(picture)
    found = json.loads(out)["units"]
    assert [each["unit"] for each in found] == [unit + 1 for unit in expected.units]
    assert [each["dead"] for each in found] == [not active for active in expected.active]
    np.testing.assert_allclose([each["kl"] for each in found], expected.kl, rtol=1e-5)
    np.testing.assert_allclose([each["values"] for each in found], expected.values, rtol=1e-5)
    code, out, _ = vae("traverse", blobs_run.folder, "--units", 1, "--json", "--out", picture)
    assert (code, len(json.loads(out)["units"])) == (0, 1)


def test_a_traversal_starts_where_it_is_told(vae, blobs_run, blobs, tmp_path):
    model, array = blobs_run.model, tmp_path / "t.npy"
    for start, code in {
        "7": tasks.embed(model, blobs.x_test)[7],
        "0.5,-1.5": np.array([0.5, -1.5]),
    }.items():
        assert vae("traverse", blobs_run.folder, "--from", start, "--out", array)[0] == 0
        expected = tasks.traverse(model, blobs.x_test, code).frames
        np.testing.assert_allclose(np.load(array), expected, rtol=1e-4)


def test_a_traversal_is_decoded_under_conditions(vae, conditional_run, blobs, tmp_path):
    run, array, model = conditional_run.folder, tmp_path / "t.npy", conditional_run.model
    inputs = blobs.inputs("test", model.condition_names)
    assert vae("traverse", run, "--condition", "label=3", "--out", array)[0] == 0
    given = {"label": 3}
    np.testing.assert_allclose(
        np.load(array), tasks.traverse(model, inputs, conditions=given).frames, rtol=1e-4
    )
    # From an example, under what is known of it.
    assert vae("traverse", run, "--from", 5, "--condition", "shift=unknown", "--out", array)[0] == 0
    given = {"label": blobs.y_test[5], "shift": np.nan}
    code = tasks.embed(model, data.take(inputs, [5]))[0]
    np.testing.assert_allclose(
        np.load(array), tasks.traverse(model, inputs, code, conditions=given).frames, rtol=1e-4
    )


def test_a_traversal_of_a_table_is_a_table(vae, table_run, tmp_path):
    run, latent_dim = table_run.folder, table_run.model.latent_dim
    assert vae("traverse", run, "--steps", 4) == (0, f"Wrote {run}/tables/traverse.csv\n", "")
    with (run / "tables" / "traverse.csv").open(newline="") as file:
        names, *rows = csv.reader(file)
    assert names == ["unit", "value", *table_run.schema.names]
    assert len(rows) == 4 * latent_dim
    assert sorted({int(row[0]) for row in rows}) == list(range(1, latent_dim + 1))
    first = [float(row[1]) for row in rows[:4]]
    np.testing.assert_allclose(np.diff(first), (first[-1] - first[0]) / 3, atol=1e-3)
    out = tmp_path / "t.parquet"
    assert vae("traverse", run, "--units", 2, "--steps", 3, "--out", out)[0] == 0
    written = pyarrow.parquet.read_table(out)
    types = data.open_table(people(5)).types
    assert [written.schema.field(name).type for name in types.names] == types.types
    assert vae("traverse", run, "--units", 2, "--steps", 3, "--out", tmp_path / "t.npy")[0] == 0
    assert np.load(tmp_path / "t.npy").shape == (2, 3, len(table_run.schema.names))
    assert vae("sample", run, "-n", 7, "--temperature", 0.5, "--density", 2, "-q") == (0, "", "")


def test_a_table_may_have_columns_of_those_names(tmp_path):
    table = {"value": np.linspace(0.1, 6.0, 60), "unit": ["mm", "cm"] * 30}
    schema = data.load(table).schema
    places = {"unit": np.arange(6), "value": np.zeros(6)}
    write_rows(tmp_path / "out.parquet", schema, np.ones((2, 3, 2)), True, first=places)
    written = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    assert written.column_names == ["unit_", "value_", "value", "unit"]
    assert written["unit_"].to_pylist() == [0, 1, 2, 3, 4, 5]


def test_bad_input_gets_one_message_and_exit_code_2(vae, blobs_run, table_run, blobs_npz, tmp_path):
    run, table = blobs_run.folder, table_run.folder
    lost = shutil.copytree(run, tmp_path / "lost")
    described = read_json(lost / "run.json")
    described["data"]["name"] = "gone.npz"
    write_json(lost / "run.json", described)
    cases = {
        ("sample", run, "--temperature", 0): "temperature must be a positive number",
        ("sample", run, "--temperature", "nan"): "temperature must be a positive number",
        ("sample", run, "--temperature", "warm"): "Invalid value for '--temperature'",
        ("sample", run, "--density", 0): "num_components=0",
        ("sample", run, "--density", 97): "97 examples or more. Received: 96",
        ("sample", run, blobs_npz): "add --density N",
        (
            "sample",
            lost,
            "--density",
            3,
        ): "are not there any more, or came from Python: gone.npz. Name the data",
        ("traverse", lost): "Name the data to use",
        ("traverse", run, "--steps", 1): "steps=1",
        ("traverse", run, "--units", 0): "num_units=0",
        ("traverse", run, "--from", 32): "There is no test example 32",
        ("traverse", run, "--from", "1,2,3"): "2 numbers",
        ("traverse", run, "--condition", "label=1"): "has no conditions",
        ("traverse", run, "--out", "t.csv"): "makes images",
        ("traverse", run, "--out", "t"): "files end in",
        ("traverse", table, "--out", "t.png"): "makes rows of a table",
    }
    for arguments, message in cases.items():
        code, printed, err = vae(*arguments)
        assert (code, printed) == (2, ""), arguments
        assert message in " ".join(err.split()), (arguments, err)
    assert vae("sample", lost, blobs_npz, "--density", 3, "-q") == (0, "", "")
