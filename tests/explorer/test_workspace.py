import time

import pytest
from starlette.testclient import TestClient

from keras_vae.errors import InvalidArgumentError, RunError, RunNotFoundError
from keras_vae.explorer import Workspace, create_app


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "runs")


@pytest.fixture
def client(workspace):
    return TestClient(create_app(workspace), base_url="http://localhost")


def test_runs_in_the_folder_are_there_too(workspace, blobs_run):
    assert workspace.names() == []
    workspace.folder.mkdir()
    (workspace.folder / "digits").symlink_to(blobs_run.folder)
    name = workspace.add(blobs_run.folder)
    assert workspace.names() == [name, "digits"]
    assert workspace.state("digits") == {"state": "finished"}


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../../x", "a\\..\\x", "a/\0"])
def test_a_path_that_leads_elsewhere(workspace, path):
    name = workspace.new_drop()
    with pytest.raises(InvalidArgumentError, match="no path of a dropped file"):
        workspace.place(name, path)


@pytest.mark.parametrize("name", ["..", "drop-99", "digits", "drop-1/../.."])
def test_a_drop_that_is_none(workspace, name):
    with pytest.raises(RunNotFoundError, match="Nothing was dropped"):
        workspace.drop(name)


def test_what_was_dropped(workspace):
    table, images, nothing = (workspace.new_drop() for _ in range(3))
    workspace.place(table, "people.csv").write_text("a\n1\n")
    assert workspace.data_of(table).name == "people.csv"
    for path in ("pets/cat/1.png", "pets/dog/1.png"):
        workspace.place(images, path).write_bytes(b"")
    assert workspace.data_of(images).name == "pets"
    with pytest.raises(InvalidArgumentError, match="Nothing was dropped"):
        workspace.data_of(nothing)


def test_files_are_put_and_looked_at(client, blobs_npz):
    dropped = client.post("/api/drops").json()["dropped"]
    content = blobs_npz.read_bytes()
    answer = client.put(f"/api/drops/{dropped}/blobs.npz", content=content)
    assert answer.json() == {"bytes": len(content)}
    found = client.post(f"/api/drops/{dropped}/inspect").json()
    assert (found["is_table"], found["found"]["num_train"]) == (False, 96)
    assert client.put(f"/api/drops/{dropped}/blobs.npz/x", content=b"1").status_code == 400
    assert client.put("/api/drops/drop-77/x", content=b"1").status_code == 404


def test_what_cannot_be_read_is_refused(client):
    dropped = client.post("/api/drops").json()["dropped"]
    client.put(f"/api/drops/{dropped}/letter.txt", content=b"dear all")
    answer = client.post(f"/api/drops/{dropped}/inspect")
    assert answer.status_code == 400
    assert "letter.txt" in answer.json()["error"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"data": "mnist-5k", "dropped": "drop-1"}, 400),
        ({"data": "/etc"}, 422),
        ({"data": "mnist-5k", "recipe": "soup"}, 400),
        ({"data": "mnist-5k", "epochs": 0}, 422),
        ({"dropped": "drop-5"}, 404),
        ({"data": "mnist-5k", "out": "/tmp"}, 422),
    ],
)
def test_trainings_that_cannot_be(client, workspace, asked, status):
    assert client.post("/api/trainings", json=asked).status_code == status
    assert workspace.names() == []


def test_a_page_that_only_watches_takes_nothing(workspace):
    client = TestClient(create_app(workspace, may_train=False), base_url="http://localhost")
    assert client.post("/api/drops").status_code in (404, 405)
    assert client.get("/api/about").json()["may_train"] is False


def test_a_training_begins_is_stopped_and_can_go_on(client, workspace, blobs_npz):
    name = workspace.train(blobs_npz, ["--recipe", "dense", "--epochs", "100000", "--batch-size", "32"])
    assert name == "blobs-1"
    _until(lambda: workspace.progress_of(name)["history"])
    assert workspace.state(name) == {"state": "training"}
    assert client.get(f"/api/runs/{name}").json() == {"name": name, "state": "training"}
    frames = _until(lambda: client.get(f"/api/runs/{name}/frames").json()["frames"])
    assert frames[0]["epoch"] == 1
    assert client.post(f"/api/trainings/{name}/stop").status_code == 200
    _until(lambda: workspace.state(name)["state"] == "stopped")
    assert (workspace.folder_of(name) / "checkpoints").is_dir()
    with pytest.raises(RunError, match="not in training"):
        workspace.stop(name)
    assert workspace.close() == []


def test_a_training_that_fails_says_why(workspace, tmp_path):
    table = tmp_path / "rows.csv"
    table.write_text("a,b\n1,2\n")
    name = workspace.train(table, [])
    _until(lambda: workspace.state(name)["state"] == "failed")
    assert "rows" in workspace.state(name)["message"]


def test_the_page_stops_its_trainings_when_it_ends(workspace, blobs_npz):
    name = workspace.train(blobs_npz, ["--recipe", "dense", "--epochs", "100000"])
    _until(lambda: workspace.progress_of(name)["history"])
    said = workspace.close()
    assert "--resume" in said[0]
    assert workspace.state(name)["state"] == "stopped"


def _until(found, seconds=120.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.2)
    raise AssertionError("It did not come.")
