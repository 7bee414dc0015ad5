"""Tables on the command, as a person with a CSV file meets them."""

import csv
import dataclasses
import json
import shlex
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from keras_vae import data, runs
from keras_vae.cli.conditions import suffix
from keras_vae.recipes import RECIPES
from tests.samples import KINDS, people

COUNT = 200
NAMES = ["age", "height", "weight", "income", "visits", "kind", "smokes", "born"]
#: Other types than a CSV file would have.
TYPES = {"age": pa.int16(), "weight": pa.float32(), "kind": pa.large_string(), "born": pa.timestamp("us")}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same people as `people.csv`, `people.parquet` and, with a name each, `named.csv`."""
    folder = tmp_path_factory.mktemp("tables")
    table = people(COUNT, seed=1)
    pyarrow.csv.write_csv(table, folder / "people.csv")
    named = table.add_column(0, "name", pa.array([f"person {i}" for i in range(COUNT)]))
    pyarrow.csv.write_csv(named, folder / "named.csv")
    for name, type_ in TYPES.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, table[name].cast(type_))
    pyarrow.parquet.write_table(table, folder / "people.parquet")
    return folder


def trained(source, folder, **settings):
    """A run that only has to be there."""
    return runs.train(
        source, folder, runs.Settings("table", epochs=2, precision="float32", **settings)
    ).folder


@pytest.fixture(scope="module")
def run(files, tmp_path_factory):
    return trained(data.load(files / "people.parquet"), tmp_path_factory.mktemp("runs") / "people")


@pytest.fixture(scope="module")
def conditional(files, tmp_path_factory):
    """Conditional on the kind of pet, a category, and on a date."""
    source = data.load(files / "named.csv", kinds={"name": "ignore"})
    return trained(source, tmp_path_factory.mktemp("runs") / "named", conditions=("kind", "born"))


def rows_of(path):
    """A CSV file as it is written: its names, and its rows as texts."""
    with path.open(newline="") as file:
        names, *rows = csv.reader(file)
    return names, rows


def test_a_whole_session_on_a_table(vae, files, tmp_path):
    source, run = files / "people.csv", tmp_path / "a run"
    code, out, err = vae("inspect", source)
    assert (code, err) == (0, "")
    assert "guinea pig" in out
    assert "% of all entries" in out
    command = out.strip().splitlines()[-1]
    assert shlex.split(command)[:5] == ["vae", "train", str(source), "--recipe", "table"]
    code, out, err = vae("inspect", source, "--json", "--out", tmp_path / "p.png")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert [each["name"] for each in found["columns"]] == NAMES
    kinds = ["integer", "real", "real", "real", "integer", "category", "boolean", "date"]
    assert [each["kind"] for each in found["columns"]] == kinds
    gaps = people(COUNT, seed=1)
    assert [each["missing"] for each in found["columns"]] == [each.null_count for each in gaps.columns]
    assert found["num_train"] + found["num_test"] == COUNT
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")

    code, out, err = vae("train", source, "--epochs", 2, "--out", run)
    assert code == 0
    assert "test ELBO" in out
    assert [line.split()[1] for line in err.splitlines() if line.startswith("epoch")] == ["1/2", "2/2"]
    pictures = {path.stem for path in (run / "pictures").iterdir()}
    assert pictures == {"data", "training", "marginals", "correlations", "latent_space"}
    described = json.loads((run / "run.json").read_text())
    assert described["settings"]["recipe"] == "table"
    assert described["data"]["kind"] == "table"
    assert described["data"]["columns"] == sorted(NAMES)

    code, out, err = vae("evaluate", run, "--json", "--num-samples", 5)
    figures = json.loads(out)["test"]
    assert (code, err) == (0, "")
    assert figures["elbo"] == pytest.approx(json.loads((run / "metrics.json").read_text())["test"]["elbo"])
    assert figures["num_examples"] == found["num_test"]
    for arguments, count in (
        (("sample", run, "-n", 7), 7),
        (("reconstruct", run, source, "-n", 4), 4),
        (("interpolate", run, "--from", 0, "--to", 3, "--steps", 5), 5),
    ):
        target = tmp_path / "out" / f"{arguments[0]}.csv"
        assert vae(*arguments, "--out", target) == (0, f"Wrote {target}\n", "")
        names, rows = rows_of(target)
        assert names == NAMES
        assert len(rows) == count
        assert {row[5] for row in rows} <= set(KINDS)
        array = target.with_suffix(".npy")
        assert vae(*arguments, "--out", array, "--quiet") == (0, "", "")
        assert np.load(array).shape == (count, len(NAMES))
    for command in ("map", "curves"):
        picture = tmp_path / f"{command}.png"
        assert vae(command, run, "--out", picture) == (0, f"Wrote {picture}\n", "")
        assert picture.read_bytes().startswith(b"\x89PNG")
    assert vae("sample", run) == (0, f"Wrote {run}/tables/sample-64-seed0.csv\n", "")


def test_samples_have_the_table_s_own_types(vae, files, run, tmp_path):
    for name in ("s.parquet", "s.csv.gz"):
        assert vae("sample", run, "-n", 300, "--seed", 3, "--out", tmp_path / name)[0] == 0
    samples = pyarrow.parquet.read_table(tmp_path / "s.parquet")
    original = pyarrow.parquet.read_table(files / "people.parquet")
    assert samples.schema.equals(original.schema)
    assert samples.num_rows == 300
    assert sum(column.null_count for column in samples.columns) == 0
    assert set(samples["kind"].to_pylist()) <= set(KINDS)
    for name, decimals in {"height": 2, "income": 2}.items():
        numbers = samples[name].to_numpy()
        np.testing.assert_allclose(numbers, numbers.round(decimals))
        assert numbers.std() > 0.2 * np.nanstd(original[name].to_numpy())
    written = pyarrow.csv.read_csv(tmp_path / "s.csv.gz")
    assert written.column_names == NAMES
    assert written["age"].to_pylist() == samples["age"].to_pylist()
    assert [str(each) for each in written["born"].to_pylist()] == [
        str(each) for each in samples["born"].to_pylist()
    ]


def test_other_tables_may_have_other_orders_and_categories(vae, files, run, tmp_path):
    table = pyarrow.parquet.read_table(files / "people.parquet")
    turned = tmp_path / "turned.parquet"
    pyarrow.parquet.write_table(table.select(NAMES[::-1]), turned)
    code, out, err = vae("evaluate", run, turned, "--json")
    assert (code, err) == (0, "")
    expected = json.loads((run / "metrics.json").read_text())["test"]
    assert json.loads(out)["test"]["elbo"] == pytest.approx(expected["elbo"], rel=1e-5)
    assert json.loads(out)["test"]["num_examples"] == expected["num_examples"]

    kinds = table["kind"].to_pylist()
    odd = ["unicorn" if i % 40 == 0 else each for i, each in enumerate(kinds)]
    pyarrow.parquet.write_table(table.set_column(5, "kind", pa.array(odd)), turned)
    code, _, err = vae("evaluate", run, turned, "--json")
    assert code == 0
    assert err == "kind: 5 entries are categories that the model does not know, and count as missing.\n"


def test_gaps_are_filled_and_nothing_else(vae, files, run, tmp_path):
    source, filled, doubt = files / "people.parquet", tmp_path / "f.parquet", tmp_path / "u.parquet"
    impute = ("impute", source, "--run", run, "--num-samples", 20)
    code, out, err = vae(*impute, "--out", filled, "--uncertainty", doubt)
    assert (code, out, err) == (0, f"Wrote {filled}\nWrote {doubt}\n", "")
    before, after, unsure = map(pyarrow.parquet.read_table, (source, filled, doubt))
    assert after.schema.equals(before.schema)
    assert unsure.column_names == NAMES
    for name in NAMES:
        known = before[name].is_valid()
        assert after[name].null_count == 0
        assert after[name].filter(known).equals(before[name].filter(known))
        assert unsure[name].is_null().equals(known)
        assert min(unsure[name].drop_null().to_pylist()) >= 0
    for name in ("kind", "smokes"):
        assert max(unsure[name].drop_null().to_pylist()) <= 1
    assert 1 < np.nanmean(unsure["age"].to_numpy()) < 40

    drawn = tmp_path / "d.parquet"
    assert vae(*impute, "--fill", "sample", "--out", drawn, "--quiet") == (0, "", "")
    assert vae(*impute, "--fill", "sample", "--out", tmp_path / "again.parquet", "-q") == (0, "", "")
    assert drawn.read_bytes() == (tmp_path / "again.parquet").read_bytes()
    sampled = pyarrow.parquet.read_table(drawn)
    gaps = before["height"].is_null()
    assert sampled["height"].filter(before["height"].is_valid()).equals(before["height"].drop_null())
    ours, theirs = (np.array(each["height"].filter(gaps)) for each in (sampled, after))
    assert ours.std() > 2 * theirs.std()


def test_tables_that_differ_from_the_model_s_are_filled_too(vae, files, run, tmp_path):
    names, rows = rows_of(files / "people.csv")
    odd = [[*row[:5], "unicorn" if i == 0 else row[5], *row[6:-1], ""] for i, row in enumerate(rows)]
    odd[1][1] = "inf"
    with (tmp_path / "odd.csv").open("w", newline="") as file:
        csv.writer(file).writerows([names, *odd])
    code, _, err = vae("impute", tmp_path / "odd.csv", "--run", run, "--num-samples", 5)
    assert (code, err) == (0, "kind: 1 entries are categories that the model does not know.\n")
    _, filled = rows_of(run / "tables" / "odd-filled.csv")
    assert len(filled) == COUNT
    assert all(all(row) for row in filled)
    assert filled[0][5] == "unicorn"
    assert 1 < float(filled[1][1]) < 3
    assert all(1900 < int(row[-1][:4]) < 2030 for row in filled)


def test_without_a_run_one_is_trained_first(vae, files, tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "table", dataclasses.replace(RECIPES["table"], epochs=2))
    monkeypatch.chdir(tmp_path)
    code, out, err = vae("impute", files / "named.csv", "--column", "name=ignore", "--num-samples", 5)
    assert code == 0
    assert out.endswith("Trained runs/named-table-1\nWrote runs/named-table-1/tables/named-filled.csv\n")
    assert "epoch 2/2" in err
    names, before = rows_of(files / "named.csv")
    again, after = rows_of(tmp_path / "runs/named-table-1/tables/named-filled.csv")
    assert again == names
    assert [row[0] for row in after] == [f"person {i}" for i in range(COUNT)]
    assert all(all(row) for row in after)
    values = zip(chain(*before), chain(*after), strict=True)
    assert all(old in ("", new) for old, new in values)
    assert (tmp_path / "runs/named-table-1/model.keras").is_file()


def test_a_table_is_asked_by_condition(vae, files, conditional, tmp_path):
    modelled = ["age", "height", "weight", "income", "visits", "smokes"]
    target = tmp_path / "c.csv"
    asked = ("--condition", "kind=guinea pig", "--condition", "born=1980-05-17")
    assert vae("sample", conditional, "-n", 6, *asked, "--out", target)[0] == 0
    names, rows = rows_of(target)
    assert names == [*modelled, "kind", "born"]
    assert {tuple(row[-2:]) for row in rows} == {("guinea pig", "1980-05-17")}
    # The model must be told of days as it was trained on them: the same as through its own schema.
    finished = runs.Run(conditional)
    day = finished.schema["born"].encode(pa.array(["1980-05-17"]))[0]
    born = finished.data().columns_train["born"]
    assert np.nanmin(born) < day < np.nanmax(born)
    assert vae("sample", conditional, "-n", 6, "--condition", "kind=unknown", "--out", target)[0] == 0
    names, others = rows_of(target)
    assert names == [*modelled, "kind"]
    assert {row[-1] for row in others} == {""}
    assert [row[:6] for row in others] != [row[:6] for row in rows]
    code, out, err = vae("evaluate", conditional, "--json")
    assert (code, err) == (0, "")
    metrics = json.loads((conditional / "metrics.json").read_text())
    found, expected = json.loads(out)["test"], metrics["test"]
    assert found["protocol"] == expected["protocol"]
    assert found | {"protocol": None} == pytest.approx(expected | {"protocol": None})
    for arguments in (("reconstruct", conditional, "-n", 3), ("interpolate", conditional, "--steps", 3)):
        assert vae(*arguments, "--out", target)[0] == 0
        names, rows = rows_of(target)
        assert names[:6] == modelled
        assert len(rows) == 3
    assert vae("map", conditional, "--out", tmp_path / "map.png")[0] == 0
    filled = tmp_path / "filled.csv"
    assert vae("impute", files / "named.csv", "--run", conditional, "--out", filled)[0] == 0
    names, rows = rows_of(filled)
    assert names == ["name", *NAMES]
    assert all(row[names.index(name)] for row in rows for name in modelled)
    kinds = [row[6] for row in rows_of(files / "named.csv")[1]]
    assert [row[6] for row in rows] == kinds
    # Without what the model is conditional on, it is unknown.
    table = pyarrow.csv.read_csv(files / "named.csv").drop_columns(["kind", "born"])
    pyarrow.csv.write_csv(table, tmp_path / "less.csv")
    assert vae("impute", tmp_path / "less.csv", "--run", conditional, "--out", filled)[0] == 0
    assert vae("evaluate", conditional, tmp_path / "less.csv", "-q") == (0, "", "")


def test_a_run_is_conditional_by_option_and_as_inspect_says(vae, files, tmp_path):
    columns = ("--column", "name=ignore", "--column", "visits=count")
    code, out, _ = vae("inspect", files / "named.csv", *columns)
    assert code == 0
    command = shlex.split(out.strip().splitlines()[-1])
    assert command[-4:] == list(columns)
    options = ("--condition", "kind", "--epochs", 1, "--quiet", "--out", tmp_path / "run")
    code, out, err = vae(*command[1:], *options)
    assert (code, out, err) == (0, "", "ignored: name\n")
    described = json.loads((tmp_path / "run" / "run.json").read_text())
    assert described["settings"]["conditions"] == ["kind"]
    assert runs.Run(tmp_path / "run").schema["visits"].kind == "count"
    for finished in (vae("evaluate", tmp_path / "run", "-q"), vae("map", tmp_path / "run", "-q")):
        assert finished == (0, "", "")


def test_a_column_may_say_the_split(vae, files, tmp_path):
    names, rows = rows_of(files / "people.csv")
    with (tmp_path / "t.csv").open("w", newline="") as file:
        part = [["test" if i % 5 == 0 else "train"] for i in range(COUNT)]
        csv.writer(file).writerows([[*names, "part"], *([*a, *b] for a, b in zip(rows, part, strict=True))])
    run = tmp_path / "run"
    assert vae("train", tmp_path / "t.csv", "--split", "part", "--epochs", 1, "-q", "--out", run)[0] == 0
    code, out, _ = vae("evaluate", run, "--json")
    assert (code, json.loads(out)["test"]["num_examples"]) == (0, COUNT // 5)
    # Another table is split by that column too, if it has it.
    code, out, _ = vae("evaluate", run, tmp_path / "t.csv", "--json")
    assert (code, json.loads(out)["test"]["num_examples"]) == (0, COUNT // 5)
    assert vae("evaluate", run, files / "people.csv", "-q")[0] == 0
    (tmp_path / "t.csv").write_bytes((files / "people.csv").read_bytes())
    code, _, err = vae("evaluate", run)
    assert (code, "Unknown column 'part'" in err) == (2, True)


def test_names_may_hold_brackets_colons_and_slashes(vae, tmp_path):
    rows = "".join(f"{i / 7:.2f},{['m/f', '[/red]'][i % 2]},{'[bold]'}\n" for i in range(60))
    (tmp_path / "t.csv").write_text("[a](b),x:smile:,only\n" + rows)
    code, out, err = vae("inspect", tmp_path / "t.csv")
    assert (code, err) == (0, "")
    for text in ("[a](b)", "x:smile:", "m/f (30)", "[/red] (30)", "[bold] (60)"):
        assert text in out
    code, _, err = vae("train", tmp_path / "t.csv", "--epochs", 1, "-q", "--out", tmp_path / "run",
                       "--condition", "x:smile:")  # fmt: skip
    assert (code, err) == (0, "constant: only\n")
    target = tmp_path / "run" / "tables" / "sample-2-seed0-x:smile:=m-f.csv"
    asked = vae("sample", tmp_path / "run", "-n", 2, "--condition", "x:smile:=m/f")
    assert asked == (0, f"Wrote {target}\n", "")
    names, rows = rows_of(target)
    assert names == ["[a](b)", "only", "x:smile:"]
    assert [row[1:] for row in rows] == [["[bold]", "m/f"]] * 2
    assert suffix(["a=b/c", "d=1"]) == "-a=b-c-d=1"


def test_bad_tables_get_one_message_and_exit_code_2(vae, files, run, conditional, blobs_npz, tmp_path):
    table, named, out = files / "people.csv", files / "named.csv", tmp_path / "untouched"
    names, rows = rows_of(table)
    texts = {
        "less.csv": [names[1:], *(row[1:] for row in rows)],
        "more.csv": [[*names, "shoe"], *([*row, "42"] for row in rows)],
        "words.csv": [names, *([*row[:1], "tall", *row[2:]] for row in rows)],
        "ten.csv": [names, *rows[:10]],
        "header.csv": [names],
        "empty.csv": [],
        "empties.csv": [names, *([*row[:-1], ""] for row in rows)],
        "ids.csv": [["id", *names], *([i, *row] for i, row in enumerate(rows))],
    }
    for name, lines in texts.items():
        with (tmp_path / name).open("w", newline="") as file:
            csv.writer(file).writerows(lines)
    (tmp_path / "nul.csv").write_bytes(table.read_bytes() + b"\0\0\n")
    x = {name: tmp_path / name for name in (*texts, "nul.csv")}
    cases = {
        ("train", named): "'name' holds 200 different texts in 200 rows",
        ("train", x["ids.csv"]): "Leave it out: --column id=ignore",
        ("train", x["ten.csv"]): "holds 10 rows, and at least 20",
        ("train", x["header.csv"]): "holds no rows",
        ("train", x["empty.csv"]): "cannot be read as a table",
        ("train", x["empties.csv"]): "'born' is missing in every row",
        ("train", x["nul.csv"]): "NUL bytes",
        ("train", tmp_path / "none.csv"): "No table at",
        ("train", table, "--column", "nosuch=real"): "Unknown column 'nosuch'",
        ("train", table, "--column", "age=reel"): "Did you mean 'real'",
        ("train", table, "--column", "age"): "--column is written NAME=KIND. Received: 'age'",
        ("train", table, "--column", "kind=real"): "'kind' is no real",
        ("train", table, "--column", "height=count"): "'height' is no count",
        ("train", table, "--split", "nosuch"): "Unknown column 'nosuch'",
        ("train", table, "--split", "kind"): "must say train or test in each row",
        ("train", table, "--recipe", "conv"): "recipe 'conv' is for images. Use another: table",
        ("train", blobs_npz, "--recipe", "table"): "recipe 'table' is for tables",
        ("train", table, "--likelihood", "bernoulli"): "need a likelihood each: mixed",
        ("train", table, "--size", "64"): "can be chosen for a folder of images",
        ("train", table, "--color", "rgb"): "can be chosen for a folder of images",
        ("train", blobs_npz, "--column", "age=real"): "Columns can be told of a table",
        ("train", blobs_npz, "--split", "age"): "Columns can be told of a table",
        ("train", table, "--condition", "nosuch"): "Unknown column 'nosuch'",
        ("train", table, "--condition", "height=category"): "a category is an integer",
        ("inspect", table, "--column", "age"): "written NAME=KIND",
        ("inspect", table, "--out", "p.csv"): "files end in .png",
        ("inspect", x["empty.csv"]): "cannot be read as a table",
        ("evaluate", run, x["less.csv"]): "missing: age.",
        ("evaluate", run, x["more.csv"]): "not known: shoe.",
        ("evaluate", run, x["words.csv"]): "'height' is no real",
        ("evaluate", run, x["ten.csv"]): "holds 10 rows",
        ("evaluate", run, "mnist-5k"): "No table at mnist-5k",
        ("map", run, x["less.csv"]): "missing: age.",
        ("reconstruct", run, x["more.csv"]): "not known: shoe.",
        ("reconstruct", run, "-n", 0): "at least 1",
        ("sample", run, "--out", "x.png"): "written as .csv, .csv.gz, .parquet, .npy",
        ("sample", run, "--out", "made"): "written as .csv, .csv.gz, .parquet, .npy",
        ("reconstruct", run, "--out", "x.png"): "written as .csv",
        ("interpolate", run, "--out", "x.pdf"): "written as .csv",
        ("interpolate", run, "--from", 999): "no test example 999",
        ("map", run, "--out", "x.csv"): "files end in .png",
        ("grid", run): "makes rows of a table: use vae sample",
        ("sample", run, "--condition", "kind=cat"): "has no conditions",
        ("sample", conditional, "--condition", "kind=unicorn"): "Unknown category 'unicorn'",
        ("sample", conditional, "--condition", "born=yesterday"): "a date, such as 2024-01-31",
        ("sample", conditional, "--condition", "age=3"): "Unknown condition 'age'",
        ("sample", conditional, "--condition", "born"): "written NAME=VALUE",
        ("impute", table, "--run", run, "--fill", "nosense"): "Unknown way to fill 'nosense'",
        ("impute", table, "--run", run, "--out", "x.npy"): "--out x.npy: files end in .csv",
        ("impute", table, "--run", run, "--uncertainty", "x.png"): "--uncertainty x.png: files end in .csv",
        ("impute", table, "--run", run, "--num-samples", 0): "At least one sample",
        ("impute", table, "--run", run, "--column", "age=real"): "that of --run knows its columns",
        ("impute", table, "--run", tmp_path / "nowhere"): "No run folder",
        ("impute", x["less.csv"], "--run", run): "missing: age.",
        ("impute", x["more.csv"], "--run", run): "not known: shoe.",
        ("impute", x["words.csv"], "--run", run): "'height' is no real",
        ("impute", x["header.csv"], "--run", run): "holds no rows",
        ("impute", x["ten.csv"]): "holds 10 rows",
        ("impute", table, "--column", "age"): "written NAME=KIND",
        ("impute", "mnist-5k"): "No table at mnist-5k",
        ("impute", tmp_path / "none.csv"): "No table at",
    }  # fmt: skip
    for arguments, message in cases.items():
        target = ("--out", out) if arguments[0] == "train" else ()
        code, printed, err = vae(*arguments, *target)
        assert code == 2, (arguments, err)
        assert message in " ".join(err.split()), (arguments, err)
        assert "Traceback" not in err
        assert err.count("vae: ") <= 1
        assert printed == "", arguments
        assert not out.exists(), arguments


def test_a_run_on_images_takes_no_tables(vae, files, blobs_run):
    run, table = blobs_run.folder, files / "people.csv"
    for arguments, message in {
        ("impute", table, "--run", run): "holds a model of images, and none of a table",
        ("evaluate", run, table): "this model was trained on (12, 12, 1)",
        ("sample", run, "--out", "x.csv"): "x.csv: this run's model makes images",
        ("reconstruct", run, "--out", "x.parquet"): "this run's model makes images",
        ("interpolate", run, "--out", "x.csv.gz"): "this run's model makes images",
    }.items():
        code, printed, err = vae(*arguments)
        assert (code, printed) == (2, ""), arguments
        assert message in " ".join(err.split()), (arguments, err)
