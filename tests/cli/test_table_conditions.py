"""Runs on tables that are conditional on columns, by the command."""

import json
import shlex

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from keras_vae import runs
from tests.samples import PEOPLE, rows_of


def test_a_table_is_asked_by_condition(vae, people_files, conditional_people_run, tmp_path):
    modelled = ["age", "height", "weight", "income", "visits", "smokes"]
    target = tmp_path / "c.csv"
    asked = ("--condition", "kind=guinea pig", "--condition", "born=1980-05-17")
    assert vae("sample", conditional_people_run, "-n", 6, *asked, "--out", target)[0] == 0
    names, rows = rows_of(target)
    assert names == [*modelled, "kind", "born"]
    assert {tuple(row[-2:]) for row in rows} == {("guinea pig", "1980-05-17")}
    # The model must be told of days as it was trained on them: the same as through its own schema.
    finished = runs.Run(conditional_people_run)
    day = finished.schema["born"].encode(pa.array(["1980-05-17"]))[0]
    born = finished.data().columns_train["born"]
    assert np.nanmin(born) < day < np.nanmax(born)
    assert (
        vae("sample", conditional_people_run, "-n", 6, "--condition", "kind=unknown", "--out", target)[0]
        == 0
    )
    names, others = rows_of(target)
    assert names == [*modelled, "kind"]
    assert {row[-1] for row in others} == {""}
    assert [row[:6] for row in others] != [row[:6] for row in rows]
    code, out, err = vae("evaluate", conditional_people_run, "--json")
    assert (code, err) == (0, "")
    metrics = json.loads((conditional_people_run / "metrics.json").read_text())
    found, expected = json.loads(out)["test"], metrics["test"]
    assert found["protocol"] == expected["protocol"]
    assert found | {"protocol": None} == pytest.approx(expected | {"protocol": None})
    for arguments in (
        ("reconstruct", conditional_people_run, "-n", 3),
        ("interpolate", conditional_people_run, "--steps", 3),
    ):
        assert vae(*arguments, "--out", target)[0] == 0
        names, rows = rows_of(target)
        assert names[:6] == modelled
        assert len(rows) == 3
    assert vae("map", conditional_people_run, "--out", tmp_path / "map.png")[0] == 0
    filled = tmp_path / "filled.csv"
    assert (
        vae("impute", people_files / "named.csv", "--run", conditional_people_run, "--out", filled)[0] == 0
    )
    names, rows = rows_of(filled)
    assert names == ["name", *PEOPLE]
    assert all(row[names.index(name)] for row in rows for name in modelled)
    kinds = [row[6] for row in rows_of(people_files / "named.csv")[1]]
    assert [row[6] for row in rows] == kinds
    # Without what the model is conditional_people_run on, it is unknown.
    table = pyarrow.csv.read_csv(people_files / "named.csv").drop_columns(["kind", "born"])
    pyarrow.csv.write_csv(table, tmp_path / "less.csv")
    assert vae("impute", tmp_path / "less.csv", "--run", conditional_people_run, "--out", filled)[0] == 0
    assert vae("evaluate", conditional_people_run, tmp_path / "less.csv", "-q") == (0, "", "")


def test_a_run_is_conditional_by_option_and_as_inspect_says(vae, people_files, tmp_path):
    columns = ("--column", "name=ignore", "--column", "visits=count")
    code, out, _ = vae("inspect", people_files / "named.csv", *columns)
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
