"""Tables as files: what a column is, its numbers, and its own type again."""

import gzip
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from keras_vae.data import read_table
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
    assert table.schema.likelihoods[3] == "categorical:num_categories=2"
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
