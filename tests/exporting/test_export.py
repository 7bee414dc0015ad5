"""A model outside Keras gives what it gives inside."""

import json
import sys

import keras
import numpy as np
import pytest
from scipy import stats

from keras_vae import data, exporting, runs, tasks
from keras_vae.errors import (
    ExportError,
    InvalidArgumentError,
    PackageMissingError,
    UnknownNameError,
)
from keras_vae.exporting.checking import differences, in_keras
from keras_vae.exporting.endpoints import endpoints_of
from keras_vae.exporting.full_precision import in_float32
from keras_vae.runs.train import dtype_policy
from tests.samples import people

pytestmark = pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="exporting takes TensorFlow")


@pytest.fixture(scope="module")
def classes_run(tmp_path_factory):
    """A run on a table without counts, with a prior that chooses, conditional on a column."""
    folder = tmp_path_factory.mktemp("classes")
    table = people(200, seed=2).drop_columns(["visits"])
    data.write_table(folder / "people.csv", table)
    settings = runs.Settings(
        "table", conditions=("kind",), prior="mixture_of_normals:num_components=3", epochs=1,
        precision="float32",
    )  # fmt: skip
    return runs.train(data.load(folder / "people.csv"), folder / "run", settings)


@pytest.fixture(scope="module")
def exported(classes_run, blobs_run):
    """Both as ONNX."""
    pytest.importorskip("tf2onnx")
    return {"table": exporting.export(classes_run), "images": exporting.export(blobs_run)}


def session(exported, name):
    onnxruntime = pytest.importorskip("onnxruntime")
    opened = onnxruntime.InferenceSession(exported.folder / exported.files[name])

    def run(**inputs):
        names = [each.name for each in opened.get_outputs()]
        return dict(zip(names, opened.run(names, inputs), strict=True))

    return run


def test_images_are_encoded_decoded_and_scored_as_the_tasks_do(exported, blobs_run, blobs):
    model, x = blobs_run.model, blobs.x_test
    codes = session(exported["images"], "encode")(image=x)["latents"]
    np.testing.assert_allclose(codes, tasks.embed(model, x), atol=1e-5)
    decoded = session(exported["images"], "decode")(latents=codes)["decoded"]
    np.testing.assert_allclose(decoded, tasks.reconstruct(model, x), atol=255e-5)
    found, expected = session(exported["images"], "score")(image=x), tasks.score(model, x)
    np.testing.assert_allclose(found["score"], expected.score, rtol=1e-5)
    np.testing.assert_allclose(found["reconstruction"], expected.reconstruction, rtol=1e-5)
    np.testing.assert_allclose(found["kl"], expected.kl, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found["p_value"], model.calibration.p_values(found["score"]), rtol=1e-6)


def test_rows_with_gaps_and_conditions_are_encoded_and_scored(exported, classes_run):
    dataset = classes_run.data()
    inputs = dataset.inputs("test", classes_run.model.condition_names)
    assert np.isnan(inputs["x"]).any()
    given = {"row": np.asarray(inputs["x"]), "kind": inputs["kind"].astype("int32")}
    codes = session(exported["table"], "encode")(**given)["latents"]
    np.testing.assert_allclose(codes, tasks.embed(classes_run.model, inputs), atol=1e-5)
    found = session(exported["table"], "score")(**given)
    np.testing.assert_allclose(found["score"], tasks.score(classes_run.model, inputs).score, rtol=1e-5)


def test_samples_outside_are_distributed_as_those_inside(exported, classes_run):
    described = json.loads((exported["table"].folder / "export.json").read_text())
    sample = described["endpoints"]["sample"]
    assert sample["settings"] == {"draws": True}
    count = 4000
    noise = np.random.default_rng(0).standard_normal((count, sample["inputs"][0]["shape"][1]), "float32")
    kind = np.zeros(count, "int32")
    found = session(exported["table"], "sample")(noise=noise, kind=kind)["decoded"]
    expected = tasks.sample(classes_run.model, count, 1, {"kind": 0}, draw=True)
    for column in range(found.shape[1]):
        assert stats.ks_2samp(found[:, column], expected[:, column]).pvalue > 1e-3


def test_any_number_of_examples_goes_in(exported, blobs):
    encode = session(exported["images"], "encode")
    assert encode(image=blobs.x_test[:1])["latents"].shape == (1, 2)
    assert encode(image=blobs.x_test[:9])["latents"].shape == (9, 2)


def test_the_description_says_what_goes_in_and_out(exported, classes_run):
    described = json.loads((exported["table"].folder / "export.json").read_text())
    kind = described["endpoints"]["decode"]["inputs"][1]
    assert (kind["name"], kind["dtype"], kind["shape"], kind["condition"]) == (
        "kind",
        "int32",
        [-1],
        "kind",
    )
    assert described["conditions"]["kind"] == list(classes_run.model.conditions.columns["kind"].names)
    assert [each["name"] for each in described["schema"]["columns"]] == classes_run.schema.names
    assert described["checked_with"] == len(classes_run.data().x_test)


def test_a_saved_model_serves_all_endpoints_without_keras(classes_run, tmp_path, to_numpy):
    import tensorflow as tf

    exported = exporting.export(classes_run, "saved_model", tmp_path / "saved")
    assert exported.largest_difference < 1e-5
    signatures = tf.saved_model.load(str(tmp_path / "saved" / "model")).signatures
    assert set(signatures) == set(exporting.ENDPOINTS)
    z = np.zeros((3, classes_run.model.latent_dim), "float32")
    found = signatures["decode"](latents=tf.constant(z), kind=tf.constant([0, 1, -1]))["decoded"]
    expected = tasks.decode(classes_run.model, z, {"kind": np.array([0, 1, -1])})
    np.testing.assert_allclose(to_numpy(found), expected, rtol=1e-5)


def test_what_differs_is_refused_and_says_by_how_much(make_vae):
    model = make_vae()
    model.build((None, 12, 12, 1))
    endpoint = endpoints_of(model, "uint8", ["decode"])[0]
    inputs = {"latents": np.zeros((2, 2), "float32")}
    right = in_keras(endpoint, inputs)
    assert differences(endpoint, lambda _: right, inputs) == {"decoded": 0.0}
    wrong = {"decoded": right["decoded"] + 1e-4 * right["decoded"].max()}
    with pytest.raises(ExportError, match=r"decode differs from Keras: decoded by 1\.0e-04"):
        differences(endpoint, lambda _: wrong, inputs)
    gap = {"decoded": np.full_like(right["decoded"], np.nan)}
    with pytest.raises(ExportError, match="by inf"):
        differences(endpoint, lambda _: gap, inputs)


def test_an_export_that_fails_leaves_the_one_before(blobs_run, tmp_path, monkeypatch):
    form = exporting.FORMS["saved_model"]
    folder = tmp_path / "saved"
    exporting.export(blobs_run, "saved_model", folder, ["encode"])
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def wrong(*_):
        return lambda inputs: {"latents": np.ones((len(inputs["image"]), 2))}

    monkeypatch.setattr(form, "runner", wrong)
    with pytest.raises(ExportError, match="encode differs"):
        exporting.export(blobs_run, "saved_model", folder, ["encode"])
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_a_model_in_bfloat16_leaves_in_float32(blobs, make_vae):
    with dtype_policy("mixed_bfloat16"):
        half = make_vae()
    half.build((None, 12, 12, 1))
    whole = in_float32(half)
    assert {each.compute_dtype for each in whole.encoder.layers} == {"float32"}
    plain = make_vae()
    plain.build((None, 12, 12, 1))
    plain.set_weights(half.get_weights())
    np.testing.assert_allclose(
        tasks.embed(whole, blobs.x_test), tasks.embed(plain, blobs.x_test), atol=1e-6
    )
    assert in_float32(plain) is plain


def test_an_operation_that_onnx_lacks_is_named(make_vae, monkeypatch):
    pytest.importorskip("tf2onnx")
    from keras_vae.exporting import onnx_file

    model = make_vae()
    model.build((None, 12, 12, 1))
    monkeypatch.setattr(onnx_file, "HANDLERS", {})
    monkeypatch.setattr(type(model), "generate", lambda *given: keras.ops.log1p(given[1]))
    with pytest.raises(ExportError, match="Log1p, which decode"):
        onnx_file.to_onnx(endpoints_of(model, "uint8", ["decode"])[0])


def test_bad_requests_are_refused(blobs_run, tmp_path, monkeypatch):
    with pytest.raises(UnknownNameError, match="format 'onxx'"):
        exporting.export(blobs_run, "onxx")
    with pytest.raises(UnknownNameError, match="endpoint 'encoder'"):
        exporting.export(blobs_run, "saved_model", tmp_path / "new", ["encoder"])
    (tmp_path / "mine").mkdir()
    with pytest.raises(InvalidArgumentError, match="holds no export"):
        exporting.export(blobs_run, "saved_model", tmp_path / "mine")
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(PackageMissingError, match=r"pip install 'keras-vae\[onnx\]'"):
        exporting.export(blobs_run, "onnx", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("form", ["litert", "openvino"])
def test_other_programs_agree(form, blobs_run, tmp_path):
    pytest.importorskip({"litert": "ai_edge_litert", "openvino": "openvino"}[form])
    found = exporting.export(blobs_run, form, tmp_path / form)
    assert set(found.differences) == set(exporting.ENDPOINTS)
    assert found.largest_difference < 1e-5


def test_what_litert_lacks_is_named(classes_run, tmp_path):
    pytest.importorskip("ai_edge_litert")
    with pytest.raises(ExportError, match="cannot hold sample of this model: it has no operation for Erf"):
        exporting.export(classes_run, "litert", tmp_path / "lite")
    found = exporting.export(classes_run, "litert", tmp_path / "lite", ["encode", "decode", "score"])
    assert found.largest_difference < 1e-5


def test_the_command_writes_a_page(vae, blobs_run, tmp_path):
    pytest.importorskip("tf2onnx")
    page = tmp_path / "page.html"
    assert vae("export", blobs_run.folder, "--format", "html", "--out", page) == (0, f"Wrote {page}\n", "")
    assert page.read_text().startswith("<!doctype html>")
    code, _, said = vae("export", blobs_run.folder, "--format", "html", "--endpoint", "decode")
    assert (code, said.count("\n")) == (2, 1)
    code, _, said = vae("export", blobs_run.folder, "--format", "html", "--out", tmp_path / "page.txt")
    assert (code, said.count("\n")) == (2, 1)


def test_the_command_exports_and_refuses(vae, blobs_run, tmp_path):
    out = tmp_path / "saved"
    code, printed, _ = vae("export", blobs_run.folder, "--format", "saved_model", "--out", out, "--json")
    found = json.loads(printed)
    assert (code, found["folder"], found["files"]["encode"]) == (0, str(out), "model")
    assert max(each for outputs in found["differences"].values() for each in outputs.values()) < 1e-5
    code, _, said = vae("export", blobs_run.folder, "--format", "word")
    assert (code, said.count("\n")) == (2, 1)
    assert "Unknown format 'word'" in said
