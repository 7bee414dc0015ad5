"""What the page is told is what the tasks say."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from keras_vae import tasks
from keras_vae.data import take
from keras_vae.explorer import Workspace, create_app


def _client(run, tmp_path_factory, **options):
    workspace = Workspace(tmp_path_factory.mktemp("workspace"), **options)
    name = workspace.add(run.folder)
    workspace.opened(name).prepared.wait("scores")
    client = TestClient(create_app(workspace), base_url="http://localhost")
    client.base_url = f"http://localhost/api/runs/{name}/"
    client.about = client.get(f"http://localhost/api/runs/{name}").json()["about"]
    return client


@pytest.fixture(scope="module")
def page(blobs_run, tmp_path_factory):
    return _client(blobs_run, tmp_path_factory)


@pytest.fixture(scope="module")
def conditional(conditional_run, tmp_path_factory):
    return _client(conditional_run, tmp_path_factory)


@pytest.fixture(scope="module")
def table(table_run, tmp_path_factory):
    return _client(table_run, tmp_path_factory)


def _floats(answer):
    assert answer.status_code == 200, answer.text
    return np.frombuffer(answer.content, "<f4")


def _images(shown):
    return np.frombuffer(base64.b64decode(shown["pixels"]), "uint8").reshape(shown["shape"])


def _shades(x):
    return np.round(np.clip(np.asarray(x, "float64"), 0, 255))


def test_about(page, blobs_run):
    about = page.about
    assert (about["kind"], about["height"], about["width"], about["count"]) == ("images", 12, 12, 32)
    assert about["labels"] == ["0", "1", "2", "3"]
    assert len(about["units"]) == about["latent_dim"] == blobs_run.model.latent_dim
    measures = [each["measure"] for each in about["units"]]
    assert measures == sorted(measures, reverse=True)
    assert about["calibrated_with"] == 32


def test_points_are_those_of_the_map(page, blobs_run):
    x_test = blobs_run.data().x_test
    points = _floats(page.get("points")).reshape(-1, 2)
    np.testing.assert_allclose(points, tasks.latent_map(blobs_run.model, x_test).points, atol=1e-4)
    codes = tasks.embed(blobs_run.model, x_test)
    if codes.shape[1] > 1:
        pair = _floats(page.get("points", params={"first": 1, "second": 0})).reshape(-1, 2)
        np.testing.assert_allclose(pair, codes[:, [1, 0]], atol=1e-4)


def test_values_are_those_of_the_scores(page, blobs_run, blobs):
    scores = tasks.score(blobs_run.model, blobs.x_test)
    np.testing.assert_allclose(_floats(page.get("values/score")), scores.score, rtol=1e-5)
    np.testing.assert_allclose(_floats(page.get("values/p_value")), scores.p_value, rtol=1e-5)
    bound = -(scores.reconstruction + scores.kl)
    np.testing.assert_allclose(_floats(page.get("values/bound")), bound, rtol=1e-5)
    np.testing.assert_array_equal(_floats(page.get("values/label")), blobs.y_test)


def test_a_place_means_what_its_code_decodes_to(page, blobs_run):
    found = page.post("place", json={"point": [0.1, -0.2]}).json()
    decoded = tasks.decode(blobs_run.model, np.array([found["code"]], "float32"))
    assert np.abs(_images(found) - _shades(decoded)).max() <= 1
    again = page.post("decode", json={"codes": [found["code"]] * 3}).json()
    assert again["shape"] == [3, 12, 12, 1]
    assert np.abs(_images(again)[2].astype(int) - _images(found)[0]).max() <= 1


def test_the_atlas_is_the_grid_of_the_plane(page):
    plane = page.get("plane").json()
    answer = page.post("atlas", json={})
    atlas = np.asarray(Image.open(io.BytesIO(answer.content)))
    side = plane["grid"]
    assert atlas.shape == (12 * side, 12 * side)
    row, column = 3, 20
    x, y = (
        low + (place + 0.5) / side * (high - low)
        for place, low, high in zip((column, side - 1 - row), plane["low"], plane["high"], strict=True)
    )
    there = _images(page.post("place", json={"point": [x, y]}).json())[0, ..., 0].astype(int)
    cell = atlas[12 * row : 12 * (row + 1), 12 * column : 12 * (column + 1)]
    assert np.abs(there - cell).max() <= 2


def test_an_item(page, blobs_run, blobs):
    item = page.get("items/5").json()
    np.testing.assert_array_equal(_images(item["original"])[0], blobs.x_test[5])
    made = tasks.reconstruct(blobs_run.model, blobs.x_test[5:6])
    assert np.abs(_images(item["reconstruction"]) - _shades(made)).max() <= 1
    np.testing.assert_allclose(item["code"], tasks.embed(blobs_run.model, blobs.x_test[5:6])[0], atol=1e-4)
    assert item["label"] == blobs.y_test[5]
    assert item["score"] == pytest.approx(float(_floats(page.get("values/score"))[5]), rel=1e-5)


@pytest.mark.parametrize("what", ["original", "reconstruction", "where"])
def test_a_gallery(page, blobs, what):
    found = page.post("gallery", json={"items": [3, 0], "what": what}).json()
    assert found["shape"] == [2, 12, 12, 1]
    assert [each["label"] for each in found["names"]] == blobs.y_test[[3, 0]].tolist()
    if what == "where":
        assert _images(found).max() == 255


def test_a_path_leads_from_one_reconstruction_to_the_other(page, blobs_run, blobs):
    found = _images(page.post("path", json={"start": 1, "end": 2, "steps": 5}).json())
    made = _shades(tasks.reconstruct(blobs_run.model, blobs.x_test[[1, 2]]))
    assert np.abs(found[[0, -1]] - made).max() <= 1


def test_a_path_is_kept(page):
    asked = {"start": 1, "end": 2, "steps": 6}
    gif = page.get("path/file", params={**asked, "kind": "gif"})
    with Image.open(io.BytesIO(gif.content)) as animation:
        assert animation.n_frames <= 10
        assert animation.n_frames > 2
    assert "attachment" in gif.headers["content-disposition"]
    png = page.get("path/file", params={**asked, "kind": "png"})
    with Image.open(io.BytesIO(png.content)) as strip:
        assert strip.width == 6 * strip.height
    assert page.get("path/file", params={**asked, "kind": "csv"}).status_code == 400


def test_an_image_of_ones_own(page, blobs_run, blobs):
    file = io.BytesIO()
    Image.fromarray(blobs.x_train[7, ..., 0]).save(file, "PNG")
    found = page.post("examine", content=file.getvalue()).json()
    scores = tasks.score(blobs_run.model, blobs.x_train[7:8])
    assert found["score"] == pytest.approx(float(scores.score[0]), rel=1e-5)
    assert found["p_value"] == pytest.approx(float(scores.p_value[0]), rel=1e-5)
    np.testing.assert_array_equal(_images(found["original"])[0], blobs.x_train[7])
    nearest = found["nearest"]
    assert nearest["distances"] == sorted(nearest["distances"])
    assert nearest["distances"][0] == pytest.approx(0, abs=1e-4)
    assert nearest["names"][0]["number"] == 7


def test_an_image_of_another_size_is_made_to_fit(page):
    file = io.BytesIO()
    Image.new("RGB", (64, 40), "white").save(file, "JPEG")
    assert page.post("examine", content=file.getvalue()).json()["original"]["shape"] == [1, 12, 12, 1]


@pytest.mark.parametrize(
    ("content", "status", "text"),
    [(b"", 400, "No image arrived"), (b"no image at all", 400, "image"), (b"\x89PNG\r\n", 400, "image")],
)
def test_what_is_no_image_is_refused(page, content, status, text):
    answer = page.post("examine", content=content)
    assert answer.status_code == status
    assert text in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "text"),
    [
        ("get", "items/32", {}, 400, "items 0 to 31: 32 is none"),
        ("get", "items/-1", {}, 422, "greater than or equal to 0"),
        ("get", "values/price", {}, 422, "what"),
        ("get", "points", {"params": {"first": 0}}, 400, "two units"),
        ("get", "points", {"params": {"first": 0, "second": 99}}, 400, "100 is none"),
        ("post", "decode", {"json": {"codes": [[0.0] * 99]}}, 400, "A latent point of this model has"),
        ("post", "decode", {"json": {"codes": [[0.0], [0.0, 1.0]]}}, 400, "same length"),
        ("post", "decode", {"json": {"codes": []}}, 422, "at least 1"),
        ("post", "decode", {"content": b"{", "headers": {"content-type": "application/json"}}, 422, "JSON"),
        ("post", "place", {"json": {"point": [0, 0], "conditions": {"label": "3"}}}, 400, "no conditions"),
        ("post", "path", {"json": {"start": 0, "end": 1, "steps": 1}}, 422, "greater than or equal to 2"),
        ("post", "examine_row", {"json": {"values": {}}}, 400, "takes images"),
        ("get", "columns/0", {}, 400, "0 columns"),
    ],
)
def test_refusals(page, method, path, options, status, text):
    answer = getattr(page, method)(path, **options)
    assert answer.status_code == status
    assert text in answer.json()["error"]


def test_a_run_that_is_none(page):
    answer = page.get("http://localhost/api/runs/nobody")
    assert (answer.status_code, answer.json()) == (404, {"error": "There is no run 'nobody' here."})


def test_conditions(conditional, conditional_run):
    about = conditional.about
    assert about["conditions"][0] == {"name": "label", "values": ["0", "1", "2", "3"]}
    assert set(about["conditions"][1]) == {"name", "mean", "scale"}
    code = [0.3, -0.1]
    for given in ({}, {"label": "2"}, {"label": "unknown", "shift": "1.5"}, {"shift": ""}):
        found = conditional.post("decode", json={"codes": [code], "conditions": given}).json()
        known = {name: value for name, value in given.items() if value not in ("", "unknown")}
        values = conditional_run.model.conditions.parse(f"{n}={v}" for n, v in known.items())
        expected = tasks.decode(conditional_run.model, np.array([code], "float32"), values)
        assert np.abs(_images(found) - _shades(expected)).max() <= 1
    answer = conditional.post("decode", json={"codes": [code], "conditions": {"label": "9"}})
    assert answer.status_code == 400
    assert "from 0 to 3" in answer.json()["error"]
    drawn = conditional.post("sample", json={"seed": 4, "conditions": {"label": "1"}}).json()
    assert (
        drawn["code"]
        == conditional.post("sample", json={"seed": 4, "conditions": {"label": "1"}}).json()["code"]
    )


def test_a_path_keeps_the_conditions_on_which_its_ends_agree(conditional, conditional_run):
    inputs = conditional_run.data().inputs("test", ["label", "shift"])
    labels = inputs["label"]
    start, end = np.flatnonzero(labels == labels[0])[:2]
    found = _images(
        conditional.post("path", json={"start": int(start), "end": int(end), "steps": 3}).json()
    )
    expected = tasks.interpolate_inputs(
        conditional_run.model, take(inputs, int(start)), take(inputs, int(end)), 3, "spherical"
    )
    assert np.abs(found - _shades(expected)).max() <= 1


def test_rows_of_a_table(table, table_run):
    about = table.about
    names = [each["name"] for each in about["columns"]]
    assert names == table_run.schema.names
    item = table.get("items/0").json()
    assert item["original"]["columns"] == names
    column = _floats(table.get("columns/0"))
    x_test = np.asarray(table_run.data().x_test)
    np.testing.assert_array_equal(column, x_test[:, 0].astype("float32"))
    row = dict(zip(names, item["original"]["rows"][0], strict=True))
    found = table.post("examine_row", json={"values": row}).json()
    assert found["score"] == pytest.approx(item["score"], rel=1e-3)
    assert found["original"]["rows"] == item["original"]["rows"]
    assert len(found["where"]["shares"][0]) == len(names)
    kept = table.get("path/file", params={"start": 0, "end": 1, "kind": "csv", "steps": 4})
    assert len(kept.text.strip().splitlines()) == 5
    assert table.post("atlas", json={}).json()["columns"] == names


def test_a_row_that_cannot_be(table, table_run):
    column = next(each for each in table_run.schema.columns if each.classes is None)
    answer = table.post("examine_row", json={"values": {column.name: "many"}})
    assert (answer.status_code, "Expected a" in answer.json()["error"]) == (400, True)
    answer = table.post("examine_row", json={"values": {"no such column": "1"}})
    assert (answer.status_code, "no such column" in answer.json()["error"]) == (400, True)
    classes = next(each for each in table_run.schema.columns if each.classes)
    answer = table.post("examine_row", json={"values": {classes.name: "purple"}})
    assert "is one of" in answer.json()["error"]
    assert table.post("examine", content=b"x").status_code == 400


def test_history_report_and_no_frames(page, blobs_run):
    found = page.get("history").json()
    assert found["history"]["loss"] == blobs_run.history["loss"]
    assert found["settings"]["epochs"] == 2
    assert page.get("report").text == blobs_run.report.read_text("utf-8")
    assert page.get("frames").json() == {"frames": []}


def test_items_of_another_source(blobs_run, blobs, tmp_path):
    for i in range(9):
        Image.fromarray(blobs.x_train[i, ..., 0]).save(tmp_path / f"{i}.png")
    workspace = Workspace(tmp_path / "runs")
    name = workspace.add(blobs_run.folder, tmp_path)
    opened = workspace.opened(name)
    opened.prepared.wait("scores")
    assert opened.prepared.failure is None
    about = opened.about()
    assert (about["count"], about["is_own"], about["key"]) == (9, False, "file")
    assert opened.names([2]) == [{"file": "2.png"}]


def test_data_that_are_gone_are_said_to_be(blobs_run, tmp_path):
    workspace = Workspace(tmp_path)
    name = workspace.add(blobs_run.folder, tmp_path / "nothing.npz")
    opened = workspace.opened(name)
    opened.prepared.wait("codes")
    client = TestClient(create_app(workspace), base_url="http://localhost")
    state = client.get(f"/api/runs/{name}").json()
    assert "nothing.npz" in state["failure"]
    assert client.get(f"/api/runs/{name}/points").status_code == 400


def test_what_is_not_computed_yet(blobs_run, tmp_path, monkeypatch):
    from keras_vae.explorer import preparation

    monkeypatch.setattr(preparation.Preparation, "_run", lambda _: None)
    workspace = Workspace(tmp_path)
    name = workspace.add(blobs_run.folder)
    client = TestClient(create_app(workspace), base_url="http://localhost")
    assert client.get(f"/api/runs/{name}").json()["about"] is None
    answer = client.get(f"/api/runs/{name}/points")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_its_own_files(page):
    index = page.get("http://localhost/")
    assert "keras-vae" in index.text
    for path in ("main.js", "style.css", "lib/scatter.js", "views/map.js", "icon.svg"):
        assert page.get(f"http://localhost/{path}").status_code == 200
    assert (
        json.loads(page.get("http://localhost/api/openapi.json").text)["info"]["title"]
        == "keras-vae explorer"
    )
