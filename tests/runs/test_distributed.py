"""A training of several processes or devices is that of one: its losses, its end, and what it says."""

import importlib.util
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_vae import runs
from keras_vae.errors import InvalidArgumentError
from keras_vae.runs.engines import native_log

on_tensorflow = pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="of TensorFlow alone")

# 96 rows: six batches of 15, which do not divide by two, and one of 6.
EPOCHS = 25
OPTIONS = (
    "--recipe", "dense", "--latent-dim", "2", "--batch-size", "15", "--epochs", str(EPOCHS), "--schedule",
    "beta:start=0,epochs=10",
)  # fmt: skip
LOSSES = ("loss", "reconstruction_loss", "kl_loss", "val_loss", "val_reconstruction_loss", "val_kl_loss")

needs_jax = pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="JAX is not installed")


def begin(folder, data, *options, **environment):
    """`vae train` on JAX in a process that writes a checkpoint every fifth of a second."""
    own = {name: each for name, each in os.environ.items() if not name.startswith("JAX_")}
    code = (
        "from keras_vae import runs; runs.train.__kwdefaults__['checkpoint_seconds'] = 0.2; "
        "from keras_vae.cli import main; main()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, "train", str(data), "--out", str(folder), *OPTIONS, *options],
        env=own | {"KERAS_BACKEND": "jax"} | environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def end(process):
    out, err = process.communicate(timeout=300)
    return SimpleNamespace(code=process.returncode, out=out, err=err)


def begin_two(folder, data, *options):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    return [
        begin(
            folder, data, "--distributed", *options, JAX_COORDINATOR_ADDRESS=address,
            JAX_NUM_PROCESSES="2", JAX_PROCESS_ID=str(number),
        )
        for number in range(2)
    ]  # fmt: skip


def until(condition, seconds=200):
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + seconds
        time.sleep(0.05)


def rows(folder):
    """How many epochs are over."""
    history = folder / "history.csv"
    return len(history.read_text().splitlines()) - 1 if history.exists() else 0


def histories_agree(one, other):
    one, other = runs.Run(one).history, runs.Run(other).history
    assert len(one["loss"]) == len(other["loss"])
    for name in LOSSES:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-4, err_msg=name)


@pytest.fixture(scope="module")
def alone(blobs_npz, tmp_path_factory):
    """What one process comes to, on JAX."""
    folder = tmp_path_factory.mktemp("alone") / "run"
    result = end(begin(folder, blobs_npz))
    assert result.code == 0, result.err
    return folder


@needs_jax
def test_two_processes_are_one(alone, blobs_npz, tmp_path):
    first, second = map(end, begin_two(tmp_path / "run", blobs_npz, "--json"))
    assert (first.code, second.code) == (0, 0), first.err + second.err
    histories_agree(alone, tmp_path / "run")
    assert (second.out, second.err) == ("", "")
    assert json.loads(first.out)["run"] == str(tmp_path / "run")
    assert {each.name for each in (tmp_path / "run").iterdir()} == {
        "model.keras", "run.json", "history.csv", "metrics.json", "pictures", "report.html",
    }  # fmt: skip


@needs_jax
@pytest.mark.parametrize("killed", [0, 1])
def test_a_killed_process_ends_the_other_and_the_training_goes_on(killed, alone, blobs_npz, tmp_path):
    """With two processes again, or with one: what matters is the batch of all."""
    folder = tmp_path / "run"
    processes = begin_two(folder, blobs_npz)
    until(lambda: rows(folder) > 3)
    processes[killed].kill()
    killed_at = time.monotonic()
    left = end(processes[1 - killed])
    assert time.monotonic() < killed_at + 100
    assert end(processes[killed]).code == -signal.SIGKILL
    assert left.code == 2
    said = [line for line in left.err.splitlines() if not line.startswith(("epoch", "left out"))]
    assert len(said) == 1, left.err
    assert re.match(
        r"vae: Another process of this training is gone, .* Go on with: vae train .* --resume$", said[0]
    )
    assert 3 < rows(folder) < EPOCHS
    again = begin_two(folder, blobs_npz, "--resume") if killed else [begin(folder, blobs_npz, "--resume")]
    for result in map(end, again):
        assert result.code == 0, result.err
    histories_agree(alone, folder)


@needs_jax
def test_a_stop_in_one_process_is_one_of_all(alone, blobs_npz, tmp_path):
    folder = tmp_path / "run"
    processes = begin_two(folder, blobs_npz)
    until(lambda: rows(folder) > 3)
    processes[1].send_signal(signal.SIGTERM)
    first, second = map(end, processes)
    assert (first.code, second.code) == (128 + signal.SIGTERM, 128 + signal.SIGTERM), first.err + second.err
    assert "all that was done is kept. Go on with: vae train" in first.err
    assert second.err == ""
    for result in map(end, begin_two(folder, blobs_npz, "--resume")):
        assert result.code == 0, result.err
    histories_agree(alone, folder)


MIRRORED = """
import sys, numpy as np, tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
from keras_vae import data, runs
settings = runs.Settings("dense", latent_dim=2, epochs=2, batch_size=16, precision="float32")
with runs.distributed() as engine:
    runs.train(data.load(sys.argv[1]), sys.argv[2], settings, engine=engine)
assert not engine.is_alone
"""


@on_tensorflow
@pytest.mark.skipif("KERAS_VAE_DISTRIBUTED" not in os.environ, reason="KERAS_VAE_DISTRIBUTED is not set")
def test_two_replicas_of_tensorflow_are_one(blobs, blobs_npz, tmp_path):
    """The order of the data, the noise of each example, and what is averaged over."""
    done = subprocess.run(
        [sys.executable, "-c", MIRRORED, blobs_npz, tmp_path / "two"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    settings = runs.Settings("dense", latent_dim=2, epochs=2, batch_size=16, precision="float32")
    runs.train(blobs, tmp_path / "one", settings)
    histories_agree(tmp_path / "one", tmp_path / "two")


@on_tensorflow
def test_what_cannot_be_distributed_is_refused_by_name(monkeypatch):
    said = []
    assert runs.distributed(said.append).is_alone
    assert said == ["There is one process, on one device: it trains as it would without --distributed."]
    monkeypatch.setenv("TF_CONFIG", "{}")
    with pytest.raises(InvalidArgumentError, match=r"TF_CONFIG names several machines.*Use JAX"):
        runs.distributed()
    monkeypatch.setattr(keras.config, "backend", lambda: "torch")
    with pytest.raises(InvalidArgumentError, match=r"with PyTorch\. Use JAX"):
        runs.distributed()


@needs_jax
@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"JAX_PROCESS_ID": "0"}, "JAX_COORDINATOR_ADDRESS and JAX_NUM_PROCESSES"),
        ({"JAX_NUM_PROCESSES": "two"}, "JAX_NUM_PROCESSES in the environment must be a number"),
    ],
)
def test_half_an_environment_is_refused(environment, message, blobs_npz, tmp_path):
    result = end(begin(tmp_path / "run", blobs_npz, "--distributed", **environment))
    assert result.code == 2
    assert message in result.err
    assert "Traceback" not in result.err


def test_native_code_is_passed_on_unless_it_says_that_another_is_gone():
    def watched(*lines):
        out = io.BytesIO()
        native_log.watch([each.encode() + b"\n" for each in lines], out)
        return out.getvalue().decode()

    words = "\x1elast words:Gone."
    assert watched(words, "slow compile", "done") == "slow compile\ndone\n"
    other = "E1126 coordination_service_agent.cc:289] Polled an error"
    assert watched(words, other, "RPC: x") == f"{other}\nRPC: x\n"
    fatal = (
        "F1126 client.h:80] Terminating process because the JAX distributed service detected fatal errors"
    )
    assert watched("before", words, other, "RPC: x", fatal, "    @  0x7f") == "before\nvae: Gone.\n"
    assert watched(words, "before", "\x1eend", fatal) == "before\n"
