"""Tables as data sets: which row is in which split, for ever, and what stands beside the rows."""

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from scipy import stats

from keras_vae.data import DiskArray, inspect, load, load_table, open_table, rows, split_table
from keras_vae.data.row_digest import row_digests
from keras_vae.data.split import is_test
from keras_vae.errors import DataError, UnknownNameError
from tests.samples import people

COUNT = 400


@pytest.fixture(scope="module")
def table():
    return people(COUNT)


def rows_for_testing(data):
    """The rows for testing, as a set of what they hold."""
    return {tuple(sorted(row.items())) for row in map(written, data.schema.decode(data.x_test).to_pylist())}


def written(row):
    return {name: str(value) for name, value in row.items()}


def test_a_row_is_in_the_same_split_in_every_table(table):
    data = load_table(table)
    assert data.x_train.dtype == data.x_test.dtype == np.float32
    assert len(data.x_train) + len(data.x_test) == COUNT
    expected = rows_for_testing(data)
    assert len(expected) == len(data.x_test)
    order = np.random.default_rng(1).permutation(COUNT)
    assert rows_for_testing(load_table(table.take(order))) == expected
    more = load_table(pa.concat_tables([table, people(300, seed=9)]))
    assert expected < rows_for_testing(more)
    pieces = pa.concat_tables([table.slice(0, 3), table.slice(3)])
    np.testing.assert_array_equal(load_table(pieces).x_test, data.x_test)
    # Columns in another order, and one that is not looked at.
    names = table.column_names[::-1]
    turned = load_table(table.select(names))
    np.testing.assert_array_equal(turned.x_test, data.x_test[:, ::-1])
    for seed in range(2):
        beside = np.random.default_rng(seed).normal(size=COUNT)
        with_more = load_table(table.append_column("note", pa.array(beside)), kinds={"note": "ignore"})
        np.testing.assert_array_equal(with_more.x_test, data.x_test)
    assert rows_for_testing(load_table(table.drop_columns("age"))) != expected


def test_the_split_is_the_same_in_every_file_and_type(table, tmp_path):
    data = load_table(table)
    pyarrow.csv.write_csv(table, tmp_path / "t.csv")
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet", row_group_size=70)
    types = {"age": pa.float64(), "visits": pa.int8(), "smokes": pa.int32(), "kind": pa.large_string()}
    cast = table
    for name, type_ in types.items():
        cast = cast.set_column(cast.column_names.index(name), name, cast[name].cast(type_))
    packed = table.set_column(5, "kind", table["kind"].dictionary_encode())
    for source in (tmp_path / "t.csv", str(tmp_path / "t.parquet"), cast, packed):
        again = load(source)
        np.testing.assert_array_equal(again.x_test, data.x_test)
        np.testing.assert_array_equal(again.x_train, data.x_train)
    assert load(tmp_path / "t.csv").name == str(tmp_path / "t.csv")


def test_digests_do_not_collide_where_values_differ():
    one = pa.table({"a": [1.0, 2.0, None, 0.0, -0.0], "b": ["x", "x", "x", "y", "y"]})
    digests = row_digests(one, ["a", "b"])
    assert digests.dtype == np.uint64
    assert len(set(digests.tolist())) == 4
    assert digests[3] == digests[4]
    np.testing.assert_array_equal(row_digests(one.select(["b", "a"]), ["b", "a"]), digests)
    # The same values in the other column are another row, and a missing one is no zero and no text.
    swapped = pa.table({"a": [1, 2], "b": [2, 1]})
    assert len(set(row_digests(swapped, "ab").tolist())) == 2
    gaps = pa.table({"a": pa.array([None, "", "None"])})
    assert len(set(row_digests(gaps, "a").tolist())) == 3
    # What is missing is the same in a column of any type.
    other_nan = np.array([0xFFF8000000000001], "uint64").view("float64")
    columns = [[None, np.nan, 0.0], pa.nulls(1), pa.array([None], pa.string()), other_nan, [0]]
    gaps = np.concatenate([row_digests(pa.table({"a": each}), "a") for each in columns])
    assert len(set(gaps[[0, 1, 3, 4, 5]].tolist())) == 1
    assert len({gaps[0], gaps[2]}) == 2
    assert gaps[2] == gaps[6]


def test_a_tenth_is_for_testing_and_copies_are_never_in_both():
    generator = np.random.default_rng(0)
    number = generator.normal(size=20_000).round(6)
    data = load_table({"x": number, "even": generator.integers(0, 2, 20_000)})
    interval = stats.binom.interval(1 - 1e-6, 20_000, 0.1)
    assert interval[0] <= len(data.x_test) <= interval[1]
    # Numbers that follow each other are as good as any.
    digests = row_digests(pa.table({"x": np.arange(20_000)}), ["x"])
    assert interval[0] <= is_test(digests).sum() <= interval[1]
    halves = is_test(digests).reshape(20, -1).sum(axis=1)
    assert stats.chisquare(halves).pvalue > 1e-4
    few = load_table({"x": number[:300].repeat(3), "y": (number[:300] > 0).repeat(3)})
    assert not set(few.x_train[:, 0]) & set(few.x_test[:, 0])
    assert few.findings.duplicates == 600
    assert inspect(few).duplicates == 600


def test_a_column_may_say_the_split(table):
    chosen = np.arange(COUNT) % 4 == 1
    said = table.append_column("part", pa.array(np.where(chosen, "test", "train")))
    data = load_table(said, split="part")
    whole = load_table(table)
    assert data.schema.names == whole.schema.names
    assert data.schema.ignored == ("part",)
    assert data.reading == {"split": "part"}
    heights = table["height"].to_numpy(zero_copy_only=False).astype("float32")
    np.testing.assert_array_equal(data.x_test[:, 1], heights[chosen])
    np.testing.assert_array_equal(data.x_train[:, 1], heights[~chosen])
    with pytest.raises(UnknownNameError, match=r"Unknown column 'prt'\. Did you mean 'part'"):
        load_table(said, split="prt")
    for odd in ("Test", "validation", None):
        wrong = table.append_column("part", pa.array(["train"] * (COUNT - 1) + [odd], pa.string()))
        with pytest.raises(DataError, match=f"must say train or test in each row. Found: {odd}"):
            load_table(wrong, split="part")
    for one in ("train", "test"):
        only = table.append_column("part", pa.array([one] * COUNT))
        other = "test" if one == "train" else "train"
        with pytest.raises(DataError, match=f"no row is left for the split '{other}'.*--split"):
            load_table(only, split="part")


def test_too_few_rows_are_refused():
    x = np.random.default_rng(3).normal(size=400)
    with pytest.raises(DataError, match="holds 19 rows, and at least 20"):
        load_table({"x": x[:19]})
    with pytest.raises(DataError, match="no row is left for the split 'test'"):
        load_table({"x": x[~is_test(row_digests(pa.table({"x": x}), "x"))]})
    said = {"x": x[:20], "part": ["train"] * 19 + ["test"]}
    assert load_table(said, split="part").x_test.shape == (1, 1)


def test_columns_can_stand_beside_the_rows(table):
    data = load_table(table)
    given = data.conditioned_on(["kind", "born", "height=real"])
    names = ["age", "weight", "income", "visits", "smokes"]
    assert given.schema.names == names
    assert [each.name for each in given.schema.given] == ["kind", "born", "height"]
    places = [data.schema.names.index(name) for name in names]
    np.testing.assert_array_equal(given.x_test, data.x_test[:, places])
    np.testing.assert_array_equal(given.x_train, data.x_train[:, places])
    kind, height = (data.x_test[:, data.schema.names.index(name)] for name in ("kind", "height"))
    assert np.isnan(kind).any()
    assert given.columns_test["kind"].dtype.kind == "i"
    np.testing.assert_array_equal(given.columns_test["kind"], np.where(np.isnan(kind), -1, kind))
    np.testing.assert_array_equal(given.columns_test["height"], height)
    assert set(given.columns("train")) == set(table.column_names)
    inputs = given.inputs("test", ["kind", "height"])
    assert set(inputs) == {"x", "kind", "height"}
    assert inputs["x"] is given.x_test
    assert given.inputs("test") is given.x_test
    assert given.class_names("kind") == data.schema["kind"].categories
    assert given.class_names("smokes") == ("false", "true")
    assert given.class_names("height") == ()
    # Without requests, the same; and an unknown one, or all of them.
    assert data.conditioned_on([]) is data
    with pytest.raises(UnknownNameError, match="Did you mean 'kind'"):
        data.conditioned_on(["kin"])
    with pytest.raises(DataError, match="every column is a condition"):
        data.conditioned_on(table.column_names)


def test_a_column_called_x_or_label():
    generator = np.random.default_rng(0)
    data = load_table({"x": generator.normal(size=100), "label": ["a", "b"] * 50, "y": np.arange(100) ** 2})
    assert set(data.columns("train")) == {"x", "label", "y"}
    labelled = data.conditioned_on(["label"])
    assert set(labelled.inputs("train", ["label"])["label"].tolist()) == {0, 1}
    with pytest.raises(DataError, match="may not be called 'x'"):
        data.conditioned_on(["x"])


def test_labels_are_the_classes_of_the_last_column_that_has_some(table):
    data = load_table(table)
    assert data.label_names == ("false", "true")
    smokes = data.x_train[:, data.schema.names.index("smokes")]
    np.testing.assert_array_equal(data.y_train, np.where(np.isnan(smokes), -1, smokes))
    given = data.conditioned_on(["kind"])
    assert given.label_names == data.schema["kind"].categories
    np.testing.assert_array_equal(given.y_test, given.columns_test["kind"])
    none = load_table({"x": np.arange(100) ** 2})
    assert none.label_names == ()
    assert set(none.y_train.tolist()) == {-1}
    many = load_table({"x": np.arange(105) ** 2, "k": [f"k{i % 21}" for i in range(105)]})
    assert many.label_names == ()


def test_the_fingerprint_is_that_of_the_content(table):
    data = load_table(table)
    assert load_table(table).fingerprint == data.fingerprint
    assert len(data.fingerprint) == 64
    changed = table.set_column(0, "age", pa.array([None, *table["age"].to_pylist()[1:]]))
    assert table["age"][0].as_py() is not None
    assert load_table(changed).fingerprint != data.fingerprint
    given = data.conditioned_on(["kind"])
    assert given.fingerprint != data.fingerprint
    assert data.conditioned_on(["kind"]).fingerprint == given.fingerprint
    # A model that is conditional on a column reads the table by the schema that it kept.
    read = split_table(open_table(table), given.schema)
    assert read.fingerprint == given.fingerprint
    assert read.schema == given.schema


def test_tables_that_are_like_another_may_lack_what_is_given(table):
    schema = load_table(table).conditioned_on(["kind"]).schema
    without = split_table(open_table(table.drop_columns("kind")), schema)
    assert without.columns_train == {}
    assert set(without.inputs("train", ["kind"])) == {"x"}
    assert set(without.y_train.tolist()) == {-1}
    odd = table.set_column(5, "kind", pa.array(["unicorn", None, *["cat"] * (COUNT - 2)]))
    found = split_table(open_table(odd), schema)
    assert found.findings.unknown == {"kind": 1}
    both = np.concatenate([found.columns_train["kind"], found.columns_test["kind"]])
    assert sorted(both.tolist())[:3] == [-1, -1, 0]
    renamed = table.rename_columns(["weigth", *table.column_names[1:]])
    with pytest.raises(DataError, match="missing: age; not known: weigth"):
        split_table(open_table(renamed), schema)


def test_a_large_table_is_on_disk_and_the_same(table, monkeypatch):
    data = load_table(table)
    given = data.conditioned_on(["kind", "age"])
    monkeypatch.setattr(rows, "MOST_IN_MEMORY", 64)
    large = load_table(table)
    assert isinstance(large.x_train, DiskArray)
    assert isinstance(large.x_test, DiskArray)
    np.testing.assert_array_equal(large.x_train[:], data.x_train)
    np.testing.assert_array_equal(large.x_test[[3, 1]], data.x_test[[3, 1]])
    np.testing.assert_array_equal(large.y_train, data.y_train)
    assert large.fingerprint == data.fingerprint
    assert large.value_range == data.value_range
    assert inspect(large) == inspect(data)
    large_given = large.conditioned_on(["kind", "age"])
    assert isinstance(large_given.x_train, DiskArray)
    assert large_given.fingerprint == given.fingerprint


def test_what_was_found_is_told():
    x = np.where(np.arange(200) % 10 < 4, np.nan, np.arange(200) / 8)
    kind = np.array(["cat", "dog", "dog", "eel"] * 50)
    found = inspect(
        load_table({"x": x, "kind": kind, "five": [5] * 200, "id": kind}, kinds={"id": "ignore"})
    )
    number, text, constant = found.columns
    assert (number.missing, number.low, number.high) == (80, "0.5", "24.875")
    assert text.classes == {"dog": 100, "cat": 50, "eel": 50}
    assert (number.is_constant, text.is_constant, constant.is_constant) == (False, False, True)
    assert found.ignored == ("id",)
    assert found.missing_share == pytest.approx(80 / 600)
    assert found.num_train + found.num_test == 200
    assert found.settings["recipe"] == "table"
    assert inspect(load_table({"x": x}), suggest=False).suggestions == ()
