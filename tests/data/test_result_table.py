"""Tables of results, written a batch at a time."""

import csv
import gzip
import tracemalloc

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from keras_vae.data import result_table, write_batches, write_table
from keras_vae.errors import DataError

NAMES = np.array(["plain.png", "with, comma.png", 'with "quotes".png', "größe.png", "two\nlines.png"])


def batches(sizes=(2, 3)):
    """Five rows of texts, integers and both kinds of floating-point numbers."""
    start = 0
    for size in sizes:
        rows = np.arange(start, start + size)
        yield {"file": NAMES[rows], "number": rows, "z1": (rows / 7).astype("float32"), "score": rows / 7}
        start += size


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "CSV"])
def test_text_is_read_back_by_another_reader(ending, tmp_path):
    path = tmp_path / f"out.{ending}"
    assert write_batches(path, batches()) == 5
    content = gzip.decompress(path.read_bytes()) if ending == "csv.gz" else path.read_bytes()
    names, *rows = csv.reader(content.decode().splitlines(keepends=True))
    assert names == ["file", "number", "z1", "score"]
    assert [row[0] for row in rows] == NAMES.tolist()
    assert [int(row[1]) for row in rows] == [0, 1, 2, 3, 4]
    # Each number is written with the digits that bring it back exactly, in its own precision.
    for column, dtype in ((2, "float32"), (3, "float64")):
        read = np.array([row[column] for row in rows], dtype)
        np.testing.assert_array_equal(read, (np.arange(5) / 7).astype(dtype))
    assert len(rows[1][2]) < len(rows[1][3])


def test_parquet_keeps_the_types_and_gathers_small_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(result_table, "_ROWS", 4)
    path = tmp_path / "out.parquet"
    assert write_batches(path, batches((1, 1, 1, 1, 1))) == 5
    file = pyarrow.parquet.ParquetFile(path)
    assert [str(each.type) for each in file.schema_arrow] == ["string", "int64", "float", "double"]
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [4, 1]
    assert file.read().to_pydict()["file"] == NAMES.tolist()


def test_what_is_missing_is_empty(tmp_path):
    some = [{"label": [None, None], "age": [1, None]}, {"label": ["cat", None], "age": [2, 3]}]
    write_batches(tmp_path / "out.csv", some)
    assert (tmp_path / "out.csv").read_text() == '"label","age"\n,1\n,\n"cat",2\n,3\n'
    write_batches(tmp_path / "out.parquet", some)
    assert pyarrow.parquet.read_table(tmp_path / "out.parquet").to_pydict() == {
        "label": [None, None, "cat", None],
        "age": [1, None, 2, 3],
    }


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(count):
        tracemalloc.start()
        numbers = np.zeros(10_000)
        write_batches(tmp_path / "out.csv", ({"z1": numbers, "name": ["a"] * 10_000} for _ in range(count)))
        return tracemalloc.get_traced_memory()[1], tracemalloc.stop()

    before = pa.total_allocated_bytes()
    few, many = peak(10)[0], peak(100)[0]
    assert many < 1.2 * few
    assert pa.total_allocated_bytes() == before


def broken_batches():
    yield from batches()
    raise RuntimeError("the model is gone")


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
@pytest.mark.parametrize("existing", [None, b"what was there"])
def test_an_error_leaves_things_as_they_were(ending, existing, tmp_path, monkeypatch):
    monkeypatch.setattr(result_table, "_ROWS", 1)
    path = tmp_path / f"out.{ending}"
    if existing:
        path.write_bytes(existing)
    with pytest.raises(RuntimeError, match="the model is gone"):
        write_batches(path, broken_batches())
    assert [each.name for each in tmp_path.iterdir()] == [path.name] * bool(existing)
    assert not existing or path.read_bytes() == existing
    write_batches(path, batches())
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() != existing


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "out.csv").symlink_to(tmp_path / "there" / "out.csv")
    write_batches(tmp_path / "out.csv", batches())
    assert (tmp_path / "out.csv").is_symlink()
    assert (tmp_path / "there" / "out.csv").read_text().startswith('"file","number"')


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([], "there is no batch"),
        ([{"a": [1]}, {"b": [1]}], r"must have the columns a\. Found: b\."),
        ([{"a": [1]}, {"a": [1], "b": [1]}], r"must have the columns a\. Found: a, b\."),
        ([{"a": [1], "b": [1, 2]}], r"of one length\. Found: a 1, b 2\."),
        ([{"a": [1]}, {"a": ["one"]}], "'a' does not hold values of the type int64"),
        ([{"a": [1]}, {"a": [1.5]}], "'a' does not hold values of the type int64"),
        ([{"a": [1, "one"]}], "'a' does not hold values of one type"),
    ],
)
def test_batches_that_do_not_belong_together_are_refused(found, message, tmp_path):
    with pytest.raises(DataError, match=message):
        write_batches(tmp_path / "out.parquet", found)
    assert not list(tmp_path.iterdir())


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"\.csv, \.csv\.gz, \.parquet\. Received: .*out\.xlsx"):
        write_batches(tmp_path / "out.xlsx", batches())
    with pytest.raises(DataError, match=r"Received: .*out"):
        write_table(tmp_path / "out", pa.table({"a": [1]}))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_without_rows_has_its_columns(ending, tmp_path):
    path = tmp_path / f"out.{ending}"
    write_table(path, pa.table({"a": pa.array([], pa.int16()), "b": pa.array([], pa.string())}))
    read = pyarrow.parquet.read_table if ending == "parquet" else pyarrow.csv.read_csv
    assert read(path).column_names == ["a", "b"]
    assert read(path).num_rows == 0
