"""Trackers are told what `history.csv` and `metrics.json` hold; each is read back by its own package."""

import json
import signal
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import keras
import numpy as np
import pytest

from keras_vae import callbacks, runs
from keras_vae.errors import PackageMissingError, TrackerError, TrainingStoppedError, UnknownNameError
from keras_vae.runs.tracking import final_figures

# Of MLflow, under SQLAlchemy 2.1.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")
SETTINGS = runs.Settings(
    recipe="dense", latent_dim=3, epochs=4, batch_size=32, precision="float32",
    schedules=("beta:start=0,epochs=4",), learning_rate_schedule="cosine",
)  # fmt: skip
COLUMNS = ("loss", "reconstruction_loss", "kl_loss", "val_loss", "val_reconstruction_loss", "val_kl_loss")


class Notebook(callbacks.Tracker):
    """A tracker that keeps what it is told; it fails in one epoch, if it shall."""

    title = "Notebook"
    package = "json"

    def __init__(self, fails_in=None, opens=True):
        super().__init__()
        self.fails_in, self.opens = fails_in, opens
        self.epochs, self.ends, self.figures, self.files = {}, [], {}, {}

    def _open(self, name, settings):
        if not self.opens:
            raise ConnectionError("nobody\nanswers")
        self.settings, self.went_on = dict(settings), self.key
        return self.key or "page 1"

    def _log(self, figures, epoch):
        if epoch == self.fails_in:
            raise ConnectionError("the server is gone")
        assert epoch not in self.epochs
        self.epochs[epoch] = dict(figures)

    def _conclude(self, figures, files):
        self.figures, self.files = figures, files

    def _close(self, how):
        self.ends.append(how)


class Stop(keras.callbacks.Callback):
    """Press Ctrl-C in the second step of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.is_due = epoch + 1 == self.epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.is_due and batch == 1:
            signal.raise_signal(signal.SIGINT)


def rows_of(run):
    return [dict(zip(run.history, row, strict=True)) for row in zip(*run.history.values(), strict=True)]


def same_figures(epochs, run):
    """What a tracker keeps of each epoch is what `history.csv` has, in single precision."""
    assert sorted(epochs) == list(range(1, len(run.history["loss"]) + 1))
    for row in rows_of(run):
        for name in COLUMNS:
            assert np.float32(epochs[int(row["epoch"])][name]) == np.float32(row[name])
    return True


@pytest.fixture(scope="module")
def told(blobs, tmp_path_factory):
    """A run, a tracker that followed it, one that failed in the second epoch, and what was said of that."""
    notebook, broken, said = Notebook(), Notebook(fails_in=2), []
    folder = tmp_path_factory.mktemp("told") / "run"
    return (
        runs.train(blobs, folder, SETTINGS, [notebook, broken], notify=said.append),
        notebook,
        broken,
        said,
    )


def test_a_tracker_is_told_what_the_run_writes_down(told):
    run, notebook, _, _ = told
    assert same_figures(notebook.epochs, run)
    betas = [notebook.epochs[epoch]["beta"] for epoch in (1, 2, 3, 4)]
    assert betas == pytest.approx([1 / 6, 5 / 12, 2 / 3, 11 / 12])
    rates = [notebook.epochs[epoch]["learning_rate"] for epoch in (1, 2, 3, 4)]
    assert rates == sorted(rates, reverse=True)
    assert notebook.settings["recipe"] == "dense"
    assert notebook.settings["epochs"] == 4
    assert notebook.settings["schedules"] == "beta:start=0,epochs=4"
    assert notebook.settings["num_train"] == 96
    assert notebook.figures == final_figures(run.metrics)
    assert notebook.figures["test/elbo"] == run.metrics["test"]["elbo"]
    assert {"report.html", "metrics.json", "pictures/samples.png"} <= set(notebook.files)
    assert all(path.is_file() for path in notebook.files.values())
    assert notebook.ends == ["finished"]


def test_a_tracker_that_fails_is_mentioned_once_and_the_run_is_whole(told):
    run, _, notebook, said = told
    assert len(run.history["loss"]) == 4
    assert run.report.is_file()
    assert said == [
        "Notebook failed and is left alone from now on, the training goes on: the server is gone"
    ]
    assert list(notebook.epochs) == [1]
    assert not notebook.figures
    assert not notebook.ends


def test_a_tracker_that_cannot_begin_is_an_error_before_anything_is_trained(blobs, tmp_path):
    first = Notebook()
    with pytest.raises(TrackerError, match="Notebook cannot begin: nobody answers"):
        runs.train(blobs, tmp_path / "run", SETTINGS, [first, Notebook(opens=False)])
    assert first.ends == ["failed"]
    assert not any((tmp_path / "run").iterdir())


def test_a_resumed_training_repeats_no_epoch(blobs, tmp_path):
    """It dies in the third epoch's end without a checkpoint, so that it begins with the first again."""
    notebook = Notebook()
    kill = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _: 1 // (epoch - 2))
    with pytest.raises(ZeroDivisionError):
        runs.train(blobs, tmp_path / "run", SETTINGS, [notebook, kill])
    assert notebook.ends == ["failed"]
    assert sorted(notebook.epochs) == [1, 2, 3]
    again = Notebook()
    run = runs.train(blobs, tmp_path / "run", SETTINGS, [again], resume=True, notify=print)
    # What is known to be kept is what was known before the process died: the third was not.
    assert sorted(again.epochs) == [3, 4]
    assert again.went_on == "page 1"
    assert same_figures(notebook.epochs | again.epochs, run)


@pytest.mark.mathematics
def test_it_is_a_callback_of_any_fit(blobs, make_vae):
    notebook, model = Notebook(), make_vae()
    model.compile(optimizer=keras.optimizers.Adam(0.01))
    fitted = model.fit(blobs.x_train, epochs=2, batch_size=32, callbacks=[notebook], verbose=0)
    assert notebook.settings["likelihood"] == "Bernoulli"
    assert notebook.settings["epochs"] == 2
    assert notebook.settings["learning_rate"] == pytest.approx(0.01)
    assert [notebook.epochs[epoch]["loss"] for epoch in (1, 2)] == fitted.history["loss"]
    assert notebook.epochs[2]["beta"] == 1.0
    assert notebook.ends == ["finished"]
    plain = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    plain.compile("adam", "mse")
    plain.fit(np.ones((4, 2)), np.ones((4, 1)), callbacks=[Notebook()], verbose=0)


def test_unknown_trackers_and_missing_packages_are_named(vae, tmp_path, monkeypatch):
    with pytest.raises(UnknownNameError, match="Did you mean 'mlflow'"):
        runs.trackers(["mlfow"], tmp_path)
    for package in runs.TRACKERS:
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(PackageMissingError, match=rf"pip install 'keras-vae\[{package}\]'"):
            runs.trackers([package], tmp_path)
        code, _, err = vae("train", "mnist-5k", "--track", package, "--out", tmp_path / "run")
        assert code == 2
        assert f"needs the package {package}: pip install" in err
        # A folder of that name, which is no package.
        monkeypatch.setitem(sys.modules, package, ModuleType(package))
        with pytest.raises(PackageMissingError, match=rf"pip install 'keras-vae\[{package}\]'"):
            runs.trackers([package], tmp_path)
    assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def tracked(blobs, tmp_path_factory):
    """A run that all installed trackers followed; it was stopped in the third epoch, and resumed."""
    names = [name for name in runs.TRACKERS if find_spec(name)]
    if not names:
        pytest.skip("none of the trackers' packages is installed: make test-trackers")
    folder = tmp_path_factory.mktemp("tracked")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        patch.setenv("MLFLOW_EXPERIMENT_NAME", "blobs")
        patch.setenv("WANDB_MODE", "offline")
        patch.setenv("WANDB_DIR", str(folder))
        patch.setenv("WANDB_SILENT", "true")
        for name in ("MLFLOW_RUN_ID", "WANDB_RUN_ID"):
            patch.delenv(name, raising=False)
        with pytest.raises(TrainingStoppedError):
            runs.train(blobs, "run", SETTINGS, [*runs.trackers(names, Path("run")), Stop(3)], notify=print)
        run = runs.train(
            blobs, "run", SETTINGS, runs.trackers(names, Path("run")), resume=True, notify=print
        )
    return runs.Run(folder / run.folder)


def test_tensorboard_shows_the_history(tracked):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import metadata

    folder = tracked.folder / "tensorboard"
    assert len(list(folder.iterdir())) == 2
    events = EventAccumulator(str(folder), {"images": 0, "scalars": 0, "tensors": 0}).Reload()
    scalars = {tag: events.Scalars(tag) for tag in events.Tags()["scalars"]}
    epochs = {}
    for tag, found in scalars.items():
        for each in found:
            epochs.setdefault(each.step, {})[tag] = each.value
    for name in COLUMNS:
        assert [each.step for each in scalars[name]] == [1, 2, 3, 4]
    assert same_figures(epochs, tracked)
    for name, figure in final_figures(tracked.metrics).items():
        assert [each.value for each in scalars[name]] == [np.float32(figure)]
    image = events.Images("pictures/samples")[0]
    assert image.encoded_image_string == (tracked.pictures / "samples.png").read_bytes()
    content = events.SummaryMetadata(metadata.SESSION_START_INFO_TAG).plugin_data.content
    hparams = metadata.parse_session_start_info_plugin_data(content).hparams
    assert hparams["latent_dim"].number_value == 3
    assert hparams["recipe"].string_value == "dense"


def test_mlflow_has_the_history_in_one_run(tracked):
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    client = mlflow.MlflowClient(f"sqlite:///{tracked.folder.parent}/mlflow.db")
    experiment = client.get_experiment_by_name("blobs")
    (found,) = client.search_runs([experiment.experiment_id])
    assert found.info.status == "FINISHED"
    assert found.info.run_name == "run"
    assert found.data.params["recipe"] == "dense"
    assert found.data.params["latent_dim"] == "3"
    epochs = {}
    for name in COLUMNS:
        history = client.get_metric_history(found.info.run_id, name)
        assert [each.step for each in history] == [1, 2, 3, 4]
        for each in history:
            epochs.setdefault(each.step, {})[name] = each.value
    assert same_figures(epochs, tracked)
    assert [epochs[int(row["epoch"])]["loss"] for row in rows_of(tracked)] == tracked.history["loss"]
    for name, figure in final_figures(tracked.metrics).items():
        assert found.data.metrics[name] == figure
    artefacts = {each.path for each in client.list_artifacts(found.info.run_id)}
    assert artefacts == {"history.csv", "metrics.json", "pictures", "report.html", "run.json"}
    pictures = {each.path for each in client.list_artifacts(found.info.run_id, "pictures")}
    assert pictures == {f"pictures/{each.name}" for each in tracked.pictures.iterdir()}


class MLflowServer(ThreadingHTTPServer):
    """Begin a run, take down what comes, and be gone at the third epoch."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _MLflowAnswers)
        self.epochs = []


class _MLflowAnswers(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        steps = {each["step"] for each in asked.get("metrics", ())}
        self.server.epochs += steps
        is_gone = 3 in steps
        run = {"info": {"run_id": "a", "run_uuid": "a", "experiment_id": "0", "status": "RUNNING"}}
        content = b"" if is_gone else json.dumps({"run": run}).encode()
        self.send_response(503 if is_gone else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def test_a_server_that_is_gone_does_not_take_the_run_with_it(blobs, tmp_path, monkeypatch):
    pytest.importorskip("mlflow")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    said = []
    with MLflowServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}")
        run = runs.train(
            blobs, tmp_path / "run", SETTINGS, [callbacks.MLflow(notify=print)], notify=said.append
        )
        server.shutdown()
    assert server.epochs == [1, 2, 3], said
    assert len(run.history["loss"]) == 4
    assert run.report.is_file()
    (text,) = said
    assert text.startswith("MLflow failed and is left alone from now on, the training goes on: ")


def records(path):
    """The records of a W&B file, which is a log of LevelDB, as messages of the package's own kind."""
    from wandb.proto.wandb_internal_pb2 import Record

    content, place, whole = path.read_bytes(), 7, b""
    while place + 7 <= len(content):
        left = 32768 - place % 32768
        if left < 7:
            place += left
            continue
        length, kind = struct.unpack_from("<HB", content, place + 4)
        whole += content[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):
            yield Record.FromString(whole)
            whole = b""


def contents(items):
    found = {}
    for each in items:
        *path, name = each.nested_key or [each.key]
        within = found
        for step in path:
            within = within.setdefault(step, {})
        within[name] = json.loads(each.value_json)
    return found


def test_weights_and_biases_has_the_history_in_one_run(tracked):
    pytest.importorskip("wandb")
    files = sorted(
        tracked.folder.parent.glob("wandb/offline-run-*/*.wandb"), key=lambda each: each.stat().st_mtime
    )
    assert len(files) == 2
    assert len({each.name for each in files}) == 1
    epochs, summary, config = {}, {}, {}
    for file in files:
        for record in records(file):
            kind = record.WhichOneof("record_type")
            if kind == "history":
                items = contents(record.history.item)
                row = epochs.setdefault(items["_step"], {})
                assert not set(row) & set(items) & set(COLUMNS)
                row |= items
            elif kind == "summary":
                summary |= contents(record.summary.update)
            elif kind == "run":
                config |= contents(record.run.config.update)
    assert same_figures(epochs, tracked)
    for name, figure in final_figures(tracked.metrics).items():
        assert summary[name] == figure
    assert config["recipe"] == "dense"
    assert epochs[4]["report.html"]["_type"] == "html-file"
    assert epochs[4]["pictures/samples.png"]["_type"] == "image-file"
