"""Gaps that are filled: what was known stays, and what is new has the table's own types."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from keras_vae.data import doubts, fill_gaps, open_table, read_table

SCHEMA = read_table({
    "x": [1.5, 2.25, None, 4.0] * 15,
    "kind": ["a", "b", None] * 20,
    "count": [1, 5, None, 9] * 15,
    "truth": [True, False, None] * 20,
}).schema  # fmt: skip
KNOWN = {
    "x": [7.5, None, 3.0],
    "kind": ["a", None, "c"],
    "count": [1, None, 2],
    "truth": [None, False, None],
}
NUMBERS = np.array([[8.0, 1, 8, 1], [8.4, 1, 8.4, 1], [9.0, 0, 9, 0.7]])


def filled(columns, numbers=NUMBERS):
    return fill_gaps(open_table(columns), SCHEMA, numbers)


def test_only_gaps_are_filled_and_columns_stay_in_order():
    columns = {"truth": KNOWN["truth"], "note": ["?", None, "!"], **KNOWN}
    result = filled(columns)
    assert result.column_names == ["truth", "note", "x", "kind", "count"]
    assert result.to_pydict() == {
        "truth": [True, False, True],
        "note": ["?", None, "!"],
        "x": [7.5, 8.4, 3.0],
        "kind": ["a", "b", "c"],
        "count": [1, 8, 2],
    }


def test_what_is_known_stays_to_the_last_bit():
    x = np.random.default_rng(0).normal(size=50) * 10.0 ** np.arange(-20, 30)
    holes = [None if i % 7 == 3 else each for i, each in enumerate(x)]
    columns = {"x": holes, "kind": ["z"] * 50, "count": [2**53 - 1] * 50, "truth": [None] * 50}
    result = filled(columns, np.ones((50, 4)))
    assert [a == b for a, b in zip(result["x"].to_pylist(), x, strict=True)] == [
        i % 7 != 3 for i in range(50)
    ]
    assert result["kind"].to_pylist() == ["z"] * 50
    assert result["count"].to_pylist() == [2**53 - 1] * 50


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("x", pa.nulls(3), pa.array([2.25, 2.25, 2.25])),
        ("x", pa.array([1, None, 3]), pa.array([1.0, 2.25, 3.0])),
        ("x", pa.array([1.0, np.inf, np.nan]), pa.array([1.0, 2.25, 2.25])),
        ("x", pa.array([0.1, None, 3], pa.float32()), pa.array([0.1, 2.25, 3], pa.float32())),
        ("x", pa.array([Decimal("1.2"), None, None], pa.decimal128(3, 1)),
         pa.array([Decimal("1.2"), Decimal("2.2"), Decimal("2.2")], pa.decimal128(3, 1))),
        ("kind", pa.nulls(3), pa.array(["b", "b", "b"])),
        ("kind", pa.array(["a", None, "q"]).dictionary_encode(), pa.array(["a", "b", "q"])),
        ("kind", pa.array(["a", None], pa.large_string()), pa.array(["a", "b"], pa.large_string())),
        ("count", pa.array([1, None, 300], pa.uint16()), pa.array([1, 2, 300], pa.uint16())),
        ("count", pa.array([1.0, None, 3.0]), pa.array([1.0, 2.0, 3.0])),
        ("truth", pa.array([0, None, 0]), pa.array([0, 1, 0])),
        ("truth", pa.nulls(3), pa.array([True, True, True])),
    ],
)  # fmt: skip
def test_columns_of_another_type_than_the_model_knew(name, values, expected):
    columns = {each: known[: len(values)] for each, known in KNOWN.items()} | {name: values}
    result = filled(columns, np.array([[2.25, 1, 2, 1]] * len(values)))[name].combine_chunks()
    if pa.types.is_dictionary(values.type):
        assert result.type.value_type == pa.string()
        result = result.dictionary_decode()
    assert result.equals(expected), result


def test_what_does_not_fit_becomes_the_nearest():
    columns = {**KNOWN, "count": pa.array([None, None, 7], pa.uint8())}
    result = filled(columns, np.array([[1, 0, -3, 0], [1, 0, 1e9, 0], [1, 0, 1, 0]]))
    assert result["count"].to_pylist() == [0, 255, 7]


def test_doubts_stand_where_the_gaps_were():
    columns = {**KNOWN, "x": [1.0, np.nan, np.inf], "note": ["a", "b", "c"]}
    uncertainty = np.arange(12.0).reshape(3, 4)
    result = doubts(open_table(columns), SCHEMA, uncertainty)
    assert result.to_pydict() == {
        "x": [None, 4.0, 8.0],
        "kind": [None, 5.0, None],
        "count": [None, 6.0, None],
        "truth": [3.0, None, 11.0],
    }
