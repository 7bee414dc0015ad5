"""A training that is killed again and again, and resumed each time: does it end as if nothing had happened?

    python benchmarks/kills.py                (200 kills)
    python benchmarks/kills.py --kills 20

Processes are killed by SIGKILL at random moments: most a while after they began to train, some while they
start. They write a checkpoint after every step, so that many kills come while one is being written; those
are counted by the partial file that the kill leaves. Whenever a training reaches its end, its weights, its
random streams, its history and its figures are compared, to the bit, with those of a training that nobody
disturbed, and another is begun.
"""

import argparse
import contextlib
import json
import multiprocessing
import random
import signal
import tempfile
import time
from pathlib import Path

import numpy as np

from keras_vae import runs
from keras_vae.data import Dataset

RESULTS = Path(__file__).parent / "results" / "kills.json"
SETTINGS = runs.Settings(
    recipe="dense", latent_dim=3, epochs=4, batch_size=8, precision="float32", conditions=("label",),
    schedules=("beta:start=0,epochs=2",), learning_rate_schedule="cosine",
)  # fmt: skip


def squares():
    """320 + 80 small images with a bright square in one of four corners."""
    generator = np.random.default_rng(0)
    labels = np.arange(400) % 4
    images = generator.integers(0, 30, (400, 12, 12), dtype="uint8")
    for image, label in zip(images, labels, strict=True):
        top, left = 6 * (label // 2) + generator.integers(0, 3), 6 * (label % 2) + generator.integers(0, 3)
        image[top : top + 3, left : left + 3] = 230
    return Dataset("squares", images[:320], labels[:320], images[320:], labels[320:])


def train(folder, checkpoint_seconds=0.0):
    runs.train(
        squares(),
        folder,
        SETTINGS,
        resume=(folder / "run.json").exists(),
        notify=print,
        checkpoint_seconds=checkpoint_seconds,
    )


def checkpoints(folder):
    """What changes whenever a checkpoint is written, or removed."""
    times = []
    for path in sorted(folder.glob("checkpoints/*.checkpoint")):
        with contextlib.suppress(FileNotFoundError):
            times.append(path.stat().st_mtime_ns)
    return times


def is_killed(start, folder, generator):
    """Let a process train in the folder and kill it at a random moment, unless it ends before."""
    before = checkpoints(folder)
    process = start(target=train, args=(folder,))
    process.start()
    if generator.random() < 0.2:
        process.join(generator.uniform(0.0, 3.0))
    else:
        while process.is_alive() and checkpoints(folder) == before:
            time.sleep(0.002)
        process.join(generator.expovariate(1 / 0.15))
    process.kill()
    process.join()
    if process.exitcode not in (0, -signal.SIGKILL):
        raise SystemExit(f"The training in {folder} ended with {process.exitcode}.")
    return process.exitcode != 0


def outcome(folder):
    """All that must be equal: weights and random streams, history without the seconds, figures."""
    run = runs.Run(folder)
    history = {name: column for name, column in run.history.items() if name != "seconds"}
    return [np.asarray(each) for each in run.model.variables], history, run.metrics


def differences(one, other):
    weights = sum(not np.array_equal(a, b) for a, b in zip(one[0], other[0], strict=True))
    return weights + (one[1] != other[1]) + (one[2] != other[2])


def measure(kills, seed=0):
    """How many kills hit, how many of them in a checkpoint's writing, and how many trainings differ."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["keras_vae.runs"])
    generator = random.Random(seed)
    found = {"kills": 0, "while_writing": 0, "trainings": 0, "trainings_that_differ": 0}
    with tempfile.TemporaryDirectory() as place:
        train(Path(place, "undisturbed"), checkpoint_seconds=3600.0)
        expected = outcome(Path(place, "undisturbed"))
        while found["kills"] < kills:
            folder = Path(place, str(found["trainings"]))
            while found["kills"] < kills and is_killed(context.Process, folder, generator):
                found["kills"] += 1
                found["while_writing"] += any(folder.glob("checkpoints/.*"))
            if not (folder / "run.json").exists() or runs.is_unfinished(folder):
                train(folder)
            found["trainings"] += 1
            found["trainings_that_differ"] += differences(outcome(folder), expected) > 0
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    kills = parser.parse_args().kills
    started = time.perf_counter()
    result = measure(kills) | {
        "seconds": round(time.perf_counter() - started),
        "command": f"python benchmarks/kills.py --kills {kills}",
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
