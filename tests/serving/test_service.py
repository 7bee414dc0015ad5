"""The protocol's answers, beside those of the tasks."""

import json

import keras
import numpy as np
import pytest
from starlette.testclient import TestClient

from keras_vae import exporting, tasks
from keras_vae.errors import ExportError, InvalidArgumentError
from keras_vae.serving import Exported, Limits, Served, Server, Service

pytest.importorskip("onnxruntime")
pytest.importorskip("prometheus_client")
if keras.config.backend() != "tensorflow":
    pytest.skip("exporting takes TensorFlow", allow_module_level=True)
pytest.importorskip("tf2onnx")


def tensor(name, datatype, data):
    return {"name": name, "datatype": datatype, "shape": list(np.shape(data)), "data": data}


ZERO = tensor("latents", "FP32", [[0, 0]])


def service_of(run, folder, limits=None):
    exporting.export(run, "onnx", folder)
    exported = Exported(folder)
    return Service([Served(exported, name) for name in exported.endpoints], "test", limits)


@pytest.fixture(scope="module")
def images(conditional_run, tmp_path_factory):
    """A client of a model of images that is conditional on the label and the shift."""
    return TestClient(service_of(conditional_run, tmp_path_factory.mktemp("images") / "onnx"))


@pytest.fixture(scope="module")
def rows(table_run, tmp_path_factory):
    """A client of a model of rows."""
    return TestClient(service_of(table_run, tmp_path_factory.mktemp("rows") / "onnx"))


def infer(client, model, *inputs, status=200, **more):
    answer = client.post(f"/v2/models/{model}/infer", json={"inputs": list(inputs), **more})
    assert answer.status_code == status, answer.text
    found = answer.json()
    if status != 200:
        return found["error"]
    return {each["name"]: np.array(each["data"]).reshape(each["shape"]) for each in found["outputs"]}


def test_health_and_metadata_are_as_the_protocol_says(images):
    assert images.get("/v2/health/live").json() == {"live": True}
    assert images.get("/v2/health/ready").status_code == 200
    assert images.get("/v2").json()["extensions"] == ["binary_tensor_data"]
    assert images.get("/v2/models/encode/versions/1/ready").json() == {"name": "encode", "ready": True}
    assert images.get("/v2/models/decode").json() == {
        "name": "decode",
        "versions": ["1"],
        "platform": "onnxruntime_onnx",
        "inputs": [
            {"name": "latents", "datatype": "FP32", "shape": [-1, 2]},
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {"name": "shift", "datatype": "FP32", "shape": [-1]},
        ],
        "outputs": [{"name": "decoded", "datatype": "FP32", "shape": [-1, 12, 12, 1]}],
    }


def test_images_are_encoded_and_scored_with_and_without_conditions(images, conditional_run, blobs):
    x, model = blobs.x_test[:5], conditional_run.model
    pixels = tensor("image", "UINT8", x.tolist())
    found = infer(images, "encode", pixels, tensor("label", "BYTES", ["3", "0", "unknown", "1", "2"]))
    expected = tasks.embed(model, {"x": x, "label": np.array([3, 0, -1, 1, 2])})
    np.testing.assert_allclose(found["latents"], expected, atol=1e-5)
    by_number = infer(images, "encode", pixels, tensor("label", "INT32", [3, 0, -1, 1, 2]))
    np.testing.assert_array_equal(by_number["latents"], found["latents"])
    unknown = infer(images, "score", pixels)
    expected = tasks.score(model, {"x": x, "label": np.full(5, -1)})
    np.testing.assert_allclose(unknown["score"], expected.score, rtol=1e-5)


def test_a_seed_gives_the_same_sample_beside_whatever_else(images):
    alone = infer(images, "sample", tensor("seed", "INT64", [7]), tensor("label", "BYTES", ["2"]))
    among = infer(
        images, "sample", tensor("seed", "INT64", [1, 7, 9]), tensor("label", "BYTES", ["0", "2", "2"])
    )
    np.testing.assert_allclose(among["decoded"][1], alone["decoded"][0], atol=1e-3)
    assert np.abs(among["decoded"][1] - among["decoded"][2]).max() > 1


def test_rows_come_and_go_by_column(rows, table_run):
    model, schema = table_run.model, table_run.schema
    matrix = np.asarray(table_run.data().x_test[:6])
    table = schema.decode(matrix).to_pydict()
    kinds = {each.name: each.kind for each in schema.columns}
    inputs = []
    for name, values in table.items():
        if kinds[name] in ("category", "date"):
            inputs.append(tensor(name, "BYTES", [None if each is None else str(each) for each in values]))
        elif kinds[name] == "boolean":
            values = [bool(each) for each in values]  # no gaps in a column of booleans, or it is left out
            inputs.append(tensor(name, "BOOL", values))
        else:
            inputs.append(tensor(name, "FP64", [None if each is None else float(each) for each in values]))
    expected = schema.encode(table_of(table, kinds))
    found = infer(rows, "encode", *inputs)["latents"]
    np.testing.assert_allclose(found, tasks.embed(model, expected), atol=1e-4)
    z = [[0.5] * model.latent_dim, [-0.5] * model.latent_dim]
    decoded = infer(rows, "decode", tensor("latents", "FP32", z))
    assert list(decoded) == schema.names
    back = schema.decode(tasks.decode(model, np.array(z, "float32"))).to_pydict()
    assert [str(each) for each in decoded["kind"]] == [str(each) for each in back["kind"]]
    np.testing.assert_allclose(decoded["height"], back["height"], atol=0.011)
    numbers = infer(rows, "decode", tensor("latents", "FP32", z), outputs=[{"name": "decoded"}])["decoded"]
    np.testing.assert_allclose(numbers, tasks.decode(model, np.array(z, "float32")), rtol=1e-4)


def table_of(table, kinds):
    import pyarrow as pa

    filled = {
        name: [bool(each) for each in values] if kinds[name] == "boolean" else values
        for name, values in table.items()
    }
    return pa.table(filled)


def test_columns_that_are_left_out_are_missing(rows, table_run):
    found = infer(rows, "encode", tensor("height", "FP64", [1.7]))["latents"]
    row = np.full((1, len(table_run.schema.columns)), np.nan, "float32")
    row[0, table_run.schema.names.index("height")] = 1.7
    np.testing.assert_allclose(found, tasks.embed(table_run.model, row), atol=1e-5)


def test_pixels_may_come_and_go_as_bytes(images, blobs, conditional_run):
    x = blobs.x_test[:4]
    pixels = {"name": "image", "datatype": "UINT8", "shape": list(x.shape)}
    header = {
        "inputs": [pixels | {"parameters": {"binary_data_size": x.nbytes}}],
        "outputs": [{"name": "latents", "parameters": {"binary_data": True}}],
    }
    head = json.dumps(header).encode()
    answer = images.post(
        "/v2/models/encode/infer",
        content=head + x.tobytes(),
        headers={"inference-header-content-length": str(len(head))},
    )
    length = int(answer.headers["inference-header-content-length"])
    described = json.loads(answer.content[:length])["outputs"][0]
    codes = np.frombuffer(answer.content[length:], "<f4").reshape(described["shape"])
    expected = tasks.embed(conditional_run.model, {"x": x, "label": np.full(4, -1)})
    np.testing.assert_allclose(codes, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("model", "inputs", "said"),
    [
        ("encode", [], "at least one tensor"),
        ("encode", [tensor("label", "BYTES", ["1"])], "needs image"),
        ("encode", [tensor("image", "UINT8", [[[1]]])], "must be of the shape"),
        ("encode", [tensor("image", "FP32", np.zeros((1, 12, 12, 1)).tolist())], "must be UINT8"),
        ("decode", [tensor("latents", "FP32", [[0.0, None]])], "finite"),
        ("decode", [ZERO, tensor("label", "BYTES", ["1", "2"])], "number of examples"),
        ("decode", [ZERO, tensor("label", "BYTES", ["seven"])], "no class 'seven'"),
        ("decode", [ZERO, tensor("label", "INT64", [4])], "from 0 to 3"),
        ("decode", [ZERO, tensor("hue", "FP32", [4])], "takes no hue"),
        ("sample", [tensor("seed", "INT64", [-1])], "from 0 on"),
        ("sample", [tensor("label", "BYTES", ["1"])], "needs seed"),
    ],
)
def test_bad_requests_get_one_clear_message(images, model, inputs, said):
    assert said in infer(images, model, *inputs, status=400)


def test_what_is_no_request_is_refused(images):
    url = "/v2/models/encode/infer"
    assert images.post(url, content=b"{").status_code == 400
    assert images.post(url, content=b"[" * 100_000).status_code == 400
    assert images.post(url, content=b"7").status_code == 400
    assert (
        images.post(url, content=b"{}", headers={"inference-header-content-length": "9"}).status_code == 400
    )
    assert images.post("/v2/models/dream/infer", json={}).status_code == 404
    assert images.get("/v2/models/encode/versions/2").status_code == 404
    assert images.get(url).status_code == 405
    assert "Known: decoded" in infer(images, "decode", ZERO, status=400, outputs=[{"name": "image"}])


def test_what_is_too_large_is_refused_and_what_is_counted_can_be_read(blobs_run, tmp_path):
    client = TestClient(service_of(blobs_run, tmp_path / "onnx", Limits(2, 3, 4000)))
    small = tensor("latents", "FP32", [[0.0, 0.0]])
    assert infer(client, "decode", small)["decoded"].shape == (1, 12, 12, 1)
    assert "at most" in infer(client, "decode", tensor("latents", "FP32", [[0, 0]] * 4), status=413).lower()
    assert client.post("/v2/models/decode/infer", content=b" " * 5000).status_code == 413
    chunks = (b" " * 1000 for _ in range(9))
    assert client.post("/v2/models/decode/infer", content=chunks).status_code == 413
    text = client.get("/metrics").text
    assert 'vae_requests_total{model="decode",status="200"} 1.0' in text
    assert 'vae_requests_total{model="decode",status="413"} 3.0' in text
    assert 'vae_examples_total{model="decode"} 1.0' in text
    assert 'vae_waiting_examples{model="decode"} 0.0' in text


def test_what_cannot_be_served_is_said_beforehand(tmp_path, blobs_run):
    with pytest.raises(ExportError, match="cannot be read"):
        Exported(tmp_path)
    (tmp_path / "export.json").write_text('{"format": "litert", "endpoints": {}}')
    with pytest.raises(ExportError, match="holds no ONNX"):
        Exported(tmp_path)
    with pytest.raises(InvalidArgumentError, match="most_waiting must be at least most_in_batch"):
        Limits(100, 10)
    exported = Exported(exporting.export(blobs_run, "onnx", tmp_path / "onnx", ["decode"]).folder)
    with pytest.raises(InvalidArgumentError, match="no endpoint 'encode'"):
        Server(exported, ["encode"], port=0)
    assert exported.is_of(blobs_run.folder / "model.keras")
    (tmp_path / "other").write_bytes(b"another")
    assert not exported.is_of(tmp_path / "other")
