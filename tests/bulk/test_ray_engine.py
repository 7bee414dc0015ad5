"""On Ray Data: the same files as one process writes, also where workers die. `make test-ray` runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet
import pytest

from keras_vae import bulk
from keras_vae.bulk.progress import PROGRESS
from tests.samples import people

pytest.importorskip("ray.data", reason="`make test-ray` installs Ray, and runs this")

FILES = 6


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large") / "data"
    folder.mkdir()
    for number in range(FILES):
        pyarrow.parquet.write_table(people(20_000, seed=number), folder / f"{number}.parquet")
    return folder


@pytest.fixture(scope="module")
def expected(table_run, source, tmp_path_factory):
    """What one process makes of them."""
    out = tmp_path_factory.mktemp("large") / "out"
    bulk.process(
        table_run, source, out, "score", {"rate": None, "method": "bound", "num_samples": 16, "seed": 0}
    )
    return out


def command(run, source, out):
    return [
        *(sys.executable, "-m", "keras_vae", "score", run.folder, source, "--out", out, "--json"),
        *("--engine", "ray", "--workers", "2"),
    ]


def same(out, expected):
    return all(
        (out / f"{number}.parquet").read_bytes() == (expected / f"{number}.parquet").read_bytes()
        for number in range(FILES)
    )


def half_written(out):
    """The processes that write a part now."""
    return [int(path.name.split("-")[1]) for path in out.glob(".partial-*.parquet")]


def wait_for(found, process):
    deadline = time.monotonic() + 300
    while not (result := found()):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return result


def test_two_workers_write_the_same_though_one_is_killed_and_say_nothing(
    table_run, source, expected, tmp_path
):
    out = tmp_path / "out"
    process = subprocess.Popen(
        command(table_run, source, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    killed = wait_for(lambda: half_written(out), process)[0]
    os.kill(killed, signal.SIGKILL)
    printed, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    said = json.loads(printed)
    assert (said["parts"], said["kept"], said["items"]) == (FILES, 0, FILES * 20_000)
    assert same(out, expected)
    assert sorted(each.name for each in out.iterdir()) == [
        *(f"{number}.parquet" for number in range(FILES)), PROGRESS,
    ]  # fmt: skip
    heads = [(folder / PROGRESS).read_text().splitlines()[0] for folder in (out, expected)]
    assert heads[0] == heads[1]


def test_it_is_stopped_and_killed_and_goes_on_in_one_process(table_run, source, expected, tmp_path):
    out = tmp_path / "out"
    stopped = subprocess.Popen(command(table_run, source, out), stderr=subprocess.PIPE, text=True)
    wait_for(lambda: half_written(out), stopped)
    stopped.send_signal(signal.SIGINT)
    _, err = stopped.communicate()
    assert stopped.returncode == 128 + signal.SIGINT
    assert err.startswith("vae: Stopped: ")
    assert len(err.splitlines()) == 1
    killed = subprocess.Popen(command(table_run, source, out))
    wait_for(lambda: (out / PROGRESS).read_text().count("\n") > 1, killed)
    killed.kill()
    killed.wait()
    done = bulk.process(
        table_run, source, out, "score", json.loads((out / PROGRESS).read_text().split("\n")[0])["options"]
    )
    assert done.kept >= 1
    assert (done.parts, same(out, expected)) == (FILES, True)


def test_a_file_that_is_unlike_is_named_once(table_run, source, tmp_path):
    copies = tmp_path / "data"
    copies.mkdir()
    for path in source.iterdir():
        (copies / path.name).hardlink_to(path)
    table = people(30)
    texts = table.set_column(1, "height", [["tall"] * 30])
    pyarrow.parquet.write_table(texts, copies / "9.parquet")
    result = subprocess.run(command(table_run, copies, tmp_path / "out"), capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"vae: {copies}/9.parquet: The column 'height' is no real")
    assert "Traceback" not in result.stderr
    assert Path(tmp_path / "out" / PROGRESS).exists()
