"""`vae explore` and `vae train --watch` as a person starts and stops them."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from keras_vae.errors import InvalidArgumentError
from keras_vae.explorer import Page, Workspace


@contextlib.contextmanager
def _started(arguments, folder):
    command = [sys.executable, "-m", "keras_vae", *map(str, arguments)]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=folder, env=quiet, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def _address(process):
    for line in process.stdout:
        if found := re.search(r"http://\S+?/", line):
            return found[0]
    raise AssertionError("No address was said.")


def _get(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()


def test_it_serves_a_run_until_ctrl_c(blobs_run, tmp_path):
    with _started(["explore", blobs_run.folder, "--no-browser", "--port", 0], tmp_path) as process:
        address = _address(process)
        assert b"keras-vae" in _get(address)
        runs = json.loads(_get(f"{address}api/about"))["runs"]
        assert runs == [{"name": "blobs", "state": "finished"}]
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert "Traceback" not in process.stdout.read()


def test_a_training_is_watched_and_then_explored(blobs_npz, tmp_path):
    arguments = ["train", blobs_npz, "--recipe", "dense", "--epochs", 3, "--out", "runs/blobs", "--watch"]
    with _started(arguments, tmp_path) as process:
        address = _address(process)
        end = time.monotonic() + 120
        while json.loads(_get(f"{address}api/about"))["runs"][0]["state"] != "finished":
            assert time.monotonic() < end
            time.sleep(0.3)
        frames = json.loads(_get(f"{address}api/runs/blobs/frames"))["frames"]
        assert [each["epoch"] for each in frames] == [1, 2, 3]
        assert _address(process) == address  # it stays
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert "Traceback" not in process.stdout.read()


def test_a_port_that_is_taken_is_passed_over(tmp_path):
    with Page(Workspace(tmp_path), port=0) as first:
        port = first.socket.getsockname()[1]
        second = Page(Workspace(tmp_path), port=port)
        assert second.socket.getsockname()[1] > port
        second.socket.close()


@pytest.mark.parametrize("options", [{"host": "no.such.host.invalid"}, {"port": 70_000}])
def test_where_it_cannot_listen(tmp_path, options):
    with pytest.raises(InvalidArgumentError):
        Page(Workspace(tmp_path), **options)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [(["nowhere"], "No run folder"), (["nowhere", "--host", "x.invalid"], "No run folder")],
)
def test_refusals_of_the_command(vae, tmp_path, monkeypatch, arguments, text):
    monkeypatch.chdir(tmp_path)
    code, _, err = vae("explore", *arguments, "--no-browser")
    assert (code, text in err) == (2, True)
