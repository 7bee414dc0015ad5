"""Gaps of a table are filled by the command."""

import csv
import dataclasses
from itertools import chain

import numpy as np
import pyarrow.parquet

from keras_vae.recipes import RECIPES
from tests.samples import PEOPLE, rows_of


def test_gaps_are_filled_and_nothing_else(vae, people_files, people_run, tmp_path):
    source, filled, doubt = people_files / "people.parquet", tmp_path / "f.parquet", tmp_path / "u.parquet"
    impute = ("impute", source, "--run", people_run, "--num-samples", 20)
    code, out, err = vae(*impute, "--out", filled, "--uncertainty", doubt)
    assert (code, out, err) == (0, f"Wrote {filled}\nWrote {doubt}\n", "")
    before, after, unsure = map(pyarrow.parquet.read_table, (source, filled, doubt))
    assert after.schema.equals(before.schema)
    assert unsure.column_names == PEOPLE
    for name in PEOPLE:
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


def test_tables_that_differ_from_the_model_s_are_filled_too(vae, people_files, people_run, tmp_path):
    names, rows = rows_of(people_files / "people.csv")
    odd = [[*row[:5], "unicorn" if i == 0 else row[5], *row[6:-1], ""] for i, row in enumerate(rows)]
    odd[1][1] = "inf"
    with (tmp_path / "odd.csv").open("w", newline="") as file:
        csv.writer(file).writerows([names, *odd])
    code, _, err = vae("impute", tmp_path / "odd.csv", "--run", people_run, "--num-samples", 5)
    assert (code, err) == (0, "kind: 1 entries are categories that the model does not know.\n")
    _, filled = rows_of(people_run / "tables" / "odd-filled.csv")
    assert len(filled) == len(rows)
    assert all(all(row) for row in filled)
    assert filled[0][5] == "unicorn"
    assert 1 < float(filled[1][1]) < 3
    assert all(1900 < int(row[-1][:4]) < 2030 for row in filled)


def test_without_a_run_one_is_trained_first(vae, people_files, tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "table", dataclasses.replace(RECIPES["table"], epochs=2))
    monkeypatch.chdir(tmp_path)
    source = people_files / "named.csv"
    code, out, err = vae("impute", source, "--column", "name=ignore", "--num-samples", 5)
    assert code == 0
    assert out.endswith("Trained runs/named-table-1\nWrote runs/named-table-1/tables/named-filled.csv\n")
    assert "epoch 2/2" in err
    names, before = rows_of(source)
    again, after = rows_of(tmp_path / "runs/named-table-1/tables/named-filled.csv")
    assert again == names
    assert [row[0] for row in after] == [f"person {i}" for i in range(len(before))]
    assert all(all(row) for row in after)
    values = zip(chain(*before), chain(*after), strict=True)
    assert all(old in ("", new) for old, new in values)
    assert (tmp_path / "runs/named-table-1/model.keras").is_file()
