"""Models and runs on the Hugging Face Hub: its own client against a stand-in for its server."""

import csv
import json
import shutil
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import keras_vae
from keras_vae import runs
from keras_vae.errors import HubError, ModelFileError, PackageMissingError

huggingface_hub = pytest.importorskip("huggingface_hub")
constants = pytest.importorskip("huggingface_hub.constants")

# Of the Hub's own client, whenever it uploads.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
PUSHED = {
    "README.md", "config.json", "history.csv", "metadata.json", "metrics.json", "model.keras",
    "model.weights.h5", "report.html", "run.json",
}  # fmt: skip


@pytest.fixture
def run(blobs_run, tmp_path):
    """A copy of a run, whose data lie in a folder that is nobody's business."""
    shutil.copytree(blobs_run.folder, tmp_path / "blobs")
    return runs.Run(tmp_path / "blobs")


def same_weights(one, other):
    assert len(one.variables) == len(other.variables)
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


def test_what_was_pushed_is_loaded_by_us_and_by_keras(hub, run, blobs):
    page = runs.push(run, "hf://ada/blobs", license="apache-2.0")
    assert page == f"{hub.address}/ada/blobs"
    files = hub.files("ada/blobs")
    pictures = {f"pictures/{each.name}" for each in run.pictures.iterdir()}
    assert set(files) == PUSHED | pictures
    ours, keras_own = keras_vae.load("hf://ada/blobs"), keras.saving.load_model("hf://ada/blobs")
    assert same_weights(ours, run.model)
    assert same_weights(keras_own, run.model)
    codes = [keras_vae.tasks.embed(model, blobs.x_test) for model in (run.model, ours, keras_own)]
    np.testing.assert_array_equal(codes[0], codes[1])
    np.testing.assert_array_equal(codes[0], codes[2])
    rows = list(csv.DictReader(files["history.csv"].decode().splitlines()))
    assert [float(each["loss"]) for each in rows] == run.history["loss"]
    asked = {path.rpartition("/")[2] for _, path in hub.requests if "/resolve/" in path}
    assert {"model.keras", "model.weights.h5"} <= asked


def test_a_run_on_the_hub_is_a_run(hub, run, vae, blobs_npz, blobs_run):
    runs.push(run, "hf://ada/blobs")
    pulled = runs.Run("hf://ada/blobs")
    commit = hub.repositories["ada/blobs"].branches["main"]
    assert pulled.folder == Path(f"runs/ada-blobs-{commit[:7]}")
    assert pulled.history == blobs_run.history
    assert pulled.metrics["test"]["elbo"] == blobs_run.metrics["test"]["elbo"]
    assert {each.name for each in pulled.folder.iterdir()} == {
        "model.keras", "run.json", "history.csv", "metrics.json", "pictures",
    }  # fmt: skip
    code, out, err = vae("evaluate", "hf://ada/blobs", blobs_npz, "--json")
    assert not code, err
    assert json.loads(out)["test"]["elbo"] == pytest.approx(blobs_run.metrics["test"]["elbo"], rel=1e-5)
    code, out, _ = vae("sample", "hf://ada/blobs", "-n", "4")
    assert not code
    assert f"{pulled.folder}/pictures/sample-4-seed0.png" in out
    code, _, err = vae("evaluate", "hf://ada/blobs")
    assert code == 2
    assert "The data of this run are not there any more, or came from Python: blobs.npz." in err


@pytest.mark.usefixtures("hub")
def test_what_a_command_wrote_stays_and_without_a_network_the_cache_is_used(run, monkeypatch):
    runs.push(run, "hf://ada/blobs")
    first = runs.Run("hf://ada/blobs")
    (first.folder / "mine.txt").write_text("mine")
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    assert runs.Run("hf://ada/blobs").folder == first.folder
    assert (first.folder / "mine.txt").read_text() == "mine"
    assert same_weights(keras_vae.load("hf://ada/blobs"), run.model)
    with pytest.raises(HubError, match="ada/other cannot be loaded: the Hub cannot be reached"):
        keras_vae.load("hf://ada/other")
    with pytest.raises(HubError, match="hf://ada/blobs cannot be written"):
        runs.push(run, "hf://ada/blobs")


def test_the_path_of_the_data_and_the_command_stay_here(hub, run, blobs_npz):
    assert str(blobs_npz.parent) in run.report.read_text()
    runs.push(run, "hf://ada/blobs")
    for name, content in hub.files("ada/blobs").items():
        assert str(blobs_npz.parent).encode() not in content, name
    described = json.loads(hub.files("ada/blobs")["run.json"])
    assert described["data"]["name"] == "blobs.npz"
    assert "command" not in described


def test_the_card_says_what_the_figures_say(hub, run):
    runs.push(run, "hf://ada/blobs", license="mit")
    text = hub.files("ada/blobs")["README.md"].decode()
    card = huggingface_hub.ModelCard(text)
    assert card.data.library_name == "keras"
    assert card.data.license == "mit"
    assert card.data.model_name == "blobs"
    test = run.metrics["test"]
    results = {each.metric_type: each.metric_value for each in card.data.eval_results}
    assert results == {name: test[name] for name in ("elbo", "reconstruction", "kl")}
    assert {each.dataset_type for each in card.data.eval_results} == {"blobs.npz"}
    assert f"| test bound (ELBO) | {test['elbo']:.2f} nats |" in card.text
    assert run.metrics["diagnosis"]["verdict"] in card.text
    assert "![pictures/samples.png](pictures/samples.png)" in card.text
    assert 'keras_vae.load("hf://ada/blobs")' in card.text
    assert f"| epochs | {run.description['settings']['epochs']} |" in card.text


def test_the_card_of_a_table(hub, table_run):
    runs.push(table_run, "hf://ada/people")
    card = huggingface_hub.ModelCard(hub.files("ada/people")["README.md"].decode())
    assert "tabular" in card.data.tags
    assert card.data.pipeline_tag is None
    assert f"rows of {table_run.description['data']['event_shape'][0]} columns" in card.text
    assert "The model holds the names of the table's columns" in card.text


def test_examples_stay_here_if_asked_and_go_if_they_were_there(hub, run):
    runs.push(run, "hf://ada/blobs")
    runs.push(run, "hf://ada/blobs", examples=False)
    files = hub.files("ada/blobs")
    assert set(files) == PUSHED - {"report.html"}
    assert "pictures/" not in files["README.md"].decode()


def test_a_branch_is_loaded_by_its_name(hub, run, make_vae):
    runs.push(run, "hf://ada/blobs")
    other = make_vae()
    other.build((None, 12, 12, 1))
    other.save("hf://ada/blobs@other")
    assert set(hub.repositories["ada/blobs"].branches) == {"main", "other"}
    assert same_weights(keras_vae.load("hf://ada/blobs@other"), other)
    assert same_weights(keras_vae.load("hf://ada/blobs"), run.model)
    assert same_weights(
        keras_vae.load(f"hf://ada/blobs@{hub.repositories['ada/blobs'].branches['other']}"), other
    )
    with pytest.raises(HubError, match="blobs@none cannot be loaded: the repository has no such revision"):
        keras_vae.load("hf://ada/blobs@none")


@pytest.mark.usefixtures("hub")
def test_a_model_is_saved_without_a_run(make_vae):
    model = make_vae()
    model.build((None, 12, 12, 1))
    model.save("hf://ada/small")
    assert same_weights(keras_vae.load("hf://ada/small"), model)
    assert same_weights(keras.saving.load_model("hf://ada/small"), model)
    with pytest.raises(HubError, match="holds no run, as `vae push` writes it"):
        runs.Run("hf://ada/small")


def test_a_changed_file_is_refused(hub, run):
    runs.push(run, "hf://ada/blobs")
    repository = hub.repositories["ada/blobs"]
    files = dict(hub.files("ada/blobs"))
    content = bytearray(files["model.keras"])
    content[len(content) // 2] ^= 1
    repository.commit("main", files | {"model.keras": bytes(content)})
    with pytest.raises(ModelFileError, match="damaged"):
        keras_vae.load("hf://ada/blobs")


def test_a_private_repository_is_seen_by_its_owner_alone(hub, run, monkeypatch):
    runs.push(run, "hf://ada/secret", private=True)
    assert hub.repositories["ada/secret"].private
    assert same_weights(keras_vae.load("hf://ada/secret"), run.model)
    monkeypatch.setenv("HF_TOKEN", "hf_of_eve")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(Path("elsewhere").absolute()))
    with pytest.raises(HubError, match="no such repository, or none that you may see"):
        keras_vae.load("hf://ada/secret")


def test_nothing_private_goes_to_a_public_repository(hub, run):
    runs.push(run, "hf://ada/open", examples=False)
    before = hub.files("ada/open")
    with pytest.raises(HubError, match="there already, and public"):
        runs.push(run, "hf://ada/open", private=True)
    assert hub.files("ada/open") == before


def test_the_command_pushes_and_says_what_is_wrong(hub, run, vae, monkeypatch):
    code, out, err = vae(
        "push", run.folder, "hf://ada/blobs", "--license", "mit", "--no-examples", "--json"
    )
    assert not code, err
    assert json.loads(out) == {"page": f"{hub.address}/ada/blobs", "address": "hf://ada/blobs"}
    monkeypatch.setenv("HF_TOKEN", "hf_of_eve")
    before = {each: each.read_bytes() for each in run.folder.rglob("*") if each.is_file()}
    for address, what in {
        "hf://ada/blobs": "hf://ada/blobs cannot be written: ",
        "hf://ada": "An address on the Hub is hf://USER/NAME, or hf://USER/NAME@REVISION. Received: hf://ada",
        "ada/blobs": "An address on the Hub is hf://USER/NAME",
    }.items():
        code, _, err = vae("push", run.folder, address)
        assert code == 2
        assert what in err
    assert {each: each.read_bytes() for each in run.folder.rglob("*") if each.is_file()} == before


def test_a_missing_package_says_how_to_install_it(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(PackageMissingError, match=r"pip install 'keras-vae\[hub\]'"):
        runs.push(run, "hf://ada/blobs")
    with pytest.raises(PackageMissingError, match=r"pip install 'keras-vae\[hub\]'"):
        keras_vae.load("hf://ada/blobs")
