"""`vae embed`: from a source to a file of codes."""

import csv
import gzip
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from PIL import Image

from keras_vae import data, runs, tasks
from keras_vae.data import DiskArray
from tests.samples import people

COUNT = 200


@pytest.fixture(scope="module")
def table_run(tmp_path_factory):
    """A run on the table of people that is conditional on the kind of pet and knows no unicorns."""
    folder = tmp_path_factory.mktemp("tables")
    pyarrow.parquet.write_table(people(COUNT, seed=1), folder / "people.parquet")
    settings = runs.Settings("table", conditions=("kind",), epochs=1, precision="float32")
    return runs.train(data.load(folder / "people.parquet"), folder / "run", settings)


@pytest.fixture
def photos(tmp_path):
    """Four images, one in a folder that is called like a label, two files that are no images."""
    folder = tmp_path / "my photos"
    generator = np.random.default_rng(0)
    for name in ("b/10.png", "b/9.png", "3/x.png", "loose.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, (12, 12), dtype="uint8")).save(folder / name)
    (folder / "a.png").write_text("no image")
    (folder / "b" / "torn.png").write_bytes((folder / "b" / "9.png").read_bytes()[:60])
    return folder


def columns_of(path):
    """A CSV file as another reader finds it: each column's texts by name."""
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    names, *rows = csv.reader(text.decode().splitlines())
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def codes_of(columns, count=2):
    return np.array([columns[f"z{i + 1}"] for i in range(count)], "float32").T


def test_own_data_come_with_numbers_splits_and_labels(vae, blobs_run, blobs, tmp_path):
    expected = tasks.embed(blobs_run.model, np.concatenate([blobs.x_train, blobs.x_test]))
    target = blobs_run.folder / "tables" / "embed.csv"
    assert vae("embed", blobs_run.folder) == (0, f"Wrote {target}\n", "")
    found = columns_of(target)
    assert list(found) == ["number", "split", "label", "z1", "z2"]
    assert found["number"] == [str(i) for i in range(128)]
    assert found["split"] == ["train"] * 96 + ["test"] * 32
    assert found["label"] == [str(i % 4) for i in range(128)]
    np.testing.assert_allclose(codes_of(found), expected, atol=1e-5)
    target.unlink()
    for ending in ("csv.gz", "parquet", "npy"):
        out = tmp_path / "made" / f"codes.{ending}"
        assert vae("embed", blobs_run.folder, "--out", out, "--quiet") == (0, "", "")
    assert columns_of(tmp_path / "made" / "codes.csv.gz") == found
    np.testing.assert_allclose(np.load(tmp_path / "made" / "codes.npy"), expected, atol=1e-5)
    table = pyarrow.parquet.read_table(tmp_path / "made" / "codes.parquet")
    assert [str(each) for each in table.schema.types] == ["int64", "string", "int64", "float", "float"]
    assert table["label"].to_pylist() == [i % 4 for i in range(128)]
    assert len(list((tmp_path / "made").iterdir())) == 3


def test_a_folder_is_embedded_by_name_and_what_is_broken_is_said(vae, blobs_run, photos, tmp_path):
    out = tmp_path / "codes.csv"
    code, printed, err = vae("embed", blobs_run.folder, photos, "--out", out, "--json")
    said = json.loads(printed)
    assert code == 0
    assert (said["items"], said["latent_dim"], said["samples"], said["file"]) == (4, 2, None, str(out))
    assert sorted(said["unreadable"]) == ["a.png", "b/torn.png"]
    assert [line.partition(": ")[0] for line in err.splitlines()] == ["left out", "left out"]
    assert f"left out: {photos}/a.png cannot be read: it is no image." in err
    found = columns_of(out)
    assert list(found) == ["file", "label", "z1", "z2"]
    assert found["file"] == ["3/x.png", "b/10.png", "b/9.png", "loose.png"]
    assert found["label"] == ["3", "b", "b", ""]
    images = np.stack([np.asarray(Image.open(photos / name))[..., None] for name in found["file"]])
    np.testing.assert_allclose(codes_of(found), tasks.embed(blobs_run.model, images), atol=1e-5)

    single = blobs_run.folder / "tables" / "embed-loose.csv"
    assert vae("embed", blobs_run.folder, photos / "loose.png") == (0, f"Wrote {single}\n", "")
    alone = columns_of(single)
    assert (list(alone), alone["file"]) == (["file", "z1", "z2"], ["loose.png"])
    np.testing.assert_allclose(codes_of(alone)[0], codes_of(found)[3], atol=1e-5)
    single.unlink()


def test_many_broken_files_are_counted(vae, blobs_run, photos, tmp_path):
    for number in range(20):
        (photos / f"{number:02}.png").write_text("no image")
    _, _, err = vae("embed", blobs_run.folder, photos, "--out", tmp_path / "codes.csv")
    assert len(err.splitlines()) == 11
    assert err.splitlines()[-1] == "left out: 12 more that cannot be read."


def test_samples_are_rows_of_their_own(vae, blobs_run, blobs, tmp_path):
    inputs = np.concatenate([blobs.x_train, blobs.x_test])
    expected = tasks.embed(blobs_run.model, inputs, num_samples=3, seed=5)
    options = ("--samples", 3, "--seed", 5)
    target = blobs_run.folder / "tables" / "embed-3-seed5.csv"
    assert vae("embed", blobs_run.folder, *options) == (0, f"Wrote {target}\n", "")
    found = columns_of(target)
    assert list(found) == ["number", "split", "label", "sample", "z1", "z2"]
    assert found["number"][:4] == ["0", "0", "0", "1"]
    assert found["sample"][:4] == ["1", "2", "3", "1"]
    np.testing.assert_allclose(codes_of(found).reshape(128, 3, 2), expected, atol=1e-5)
    assert vae("embed", blobs_run.folder, *options, "--out", tmp_path / "c.npy", "-q") == (0, "", "")
    np.testing.assert_allclose(np.load(tmp_path / "c.npy"), expected, atol=1e-5)
    target.unlink()


def test_a_conditional_model_is_told_what_is_known(
    vae, conditional_run, blobs, blobs_npz, photos, tmp_path
):
    model, out = conditional_run.model, tmp_path / "codes.csv"
    whole = {
        "x": np.concatenate([blobs.x_train, blobs.x_test]),
        "label": np.concatenate([blobs.y_train, blobs.y_test]),
        "shift": np.concatenate([blobs.columns_train["shift"], blobs.columns_test["shift"]]),
    }
    expected = tasks.embed(model, whole)
    assert np.abs(expected - tasks.embed(model, {"x": whole["x"]})).max() > 1e-3
    assert vae("embed", conditional_run.folder, "--out", out)[0] == 0
    np.testing.assert_allclose(codes_of(columns_of(out)), expected, atol=1e-5)
    assert vae("embed", conditional_run.folder, blobs_npz, "--out", out)[0] == 0
    found = columns_of(out)
    assert list(found) == ["number", "label", "z1", "z2"]
    np.testing.assert_allclose(codes_of(found), expected, atol=1e-5)
    code, _, err = vae("embed", conditional_run.folder, photos, "--out", out)
    unknown = "label: 2 entries are categories that the model does not know, and count as missing."
    assert (code, err.splitlines()[-1]) == (0, unknown)
    found = columns_of(out)
    images = np.stack([np.asarray(Image.open(photos / name))[..., None] for name in found["file"]])
    expected = tasks.embed(model, {"x": images, "label": np.array([3, -1, -1, -1])})
    np.testing.assert_allclose(codes_of(found), expected, atol=1e-5)
    assert found["label"] == ["3", "b", "b", ""]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_rows_of_a_table_keep_their_order(ending, vae, table_run, tmp_path, monkeypatch):
    """Columns in another order, a category that nobody knows, and rows that stay on disk."""
    monkeypatch.setattr("keras_vae.data.rows.MOST_IN_MEMORY", 1000)
    monkeypatch.setattr("keras_vae.data.table_source._ROWS", 64)
    table = people(300, seed=2)
    kinds = ["unicorn" if i == 7 else each for i, each in enumerate(table["kind"].to_pylist())]
    table = table.set_column(table.column_names.index("kind"), "kind", pa.array(kinds))
    source, out = tmp_path / f"others.{ending}", tmp_path / f"codes.{ending}"
    data.write_table(source, table.select(table.column_names[::-1]))
    code, printed, err = vae("embed", table_run.folder, source, "--out", out)
    assert (code, printed) == (0, f"Wrote {out}\n")
    assert err == "kind: 1 entries are categories that the model does not know, and count as missing.\n"
    assert isinstance(table_run.items(source).x, DiskArray)
    found = columns_of(out) if ending == "csv" else pyarrow.parquet.read_table(out).to_pydict()
    names = [f"z{i + 1}" for i in range(table_run.model.latent_dim)]
    assert list(found) == ["row", *names]
    assert [int(row) for row in found["row"]] == list(range(1, 301))
    monkeypatch.undo()
    expected = tasks.embed(table_run.model, table_run.table(table).inputs())
    np.testing.assert_allclose(codes_of(found, len(names)), expected, atol=1e-4)


def test_own_rows_say_their_split(vae, table_run, tmp_path):
    out = tmp_path / "codes.parquet"
    assert vae("embed", table_run.folder, "--out", out, "-q") == (0, "", "")
    found = pyarrow.parquet.read_table(out)
    assert found.column_names[:2] == ["row", "split"]
    assert found["row"].to_pylist() == list(range(1, COUNT + 1))
    is_test = np.array(found["split"].to_pylist()) == "test"
    own = table_run.data()
    codes = codes_of(found.to_pydict(), table_run.model.latent_dim)
    expected = tasks.embed(table_run.model, own.inputs("test", ["kind"]))
    np.testing.assert_allclose(codes[is_test], expected, atol=1e-4)
    assert table_run.folder.joinpath("tables").exists() is False


def test_bad_requests_leave_no_file(vae, blobs_run, table_run, photos, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    np.save(tmp_path / "floats.npy", np.zeros((2, 12, 12)))
    image, table = blobs_run.folder, table_run.folder
    cases = {
        ("embed", tmp_path / "nowhere"): "No run folder",
        ("embed", image, empty): "holds no image files",
        ("embed", image, photos / "a.png"): "a.png cannot be read: it is no image",
        ("embed", image, tmp_path / "none.png"): "No data file or folder",
        ("embed", image, "mnist-5k"): "(28, 28, 1), and this model was trained on (12, 12, 1)",
        ("embed", image, tmp_path / "floats.npy"): "their units would not match",
        ("embed", image, "mnist5k"): "Did you mean 'mnist-5k'",
        ("embed", table, photos): "No table at",
        ("embed", image, "--samples", 0): "--samples must be at least 1. Received: 0",
        ("embed", image, "--out", tmp_path / "codes.xlsx"): "files end in .csv, .csv.gz, .parquet, .npy",
        ("embed", image, "--out", "/proc/none/codes.csv"): "cannot be written",
    }
    before = sorted(tmp_path.rglob("*"))
    for arguments, message in cases.items():
        code, printed, err = vae(*arguments)
        assert (code, printed) == (2, ""), (arguments, err)
        assert message in " ".join(err.split()), (arguments, err)
        assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before


def test_an_error_on_the_way_leaves_what_was_there(vae, blobs_run, tmp_path, monkeypatch):
    def broken(*_):
        yield np.zeros((64, 2), "float32")
        raise OSError("no space left")

    monkeypatch.setattr(tasks, "embed_batches", broken)
    for name in ("codes.csv", "codes.parquet", "codes.npy"):
        (tmp_path / name).write_text("of yesterday")
        code, _, err = vae("embed", blobs_run.folder, "--out", tmp_path / name)
        assert (code, "no space left" in err) == (2, True)
        assert (tmp_path / name).read_text() == "of yesterday"
    assert len(list(tmp_path.iterdir())) == 3
