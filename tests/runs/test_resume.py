"""A training that is stopped, killed or spoiled, and goes on: it ends as if nothing had happened."""

import dataclasses
import errno
import importlib
import os
import signal
from pathlib import Path

import keras
import numpy as np
import pytest

from benchmarks.kills import measure
from keras_vae import runs
from keras_vae.data import Batches
from keras_vae.errors import (
    RunBusyError,
    RunError,
    RunExistsError,
    RunNotFoundError,
    RunWriteError,
    TrainingStoppedError,
)
from keras_vae.runs.lock import locked
from keras_vae.runs.one_training import fit_from

SETTINGS = runs.Settings(
    recipe="dense", latent_dim=3, epochs=3, batch_size=16, precision="float32", conditions=("label",),
    schedules=("beta:start=0,epochs=2",), learning_rate_schedule="cosine",
)  # fmt: skip
STEPS = 6


class Stop(keras.callbacks.Callback):
    """Press Ctrl-C, or whatever the signal stands for, in one step."""

    def __init__(self, step, number=signal.SIGINT):
        super().__init__()
        self.left, self.number = step, number

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if not self.left:
            signal.raise_signal(self.number)


@pytest.fixture(scope="module")
def undisturbed(blobs, tmp_path_factory):
    return runs.train(blobs, tmp_path_factory.mktemp("runs") / "run", SETTINGS, notify=print)


def same(run, other):
    """Weights, random streams, learning rate, figures, and the history but for seconds: to the bit."""
    assert float(run.model.optimizer.learning_rate) == float(other.model.optimizer.learning_rate)
    for one, two in zip(run.model.variables, other.model.variables, strict=True):
        np.testing.assert_array_equal(one, two)
    assert run.metrics == other.metrics
    assert list(run.history) == list(other.history)
    return all(run.history[name] == other.history[name] for name in run.history if name != "seconds")


@pytest.mark.parametrize(
    ("step", "where"),
    [
        (1, "after step 1 of epoch 1"),
        (2 * STEPS - 1, "after step 5 of epoch 2"),
        (3 * STEPS, "after epoch 3"),
    ],
)
def test_it_is_stopped_after_any_step_and_ends_the_same(step, where, undisturbed, blobs, tmp_path):
    number = signal.SIGTERM if step == 1 else signal.SIGINT
    with pytest.raises(
        TrainingStoppedError, match=f"Stopped {where}; all that was done is kept"
    ) as stopped:
        runs.train(blobs, tmp_path, SETTINGS, [Stop(step, number)], notify=print)
    assert stopped.value.signal == number
    assert runs.is_unfinished(tmp_path)
    assert float(undisturbed.model.optimizer.learning_rate) == pytest.approx(4e-3, rel=1e-4)
    run = runs.train(blobs, tmp_path, SETTINGS, resume=True, notify=print)
    assert same(run, undisturbed)
    assert {each.name for each in tmp_path.iterdir()} == {
        "model.keras", "run.json", "history.csv", "metrics.json", "pictures", "report.html",
    }  # fmt: skip


def test_one_of_several_steps_a_call_is_stopped_after_any_call_and_ends_the_same(blobs, tmp_path):
    small = dataclasses.replace(SETTINGS, batch_size=2)
    steps, several = 48, 3
    whole = runs.train(blobs, tmp_path / "whole", small, notify=print)
    calls = -(-steps // several)
    for call in (1, calls + 5, 3 * calls - 1):
        epoch, of_epoch = divmod(call, calls)
        where = f"after step {of_epoch * several} of epoch {epoch + 1}"
        path = tmp_path / str(call)
        with pytest.raises(TrainingStoppedError, match=f"Stopped {where}; all that was done is kept"):
            runs.train(blobs, path, small, [Stop(call)], notify=print)
        assert same(runs.train(blobs, path, small, resume=True, notify=print), whole)


def test_several_steps_a_call_end_where_an_epoch_does(make_vae, blobs):
    ends = []

    class Ends(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            ends.append(batch)

    model = make_vae()
    model.compile("sgd", steps_per_execution=4)
    fit_from(model, Batches(blobs.x_train, 16, seed=0), 2, [Ends()], step=1)
    assert ends == [4, 5, 3, 5]


def test_kills_at_random_moments_change_nothing():
    """Six of them, or as many as KERAS_VAE_KILLS says: 20 in `make test-kills`."""
    kills = int(os.environ.get("KERAS_VAE_KILLS", "6"))
    found = measure(kills)
    assert found["kills"] == kills
    assert found["trainings_that_differ"] == 0


def test_a_damaged_checkpoint_costs_some_steps_and_a_word(undisturbed, blobs, tmp_path):
    with pytest.raises(TrainingStoppedError):
        runs.train(blobs, tmp_path, SETTINGS, [Stop(9)], checkpoint_seconds=0.0, notify=print)
    newest = max((tmp_path / "checkpoints").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(newest.read_bytes()[:-100])
    said = []
    run = runs.train(blobs, tmp_path, SETTINGS, resume=True, notify=said.append)
    assert len(said) == 1
    assert "is damaged: its content is not what its checksum says. The one before it is used." in said[0]
    assert same(run, undisturbed)


def test_a_rollback_is_remembered(blobs, tmp_path):
    """The guard's memory is part of a checkpoint: what it undoes after a stop, it undoes alike."""

    class Spoil(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if self.model.optimizer.iterations == 13:
                weights = self.model.trainable_variables[0]
                weights.assign(weights * np.nan)

    said, again = [], []
    whole = runs.train(blobs, tmp_path / "whole", SETTINGS, [Spoil()], notify=said.append)
    with pytest.raises(TrainingStoppedError):
        runs.train(blobs, tmp_path / "stopped", SETTINGS, [Spoil(), Stop(10)], notify=again.append)
    run = runs.train(blobs, tmp_path / "stopped", SETTINGS, [Spoil()], resume=True, notify=again.append)
    assert len(said) == 1
    assert again == said
    assert whole.history["rollbacks"] == [0, 0, 1]
    assert same(run, whole)


def test_a_full_disk_at_any_write_loses_nothing(undisturbed, blobs, tmp_path, monkeypatch):
    """Again and again the disk is full at some write, and there is room again: the end is the same."""
    module = importlib.import_module("keras_vae.data.whole_file")
    sync, writes, failing = module._sync, [], [1]

    def full(path):
        writes.append(path)
        if len(writes) == failing[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(path)

    monkeypatch.setattr(module, "_sync", full)
    failed = []
    # On a slow machine, the checkpoint of every ten seconds would come between the writes that are counted.
    seldom = {"notify": print, "checkpoint_seconds": 3600.0}
    for failing[0] in (3, 8, 9, 11, 7, 17, 23):  # a file is a write, and its name in the folder another
        writes.clear()
        with pytest.raises(RunWriteError, match=r"cannot be written: .*No space left on device") as stopped:
            runs.train(blobs, tmp_path, SETTINGS, resume=bool(failed), **seldom)
        failed.append(Path(str(stopped.value).partition(" cannot")[0]).suffix)
    assert failed == [".csv", ".csv", ".checkpoint", ".keras", ".json", ".png", ".json"]
    failing[0] = 0
    run = runs.train(blobs, tmp_path, SETTINGS, resume=True, notify=print)
    assert same(run, undisturbed)
    assert not list(tmp_path.rglob(".partial*"))


def test_what_cannot_be_resumed_is_refused(undisturbed, blobs, tmp_path):
    with pytest.raises(RunNotFoundError, match="holds no training to go on with"):
        runs.train(blobs, tmp_path / "nothing", SETTINGS, resume=True)
    assert not (tmp_path / "nothing").exists()
    with pytest.raises(RunExistsError, match="there is nothing to go on with"):
        runs.train(blobs, undisturbed.folder, SETTINGS, resume=True)
    folder = tmp_path / "stopped"
    with pytest.raises(TrainingStoppedError):
        runs.train(blobs, folder, SETTINGS, [Stop(2)], command="vae train blobs --resume")
    with pytest.raises(
        RunExistsError, match=r"did not come to its end\. Go on with: vae train blobs --resume"
    ):
        runs.train(blobs, folder, SETTINGS)
    with pytest.raises(RunError, match="latent_dim was 3, and is 4"):
        runs.train(blobs, folder, runs.Settings(**(vars(SETTINGS) | {"latent_dim": 4})), resume=True)
    with locked(folder), pytest.raises(RunBusyError, match="Another process"):
        runs.train(blobs, folder, SETTINGS, resume=True)
    with pytest.raises(RunNotFoundError, match="--resume goes on with it"):
        runs.Run(folder)


def test_a_collapse_is_named_while_it_can_be_helped(blobs, tmp_path):
    said = []
    settings = runs.Settings(
        **(vars(SETTINGS) | {"beta": 1e4, "schedules": (), "epochs": 11, "batch_size": 4})
    )
    runs.train(blobs, tmp_path / "run", settings, notify=said.append)
    assert len(said) == 1
    assert "no latent unit holds information (KL 0.0" in said[0]
    assert "--schedule beta:start=0" in said[0]
