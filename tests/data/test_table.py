"""Tables as files: what a column is, its numbers, and its own type again."""

import gzip
import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from keras_vae.data import Schema, read_table
from keras_vae.errors import DataError, DataNotFoundError, UnknownNameError

CSV = """height,visits,smokes,kind,born,seen,note
1.72,3,true,cat,1980-02-29,2020-01-01 10:30:00,a
1.655,0,false,"dog, large",1990-12-01,2020-01-02 00:00:00,b
,12,,cat,,2021-05-05 23:59:59,a
2.0,7,true,NA,2001-01-01,,b
"""


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(CSV)
    return path


def test_columns_are_recognised_and_come_back_in_their_own_types(people, tmp_path):
    table = read_table(people, kinds={"visits": "count"})
    kinds = {column.name: column.kind for column in table.schema.columns}
    assert kinds == {
        "height": "real", "visits": "count", "smokes": "boolean", "kind": "category", "born": "date",
        "seen": "date", "note": "category",
    }  # fmt: skip
    assert table.matrix.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(table.matrix).sum(axis=0), [1, 0, 1, 1, 1, 1, 0])
    assert table.schema.num_categories == [None, None, None, 2, None, None, 2]
    assert table.schema["kind"].likelihood == "categorical:num_categories=2"
    assert table.matrix[0, 3] == 0
    assert table.matrix[1, 4] == (np.datetime64("1990-12-01") - np.datetime64("1980-02-29")).astype(int)
    for name in ("again.csv", "again.csv.gz", "again.parquet"):
        table.write(tmp_path / name)
        again = read_table(tmp_path / name, kinds={"visits": "count"})
        np.testing.assert_allclose(again.matrix, table.matrix, rtol=1e-6)
        # Parquet knows no timestamps of seconds, and reads them back as milliseconds.
        assert [replace(each, type="") for each in again.schema.columns] == list(table.schema.columns)
    assert (
        (tmp_path / "again.csv")
        .read_text()
        .splitlines()[2]
        .startswith('1.655,0,false,"dog, large",1990-12-01')
    )
    assert pyarrow.parquet.read_table(tmp_path / "again.parquet").schema.types[:3] == [
        pa.float64(), pa.int64(), pa.bool_(),
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_and_compression(delimiter, tmp_path):
    rows = "\n".join(f"{i}.5{delimiter}{'ab'[i % 2]}{delimiter}{i * i}" for i in range(30))
    with gzip.open(tmp_path / "t.csv.gz", "wt") as file:
        file.write(f"x{delimiter}y{delimiter}z\n{rows}\n")
    table = read_table(tmp_path / "t.csv.gz")
    assert [column.kind for column in table.schema.columns] == ["real", "category", "integer"]
    assert table.schema.columns[0].decimals == 1
    np.testing.assert_array_equal(table.matrix[:, 2], np.arange(30) ** 2)


def test_another_file_has_the_same_columns_in_any_order(people, tmp_path):
    table = read_table(people)
    lines = [
        line.split(",") for line in ("kind,note,height,visits,smokes,born,seen", "bird,a,1.5,2,true,,")
    ]
    (tmp_path / "more.csv").write_text("\n".join(",".join(line) for line in lines) + "\n")
    more = table.like(tmp_path / "more.csv")
    assert more.schema == table.schema
    assert more.unknown == {"kind": 1}
    assert np.isnan(more.matrix[0, 3])
    assert more.matrix[0, 0] == 1.5
    (tmp_path / "other.csv").write_text("height,weight\n1.5,80\n")
    with pytest.raises(
        DataError, match="missing: visits, smokes, kind, born, seen, note; not known: weight"
    ):
        table.like(tmp_path / "other.csv")
    (tmp_path / "wrong.csv").write_text(CSV.replace("1.72", "tall"))
    with pytest.raises(DataError, match="'height' is no real"):
        table.like(tmp_path / "wrong.csv")


def test_samples_are_written_in_the_table_s_types(people):
    table = read_table(people)
    matrix = np.array([[1.68123456, 2.6, 0.7, 1.2, 100.4, 3.25, -0.4], [np.nan] * 7])
    rows = table.arrow(matrix).to_pylist()
    assert rows[0]["height"] == 1.681
    assert rows[0]["visits"] == 3
    assert rows[0]["smokes"] is True
    assert rows[0]["kind"] == "dog, large"
    assert str(rows[0]["born"]) == "1980-06-08"
    assert str(rows[0]["seen"]) == "2020-01-04 06:00:00"
    assert rows[0]["note"] == "a"
    assert set(rows[1].values()) == {None}
    with pytest.raises(DataError, match="7 columns"):
        table.arrow(matrix[:, :3])
    with pytest.raises(DataError, match=r"\.parquet"):
        table.write("table.xlsx")


def test_columns_that_tell_nothing_are_refused(tmp_path):
    path = tmp_path / "t.csv"
    count = 40
    columns = {
        "missing in every row": ["" for _ in range(count)],
        "numbers the rows": [str(i + 7) for i in range(count)],
        "40 different texts in 40 rows": [f"person {i}" for i in range(count)],
    }
    for message, column in columns.items():
        path.write_text("x,odd\n" + "\n".join(f"{i / 7},{each}" for i, each in enumerate(column)) + "\n")
        with pytest.raises(DataError, match=message):
            read_table(path)
    with pytest.raises(UnknownNameError, match="Unknown column 'y'"):
        read_table(path, kinds={"y": "real"})
    with pytest.raises(UnknownNameError, match="Did you mean 'real'"):
        read_table(path, kinds={"x": "reel"})
    for kind in ("real", "date", "integer", "count", "boolean"):
        with pytest.raises(DataError, match=f"'odd' is no {kind}"):
            read_table(path, kinds={"odd": kind})
    with pytest.raises(DataNotFoundError, match="No table"):
        read_table(tmp_path / "none.csv")
    path.write_text("x,y\n")
    with pytest.raises(DataError, match="holds no rows"):
        read_table(path)
    path.write_text("x,x\n1,2\n")
    with pytest.raises(DataError, match="several columns of one name"):
        read_table(path)
    path.write_text("x,y\n1,2\n1,2,3\n")
    with pytest.raises(DataError, match="cannot be read as a table"):
        read_table(path)
    (tmp_path / "t.parquet").write_text("no table")
    with pytest.raises(DataError, match="cannot be read as a table"):
        read_table(tmp_path / "t.parquet")


N = np.arange(60)


def test_infinities_and_nan_are_missing():
    odd = [np.inf, -np.inf, np.nan, None]
    table = read_table(
        {"number": [1.5, 2.25, -0.75, 9.5] * 10 + odd, "pair": [0.5, 2.5, 0.5, 2.5] * 10 + odd}
    )
    assert [each.kind for each in table.schema.columns] == ["real", "category"]
    np.testing.assert_array_equal(np.isnan(table.matrix).sum(axis=0), [4, 4])
    np.testing.assert_array_equal(np.isnan(table.matrix[-4:]), True)
    assert table.unknown == {}
    # As text, they are no categories either.
    said = read_table(
        {"number": [1.0, 2.5, np.nan, np.inf] * 10, "z": N[:40] ** 2}, kinds={"number": "category"}
    )
    assert said.schema["number"].categories == ("1", "2.5")
    np.testing.assert_array_equal(said.matrix[:4, 0], [0, 1, np.nan, np.nan])
    assert said.unknown == {}
    with pytest.raises(DataError, match="missing in every row"):
        read_table({"number": [np.nan, np.inf, None]})


def test_numbers_beyond_float32_are_missing():
    table = read_table({"x": [1e300, -1e308, 2.5, 3.25, 7.0], "y": [1.0, 2.5, 7.0, 1e-50, -4.0]})
    np.testing.assert_array_equal(np.isnan(table.matrix), [[1, 0], [1, 0], [0, 0], [0, 0], [0, 0]])
    assert table.arrow()["x"].to_pylist()[2:] == [2.5, 3.25, 7.0]
    with pytest.raises(DataError, match="missing in every row"):
        read_table({"x": [1e300, 1.00001e300, 2e300], "y": [1.0, 2.5, 7.0]})


def test_far_numbers_keep_their_precision():
    seconds = 1_700_000_000 + N**2
    table = read_table({"time": seconds, "year": 1990 + N % 30, "wide": 10**6 + N**4})
    assert table.schema["time"].start == 1_700_000_000
    assert [each.start for each in table.schema.columns[1:]] == [0, 0]
    np.testing.assert_array_equal(table.matrix[:, 0], N**2)
    assert table.schema["time"].number_of("1700000007") == 7
    assert table.like({"time": [1_700_000_007], "year": [1990], "wide": [5]}).matrix[0].tolist() == [
        7,
        1990,
        5,
    ]


def test_ignored_columns_may_be_there_or_not():
    columns = {"x": [1.5, 2.5, 4.0], "name": ["ann", "bob", "cy"], "y": [3, 5, 9]}
    table = read_table(columns, kinds={"name": "ignore"})
    assert table.schema.names == ["x", "y"]
    without = table.like({"y": [4], "x": [1.0]})
    np.testing.assert_array_equal(without.matrix, [[1, 4]])
    with_another_type = table.like({"name": [b"\x00"], "y": [4], "x": [1.0]})
    np.testing.assert_array_equal(with_another_type.matrix, [[1, 4]])
    with pytest.raises(DataError, match="not known: age"):
        table.like({"y": [4], "x": [1.0], "age": [3]})
    with pytest.raises(DataError, match="every column is left out"):
        read_table(columns, kinds=dict.fromkeys(columns, "ignore"))


def test_tables_in_memory():
    matrix = np.random.default_rng(0).normal(size=(30, 2)).round(2).astype("float32")
    names = ["column 0", "column 1"]
    of_array = read_table(matrix)
    assert of_array.schema.names == names
    np.testing.assert_array_equal(of_array.matrix, matrix)
    columns = dict(zip(names, matrix.T, strict=True))
    for source in (columns, pa.table(columns), pa.table(columns).slice(0, 30)):
        other = read_table(source)
        assert other.schema == of_array.schema
        np.testing.assert_array_equal(other.matrix, matrix)
    assert of_array.inputs() is of_array.matrix
    for odd, message in {
        "1 axis": (np.zeros(3), r"shape \(3,\)"),
        "3 axes": (np.zeros((3, 2, 2)), r"shape \(3, 2, 2\)"),
        "no rows": (np.zeros((0, 3)), "no rows"),
        "no columns": (np.zeros((3, 0)), "no rows"),
        "no values": ({"a": []}, "no rows"),
        "complex": (np.ones((3, 2), complex), "cannot be read as a table"),
        "ragged": ({"a": [1, 2], "b": [1]}, "cannot be read as a table"),
        "no list": ({"a": 1}, "cannot be read as a table"),
    }.values():
        with pytest.raises(DataError, match=message):
            read_table(odd)


@pytest.mark.parametrize(
    "values",
    [
        [[1, 2]] * 30,
        [{"a": 1}] * 30,
        [b"a", b"b"] * 15,
        pa.array([b"abc"] * 30, pa.binary(3)),
        pa.array([b"a", b"b"] * 15, pa.binary_view()),
        pa.array([b"a", b"b"] * 15).dictionary_encode(),
        pa.array([timedelta(1)] * 30),
        pa.array([(1, 2, 3)] * 30, pa.month_day_nano_interval()),
    ],
)
def test_columns_of_types_that_cannot_be_used_are_refused_with_the_remedy(values):
    columns = {"x": N[:30] / 7, "my odd": values}
    with pytest.raises(DataError, match=r"values of type .*Leave it out: --column 'my odd=ignore'\."):
        read_table(columns)
    for kind in ("real", "date", "count"):
        with pytest.raises(DataError, match=f"is no {kind}"):
            read_table(columns, kinds={"my odd": kind})
    assert read_table(columns, kinds={"my odd": "ignore"}).schema.names == ["x"]


@pytest.mark.parametrize("first", [0, 1, -17, 10**9])
def test_numbers_of_the_rows_are_recognised_in_any_order_and_any_pieces(first, tmp_path):
    count = 40_000
    numbers = np.random.default_rng(0).permutation(count) + first
    table = pa.table({"id": numbers, "x": numbers % 7})
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet", row_group_size=7000)
    pieces = pa.concat_tables([table.slice(0, 25), table.slice(25, 15_000), table.slice(15_025)])
    for source in (table, pieces, tmp_path / "t.parquet"):
        with pytest.raises(DataError, match=r"'id' numbers the rows.*--column id=ignore"):
            read_table(source)
    # One that stands twice, in place of another, and it may tell something.
    for odd in (numbers[1], numbers[0] + count):
        columns = {"id": np.concatenate([[odd], numbers[1:]]), "x": numbers % 7}
        assert read_table(columns).schema["id"].kind == "integer"


def test_kinds_that_values_contradict_are_refused():
    for values, kind in (
        ([0, 0.5, 1], "boolean"),
        ([0, 2, 1], "boolean"),
        ([0, 0.5, 3], "count"),
        ([-1, 2, 3], "count"),
        ([0, 0.5, 3], "integer"),
    ):
        with pytest.raises(DataError, match=f"'x' is no {kind}: its values lie between"):
            read_table({"x": values}, kinds={"x": kind})
    said = read_table({"x": [0.0, 2.0, 3.0], "y": ["1", "2", "2"]}, kinds={"x": "count", "y": "integer"})
    assert said.schema["x"].likelihood.startswith("negative_binomial")
    assert said.arrow().to_pylist() == [{"x": 0, "y": "1"}, {"x": 2, "y": "2"}, {"x": 3, "y": "2"}]


def test_a_schema_goes_through_json(people):
    schema = read_table(people, kinds={"visits": "count", "note": "ignore"}).schema.giving(["born", "kind"])
    again = Schema.from_config(json.loads(json.dumps(schema.get_config())))
    assert again == schema
    assert [each.name for each in again.given] == ["born", "kind"]
    assert again["kind"].classes == ("cat", "dog, large")
    assert again.ignored == ("note",)
    arrow = pa.table({"visits": [3], "height": [1.5], "smokes": [False], "seen": [None], "kind": ["cat"]})
    np.testing.assert_array_equal(again.encode(arrow), [[1.5, 3, 0, np.nan]])
    assert {name: each.tolist() for name, each in again.encode_given(arrow).items()} == {"kind": [0]}
    back = again.decode(np.array([[1.5, 3, 0, np.nan]] * 2), {"kind": np.array([-1, 1]), "born": 1.0})
    assert back.column_names == ["height", "visits", "smokes", "seen", "kind", "born"]
    assert back["kind"].to_pylist() == [None, "dog, large"]
    assert back["born"].to_pylist() == [date(1980, 3, 1)] * 2


def test_parquet_and_csv_give_the_same_table(people, tmp_path):
    table = read_table(people)
    arrow = pyarrow.csv.read_csv(
        people, convert_options=pyarrow.csv.ConvertOptions(null_values=["", "NA"], strings_can_be_null=True)
    )
    pyarrow.parquet.write_table(arrow, tmp_path / "t.parquet", row_group_size=3)
    other = read_table(tmp_path / "t.parquet")
    np.testing.assert_array_equal(other.matrix, table.matrix)
    assert [replace(each, type="") for each in other.schema.columns] == list(table.schema.columns)


def test_files_that_are_no_tables_are_refused(tmp_path):
    content = "x,y\n" + "".join(f"{i * 0.37},{i * i}\n" for i in range(30_000))
    packed = gzip.compress(content.encode())
    pyarrow.parquet.write_table(pa.table({"x": N / 7}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    files = {
        "nul.csv": b"x,y\n1,\x002\n3,4\n",
        "utf16.csv": "x,y\n1,2\n".encode("utf-16"),
        "latin.csv": "größe,y\n1,2\n".encode("latin-1"),
        "half.csv.gz": packed[: len(packed) // 2],
        "head.csv.gz": packed[:20],
        "plain.csv.gz": b"x,y\n1,2\n",
        "half.parquet": whole[: len(whole) // 2],
        "torn.parquet": whole[:4] + b"\xff" * 200 + whole[204:],
        "empty.parquet": b"",
        "empty.csv": b"",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(DataError, match=f"{name} cannot be read as a table"):
            read_table(tmp_path / name)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataNotFoundError, match="No table at"):
        read_table(tmp_path / "folder.csv")


def test_names_and_endings_may_be_odd(tmp_path):
    rows = "".join(f"{i / 7:.3f},{i * i},{'äß'[i % 2]},{i % 3}\n" for i in range(40))
    path = tmp_path / "t.CSV"
    path.write_text('\ufeffx,a=b,größe 📏,"c, ""d"""\n' + rows, encoding="utf-8")
    table = read_table(path, kinds={"a=b": "real"})
    names = ["x", "a=b", "größe 📏", 'c, "d"']
    assert table.schema.names == names
    assert table.schema["größe 📏"].categories == ("ß", "ä")
    for name in ("again.CSV", "again.Parquet", "again.csv.GZ"):
        table.write(tmp_path / name)
        again = read_table(tmp_path / name, kinds={"a=b": "real"})
        assert again.schema.names == names
        np.testing.assert_array_equal(again.matrix, table.matrix)
    assert (tmp_path / "again.csv.GZ").read_bytes()[:2] == b"\x1f\x8b"
    with pytest.raises(DataError, match=r"--column 'größe 📏=ignore'\."):
        read_table({"größe 📏": [None, None]})


def test_the_smallest_tables():
    one = read_table({"x": [1.5], "kind": ["cat"]})
    assert one.arrow().to_pylist() == [{"x": 1.5, "kind": "cat"}]
    assert one.schema["kind"].likelihood == "categorical:num_categories=2"
    column = read_table({"x": [1.5, 2.5, None]})
    assert column.matrix.shape == (3, 1)
    texts = read_table({"text": ["", "a", None, ""]})
    assert texts.schema["text"].categories == ("", "a")
    assert texts.arrow()["text"].to_pylist() == ["", "a", None, ""]


def test_too_many_categories_are_refused():
    many = [f"kind {i}" for i in range(200)]
    assert len(read_table({"k": many * 2}).schema["k"].categories) == 200
    with pytest.raises(DataError, match="more than 200 different texts in 402 rows"):
        read_table({"k": [*many, "one more"] * 2})
