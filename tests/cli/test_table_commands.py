"""Tables on the command, as a person with a CSV file meets them."""

import csv
import json
import shlex

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from keras_vae.cli.conditions import suffix
from tests.samples import KINDS, PEOPLE, rows_of


def test_a_whole_session_on_a_table(vae, people_files, tmp_path):
    source, run = people_files / "people.csv", tmp_path / "a run"
    code, out, err = vae("inspect", source)
    assert (code, err) == (0, "")
    assert "guinea pig" in out
    assert "% of all entries" in out
    command = out.strip().splitlines()[-1]
    assert shlex.split(command)[:5] == ["vae", "train", str(source), "--recipe", "table"]
    code, out, err = vae("inspect", source, "--json", "--out", tmp_path / "p.png")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert [each["name"] for each in found["columns"]] == PEOPLE
    kinds = ["integer", "real", "real", "real", "integer", "category", "boolean", "date"]
    assert [each["kind"] for each in found["columns"]] == kinds
    gaps = pyarrow.parquet.read_table(people_files / "people.parquet")
    assert [each["missing"] for each in found["columns"]] == [each.null_count for each in gaps.columns]
    assert found["num_train"] + found["num_test"] == gaps.num_rows
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
    assert described["data"]["columns"] == sorted(PEOPLE)

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
        assert names == PEOPLE
        assert len(rows) == count
        assert {row[5] for row in rows} <= set(KINDS)
        array = target.with_suffix(".npy")
        assert vae(*arguments, "--out", array, "--quiet") == (0, "", "")
        assert np.load(array).shape == (count, len(PEOPLE))
    for command in ("map", "curves"):
        picture = tmp_path / f"{command}.png"
        assert vae(command, run, "--out", picture) == (0, f"Wrote {picture}\n", "")
        assert picture.read_bytes().startswith(b"\x89PNG")
    assert vae("sample", run) == (0, f"Wrote {run}/tables/sample-64-seed0.csv\n", "")


def test_samples_have_the_table_s_own_types(vae, people_files, people_run, tmp_path):
    for name in ("s.parquet", "s.csv.gz"):
        assert vae("sample", people_run, "-n", 300, "--seed", 3, "--out", tmp_path / name)[0] == 0
    samples = pyarrow.parquet.read_table(tmp_path / "s.parquet")
    original = pyarrow.parquet.read_table(people_files / "people.parquet")
    assert samples.schema.equals(original.schema)
    assert samples.num_rows == 300
    assert sum(column.null_count for column in samples.columns) == 0
    assert set(samples["kind"].to_pylist()) <= set(KINDS)
    for name, decimals in {"height": 2, "income": 2}.items():
        numbers = samples[name].to_numpy()
        np.testing.assert_allclose(numbers, numbers.round(decimals))
        assert numbers.std() > 0.2 * np.nanstd(original[name].to_numpy())
    written = pyarrow.csv.read_csv(tmp_path / "s.csv.gz")
    assert written.column_names == PEOPLE
    assert written["age"].to_pylist() == samples["age"].to_pylist()
    assert [str(each) for each in written["born"].to_pylist()] == [
        str(each) for each in samples["born"].to_pylist()
    ]


def test_other_tables_may_have_other_orders_and_categories(vae, people_files, people_run, tmp_path):
    table = pyarrow.parquet.read_table(people_files / "people.parquet")
    turned = tmp_path / "turned.parquet"
    pyarrow.parquet.write_table(table.select(PEOPLE[::-1]), turned)
    code, out, err = vae("evaluate", people_run, turned, "--json")
    assert (code, err) == (0, "")
    expected = json.loads((people_run / "metrics.json").read_text())["test"]
    assert json.loads(out)["test"]["elbo"] == pytest.approx(expected["elbo"], rel=1e-5)
    assert json.loads(out)["test"]["num_examples"] == expected["num_examples"]

    kinds = table["kind"].to_pylist()
    odd = ["unicorn" if i % 40 == 0 else each for i, each in enumerate(kinds)]
    pyarrow.parquet.write_table(table.set_column(5, "kind", pa.array(odd)), turned)
    code, _, err = vae("evaluate", people_run, turned, "--json")
    assert code == 0
    assert err == "kind: 5 entries are categories that the model does not know, and count as missing.\n"


def test_a_column_may_say_the_split(vae, people_files, tmp_path):
    names, rows = rows_of(people_files / "people.csv")
    with (tmp_path / "t.csv").open("w", newline="") as file:
        part = [["test" if i % 5 == 0 else "train"] for i in range(len(rows))]
        csv.writer(file).writerows([[*names, "part"], *([*a, *b] for a, b in zip(rows, part, strict=True))])
    run = tmp_path / "run"
    assert vae("train", tmp_path / "t.csv", "--split", "part", "--epochs", 1, "-q", "--out", run)[0] == 0
    code, out, _ = vae("evaluate", run, "--json")
    assert (code, json.loads(out)["test"]["num_examples"]) == (0, len(rows) // 5)
    # Another table is split by that column too, if it has it.
    code, out, _ = vae("evaluate", run, tmp_path / "t.csv", "--json")
    assert (code, json.loads(out)["test"]["num_examples"]) == (0, len(rows) // 5)
    assert vae("evaluate", run, people_files / "people.csv", "-q")[0] == 0
    (tmp_path / "t.csv").write_bytes((people_files / "people.csv").read_bytes())
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
