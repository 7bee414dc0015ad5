"""`vae disentangle`: what it measures by default, what it prints, and what it refuses."""

import json

import numpy as np
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from keras_vae import data, runs, tasks
from keras_vae.cli.app import app
from keras_vae.cli.disentangle import known_factors

FACTORS = ("label", "row", "column")


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    """400 + 300 images of 10 × 10 with a square somewhere, bright or dim by the label, as an `.npz` file.

    The column `noise` has one value; of the first 20 images for testing the row is unknown.
    """
    generator = np.random.default_rng(0)
    label, row, column = generator.integers(0, [[2], [4], [4]], (3, 700))
    images = np.zeros((700, 10, 10), "uint8")
    for image, bright, top, left in zip(images, label, row, column, strict=True):
        image[2 * top : 2 * top + 4, 2 * left : 2 * left + 4] = 240 if bright else 90
    known = row.astype("float32")
    known[400:420] = np.nan
    arrays = {"x": images, "y": label, "row": known, "column": column, "noise": np.ones(700)}
    split = {f"{name}_train": each[:400] for name, each in arrays.items()}
    path = tmp_path_factory.mktemp("data") / "squares.npz"
    np.savez(path, **split, **{f"{name}_test": each[400:] for name, each in arrays.items()})
    return path


@pytest.fixture(scope="module")
def squares_run(squares, tmp_path_factory):
    settings = runs.Settings("dense", latent_dim=4, epochs=8, batch_size=32, precision="float32")
    return runs.train(data.load(squares), tmp_path_factory.mktemp("runs") / "squares", settings)


def test_help_has_an_example():
    result = CliRunner().invoke(app, ["disentangle", "--help"])
    assert result.exit_code == 0
    assert "Example: vae disentangle" in result.output


def test_the_figures_are_those_of_the_task(vae, squares_run, tmp_path):
    """The label and every column that varies are factors; the 20 images without a row are left out."""
    picture = tmp_path / "units.png"
    arguments = ("--num-bootstraps", 20, "--json", "--out", picture)
    code, out, err = vae("disentangle", squares_run.folder, *arguments)
    assert code == 0
    assert "20 test examples are left out" in err
    assert "280 test examples are few" in err
    found = json.loads(out)
    dataset = squares_run.data()
    columns = [dataset.columns("test")[name][20:] for name in FACTORS]
    codes = tasks.embed(squares_run.model, dataset.x_test)[20:]
    some = {"num_bootstraps": 20, "metrics": ["mig", "factor_vae"]}
    expected = tasks.disentangle(codes, np.stack(columns, axis=1), **some)
    assert (found["factors"], found["num_classes"]) == (list(FACTORS), [2, 4, 4])
    assert found["active_units"] == [unit + 1 for unit in expected.active_units]
    for name, score in expected.scores.items():
        assert found["scores"][name] == pytest.approx(vars(score)), name
    np.testing.assert_allclose(found["mutual_information"], expected.mutual_information)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert found["scores"]["dci_informativeness"]["value"] > 0.5


def test_the_tables_name_every_metric_and_factor(vae, squares_run, squares):
    arguments = ("--num-bootstraps", 0, "--factor", "label", "--factor", "column")
    code, out, _ = vae("disentangle", squares_run.folder, squares, *arguments)
    assert code == 0
    assert "300 test examples, 4 of 4 units active" in out
    for name in ("MIG", "SAP", "modularity", "FactorVAE", "β-VAE", "completeness", "informativeness"):
        assert name in out
    assert [name in out for name in FACTORS] == [True, False, True]
    assert "compare several seeds" in out
    assert vae("disentangle", squares_run.folder, "--quiet", *arguments) == (0, "", "")


def test_what_a_model_is_conditional_on_is_no_factor_unless_it_is_asked_for(squares):
    dataset = data.load(squares)
    assert list(known_factors(dataset, None, ("column",))) == ["label", "row"]
    assert list(known_factors(dataset, ["column", "row"], ("column",))) == ["column", "row"]


def test_columns_of_a_table_are_factors_by_name(vae, tmp_path):
    generator = np.random.default_rng(0)
    side, depth = generator.integers(0, 3, 2500), generator.integers(0, 2, 2500)
    noise = generator.normal(size=(2500, 2))
    table = {
        "side": side, "depth": np.array(["low", "high"])[depth],
        "a": side + 0.1 * noise[:, 0], "b": depth + 0.1 * noise[:, 1],
    }  # fmt: skip
    data.write_table(tmp_path / "boxes.csv", pa.table(table))
    settings = runs.Settings("table", latent_dim=3, epochs=2, precision="float32")
    run = runs.train(data.load(tmp_path / "boxes.csv"), tmp_path / "run", settings).folder
    code, out, err = vae("disentangle", run)
    assert (code, out) == (2, "")
    assert "--factor NAME for each. Known: side, depth, a, b" in err
    few = ("--num-bootstraps", 0, "--json")
    code, out, _ = vae("disentangle", run, "--factor", "side", "--factor", "depth", *few)
    assert code == 0
    assert json.loads(out)["num_classes"] == [3, 2]


def test_what_cannot_be_measured_is_refused(vae, squares_run, squares, tmp_path):
    with np.load(squares) as arrays:
        labels = {name: arrays[name] for name in arrays if name.startswith(("x_", "y_"))}
        few = {name: arrays[name][-150:] for name in arrays}
    np.savez(tmp_path / "labels.npz", **labels)
    np.savez(tmp_path / "few.npz", **few)
    run = squares_run.folder
    cases = {
        ("disentangle", run, tmp_path / "labels.npz"): "Found: label. Use the built-in data set shapes",
        ("disentangle", run, "--factor", "colum"): "Did you mean 'column'",
        ("disentangle", run, "--factor", "label"): "at least 2 of them. Found 1: label",
        ("disentangle", run, "--factor", "label", "--factor", "noise"): "'noise' has the same value in 300",
        ("disentangle", run, "--num-bootstraps", 7): "num_bootstraps=7",
        ("disentangle", run, tmp_path / "few.npz"): "At least 200 examples are needed",
        ("disentangle", run, "--out", "units.npy"): "files end in .png",
        ("disentangle", tmp_path): "no finished run",
    }
    for arguments, message in cases.items():
        code, out, err = vae(*arguments)
        assert (code, out) == (2, ""), arguments
        assert message in " ".join(err.split()), (arguments, err)
        assert "Traceback" not in err
