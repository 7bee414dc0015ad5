"""Checkpoints, locks and whole files: what survives what."""

import multiprocessing
import resource
import signal
from pathlib import Path

import numpy as np
import pytest

from keras_vae.data import whole_file
from keras_vae.errors import RunBusyError, RunError
from keras_vae.runs.checkpoints import Checkpoints, State
from keras_vae.runs.lock import locked

# What the children need is imported once, in the process that they are forked from.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["keras_vae.runs.checkpoints"])


def state(step):
    return State({"step": step, "loss": 0.1 + step}, {"weights": np.full((3, 2), step, "float32")})


@pytest.fixture
def checkpoints(tmp_path):
    found = Checkpoints(tmp_path / "checkpoints")
    for step in (1, 2, 3):
        found.write(state(step))
    return found


def newest(checkpoints):
    """As another process finds it."""
    return Checkpoints(checkpoints.folder).newest()


def test_the_newest_comes_back_as_it_was(checkpoints):
    found, damaged = newest(checkpoints)
    assert damaged == {}
    assert found.notes["step"] == 3
    assert found.notes["loss"] == 3.1
    assert found.arrays["weights"].dtype == "float32"
    np.testing.assert_array_equal(found.arrays["weights"], np.full((3, 2), 3))


def spoiled(content, way):
    middle = len(content) // 2
    return {
        "torn": content[:middle],
        "empty": b"",
        "one bit": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "longer": content + b"\0",
        "another file": b"PK\x03\x04" + content,
    }[way]


@pytest.mark.parametrize("way", ["torn", "empty", "one bit", "longer", "another file"])
def test_a_damaged_one_is_found_out_and_the_older_one_is_used(checkpoints, way):
    path = checkpoints.folder / "1.checkpoint"  # the third took the place of the first
    path.write_bytes(spoiled(path.read_bytes(), way))
    found, damaged = newest(checkpoints)
    assert found.notes["step"] == 2
    assert list(damaged) == [path]
    assert "checksum" in damaged[path] or "no checkpoint" in damaged[path]


def test_the_next_one_takes_the_place_of_the_damaged_one(checkpoints):
    (checkpoints.folder / "1.checkpoint").write_bytes(b"")
    again = Checkpoints(checkpoints.folder)
    again.newest()
    again.write(state(4))
    assert newest(checkpoints)[0].notes["step"] == 4
    (checkpoints.folder / "1.checkpoint").write_bytes(b"")
    assert newest(checkpoints)[0].notes["step"] == 2


def test_nothing_is_found_where_nothing_is_whole(checkpoints):
    for path in checkpoints.folder.iterdir():
        path.write_bytes(b"")
    found, damaged = newest(checkpoints)
    assert found is None
    assert len(damaged) == 2
    checkpoints.remove()
    assert not checkpoints.folder.exists()
    assert newest(checkpoints) == (None, {})


def limited(folder, size):
    """In a process that may write no file longer than that: what happens to a checkpoint."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    checkpoints = Checkpoints(folder)
    checkpoints.newest()
    try:
        checkpoints.write(State({"step": 4}, {"weights": np.zeros(100_000)}))
    except RunError as error:
        raise SystemExit(7 if "cannot be written" in str(error) else 8) from None


@pytest.mark.parametrize("size", [0, 100, 500_000])
def test_a_full_disk_leaves_the_last_checkpoint(checkpoints, size):
    process = FORKS.Process(target=limited, args=(checkpoints.folder, size))
    process.start()
    process.join()
    assert process.exitcode == 7
    assert newest(checkpoints)[0].notes["step"] == 3
    assert sorted(each.name for each in checkpoints.folder.iterdir()) == ["1.checkpoint", "2.checkpoint"]


def test_an_error_while_writing_leaves_the_old_file(tmp_path):
    path = tmp_path / "figures.json"
    path.write_text("old")

    def write():
        with whole_file(path) as partial:
            partial.write_text("new, and not yet")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["figures.json"]


def hold(folder, ready, done):
    with locked(Path(folder)):
        ready.set()
        done.wait(60)


def test_one_process_at_a_time(tmp_path):
    ready, done = FORKS.Event(), FORKS.Event()
    process = FORKS.Process(target=hold, args=(str(tmp_path), ready, done))
    process.start()
    assert ready.wait(60)
    with pytest.raises(RunBusyError, match="Another process"), locked(tmp_path):
        pass
    process.kill()
    process.join()
    with locked(tmp_path):  # a killed process holds nothing
        assert [each.name for each in tmp_path.iterdir()] == [".lock"]
    assert list(tmp_path.iterdir()) == []
