"""Columns of tables: their own types, to numbers and back."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from keras_vae.columns.column import decimals_of
from keras_vae.data import read_table

N = np.arange(60)
MOMENT = datetime(2020, 1, 31, 3, 4, 5)
#: Columns that must come back as they are: values, and the kind that they are recognised as.
OWN = {
    "int32": (pa.array(N**2, pa.int32()), "integer"),
    "uint8": (pa.array(N**2 % 97, pa.uint8()), "integer"),
    "float32": (pa.array(N / 4 - 3, pa.float32()), "real"),
    "decimal": (pa.array([Decimal(int(i) ** 2).scaleb(-2) for i in N], pa.decimal128(10, 2)), "real"),
    "two decimals": (
        pa.array([Decimal("1.10"), Decimal("2.50"), None] * 20, pa.decimal128(5, 2)), "category",
    ),
    "two doubles": (pa.array([0.1 + 0.2, 1e-9, None] * 20), "category"),
    "two integers": (pa.array([7, 12, None] * 20, pa.int16()), "category"),
    "0 and 1": (pa.array([0, 1, None] * 20), "boolean"),
    "0.0 and 1.0": (pa.array([0.0, 1.0, None] * 20), "boolean"),
    "bool": (pa.array([True, False, None] * 20), "boolean"),
    "large_string": (pa.array(["a", "b", None] * 20, pa.large_string()), "category"),
    "string_view": (pa.array(["a", "b", None] * 20, pa.string_view()), "category"),
    "date32": (pa.array([MOMENT.date() + timedelta(int(i) ** 2) for i in N]), "date"),
    "timestamp[us]": (pa.array([MOMENT + timedelta(int(i)) for i in N], pa.timestamp("us")), "date"),
    "midnights": (pa.array(np.datetime64("2020-01-01") + N).cast(pa.timestamp("ns")), "date"),
    "of a zone": (
        pa.array([MOMENT + timedelta(int(i)) for i in N], pa.timestamp("ms", tz="Europe/Paris")), "date",
    ),
    "far integers": (pa.array(1_700_000_000 + N**2), "integer"),
    "far numbers": (pa.array(1_700_000_000 + N**2 / 8), "real"),
    "years": (pa.array(1960 + N**2 % 61), "integer"),
    "small numbers": (pa.array((N**2 + 1) * 1e-12), "real"),
    "text as numbers": (pa.array([f"{i / 4}" for i in N]), "real"),
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_values_come_back_as_they_are_through_parquet(name, tmp_path):
    values, kind = OWN[name]
    pyarrow.parquet.write_table(pa.table({"before": N**2, name: values}), tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet", kinds={name: "real"} if name == "text as numbers" else None)
    assert table.schema[name].kind == kind
    table.write(tmp_path / "again.parquet")
    again = pyarrow.parquet.read_table(tmp_path / "again.parquet")
    assert again.column_names == ["before", name]
    assert again[name].type == values.type
    if name == "text as numbers":
        assert [float(each) for each in again[name].to_pylist()] == (N / 4).tolist()
    elif name == "small numbers":
        np.testing.assert_allclose(again[name], values, rtol=1e-6)
    else:
        assert again[name].to_pylist() == values.to_pylist()


def test_dictionaries_come_back_as_what_they_hold():
    columns = {"text": ["cat", None, "dog"], "number": [3, 5, None]}
    table = read_table(
        pa.table({name: pa.array(each).dictionary_encode() for name, each in columns.items()})
    )
    assert [each.kind for each in table.schema.columns] == ["category", "category"]
    assert table.arrow().schema.types == [pa.string(), pa.int64()]
    assert table.arrow().to_pydict() == columns


def test_numbers_that_do_not_fit_their_type_become_the_nearest_that_do():
    types = {"int8": pa.int8(), "uint16": pa.uint16(), "int64": pa.int64(), "uint64": pa.uint64()}
    columns = {name: pa.array(N**2 % 97, type_) for name, type_ in types.items()}
    columns["decimal"] = pa.array(N**2 % 97).cast(pa.float64()).cast(pa.decimal128(4, 2))
    columns["day"] = pa.array(N**2, pa.int32()).cast(pa.date32())
    columns["ns"] = pa.array(N**2 * 10**9).cast(pa.timestamp("ns"))
    columns["count"] = pa.array(N**2 % 97, pa.int32())
    columns["whole"] = pa.array(N**2 % 97.0)
    table = read_table(pa.table(columns), kinds={"count": "count", "whole": "integer"})
    found = table.arrow(np.array([[-1e30] * 9, [1e30] * 9, [np.nan] * 9])).to_pydict()
    assert found["int8"] == [-128, 127, None]
    assert found["uint16"] == [0, 65535, None]
    assert found["int64"][0] == -(2**63)
    assert 2**63 - 1025 < found["int64"][1] < 2**63
    assert found["uint64"][0] == 0
    assert found["decimal"] == [Decimal("-99.99"), Decimal("99.99"), None]
    assert found["day"] == [date(1, 1, 1), date(9999, 12, 31), None]
    assert [str(each)[:4] for each in found["ns"]] == ["1677", "2262", "None"]
    assert found["count"] == [0, 2**31 - 1, None]
    assert found["whole"][0] == -(2.0**63)
    assert found["whole"][1] == 2.0**63 - 1024


def test_decimals_are_as_many_as_are_needed():
    whole = np.arange(30.0)
    assert decimals_of(whole) == 0
    assert decimals_of(whole + 0.25) == 2
    assert decimals_of(np.array([0.1 + 0.2, 0.7])) == 1
    assert decimals_of(np.array([1 / 3])) == 6
    assert decimals_of(np.array([1_700_000_000.125])) == 3
    assert decimals_of(np.array([1e300, 0.5, -1e308])) == 1
    assert decimals_of(np.array([])) == 0
    for scale in (1e-3, 1e-9, 1e-30):
        x = np.random.default_rng(0).normal(size=20) * scale
        np.testing.assert_allclose(np.round(x, decimals_of(x)), x, atol=1e-5 * scale)
