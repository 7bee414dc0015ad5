"""Tensors on the wire."""

import numpy as np
import pytest

from keras_vae.errors import InvalidArgumentError
from keras_vae.serving.tensors import Tensor, read_tensors, written


def tensor(**changes):
    return [{"name": "z", "datatype": "FP32", "shape": [2, 2], "data": [1, 2, 3, 4.5]} | changes]


def test_data_may_be_flat_or_in_rows():
    flat = read_tensors(tensor())["z"].values
    rows = read_tensors(tensor(data=[[1, 2], [3, 4.5]]))["z"].values
    assert flat.dtype == rows.dtype == "float32"
    assert flat.tolist() == rows.tolist() == [[1.0, 2.0], [3.0, 4.5]]


def test_null_is_a_gap_among_floating_point_numbers_alone():
    assert np.isnan(read_tensors(tensor(data=[1, None, 3, 4]))["z"].values[0, 1])
    with pytest.raises(InvalidArgumentError, match="not of the datatype INT64"):
        read_tensors(tensor(datatype="INT64", data=[1, None, 3, 4]))


@pytest.mark.parametrize("datatype", ["BOOL", "UINT8", "INT32", "INT64", "FP32", "FP64", "BYTES"])
def test_what_is_written_is_read_again_as_json_and_as_bytes(datatype):
    values = {
        "BOOL": np.array([True, False]),
        "UINT8": np.array([0, 255], "uint8"),
        "INT32": np.array([-5, 7], "int32"),
        "INT64": np.array([2**40, -1], "int64"),
        "FP32": np.array([1.5, -2.25], "float32"),
        "FP64": np.array([1e-300, 3.0]),
        "BYTES": np.array(["Zürich", ""], object),
    }[datatype]
    for binary in ({}, {"x": True}):
        described, payload = written([Tensor("x", values)], binary)
        assert described[0]["datatype"] == datatype
        assert bool(payload) == bool(binary)
        found = read_tensors(described, payload)["x"].values
        assert found.dtype == values.dtype
        assert found.tolist() == values.tolist()


def test_numbers_that_are_not_finite_are_null_in_json():
    described, _ = written([Tensor("x", np.array([np.nan, np.inf, 1.0]))], {})
    assert described[0]["data"] == [None, None, 1.0]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (None, "at least one tensor"),
        ([], "at least one tensor"),
        ([7], "must have a name"),
        (tensor(datatype="FP8"), "datatype must be one of"),
        (tensor(shape=[2, -2]), "whole numbers"),
        (tensor(shape=[3, 2]), "not of the shape"),
        (tensor(data="abc"), "data must be a list"),
        (tensor(data=[[1, 2], [3]]), "in rows of one length|not of the shape"),
        (tensor(data=["a", 2, 3, 4]), "not of the datatype|must be numbers"),
        (tensor(datatype="UINT8", data=[1, 2, 3, 256]), "do not fit"),
        (tensor(datatype="UINT8", data=[1, 2, 3, -1]), "do not fit"),
        (tensor(datatype="INT64", data=[1, 2, 3, 4.5]), "not of the datatype INT64"),
        (tensor(datatype="BOOL", data=[0, 1, 1, 0]), "not of the datatype BOOL"),
        (tensor(datatype="BYTES", data=[1, 2, 3, 4]), "must be texts"),
        (tensor() * 2, "two inputs 'z'"),
        (tensor(parameters={"binary_data_size": 5}), "not what was sent"),
    ],
)
def test_what_is_not_as_the_protocol_says_is_refused(inputs, said):
    with pytest.raises(InvalidArgumentError, match=said):
        read_tensors(inputs)


def test_torn_bytes_are_refused():
    header = tensor(shape=[1], parameters={"binary_data_size": 4})
    assert read_tensors(header, np.float32(2.0).tobytes())["z"].values.tolist() == [2.0]
    with pytest.raises(InvalidArgumentError, match="left over"):
        read_tensors(header, bytes(6))
    texts = tensor(datatype="BYTES", shape=[1], parameters={"binary_data_size": 6})
    with pytest.raises(InvalidArgumentError, match="end amid a text"):
        read_tensors(texts, b"\x09\x00\x00\x00ab")
