"""Two processes of one core each against one process on one core: steps a second at the same batch.

    KERAS_BACKEND=jax python benchmarks/distributed.py        (some 8 minutes on 2 cores)

The `dense` recipe on `mnist-5k` on JAX, the processes on one machine by loopback. Every gradient is
exchanged by itself, and on a CPU each exchange takes some milliseconds, whatever its size: two processes
pay where a step takes longer than that. The seconds are those of the epochs in `history.csv`, without the
first, in which the step is compiled; median of the epochs and of the turns, which alternate.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from keras_vae.runs.folder import read_history

RESULTS = Path(__file__).parent / "results" / "distributed.json"
BATCHES = (128, 1024, 4500)
EPOCHS, TURNS, NUM_TRAIN = 6, 3, 4500


def begin(folder, batch_size, core, environment):
    options = ("--distributed",) if environment else ()
    return subprocess.Popen(
        [sys.executable, "-m", "keras_vae", "train", "mnist-5k", "--recipe", "dense", "--epochs",
         str(EPOCHS), "--batch-size", str(batch_size), "--out", str(folder), "--quiet", *options],
        env=os.environ | {"OMP_NUM_THREADS": "1", "KERAS_BACKEND": "jax"} | environment,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip


def steps_a_second(batch_size, count):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "run")
        processes = [
            begin(
                folder, batch_size, core,
                {"JAX_COORDINATOR_ADDRESS": address, "JAX_NUM_PROCESSES": "2", "JAX_PROCESS_ID": str(core)}
                if count > 1 else {},
            )
            for core in range(count)
        ]  # fmt: skip
        codes = [process.wait() for process in processes]
        if any(codes):
            raise SystemExit("a training failed")
        seconds = statistics.median(read_history(folder / "history.csv")["seconds"][1:])
    return -(-NUM_TRAIN // batch_size) / seconds


def measured(batch_size):
    turns = [[steps_a_second(batch_size, count) for count in (1, 2)] for _ in range(TURNS)]
    one, two = (statistics.median(each) for each in zip(*turns, strict=True))
    return {
        "one_process": round(one, 1),
        "two_processes": round(two, 1),
        "ratio": round(statistics.median(two / one for one, two in turns), 2),
        "ratios": [round(two / one, 2) for one, two in turns],
    }


def main():
    result = {f"batch {size}": measured(size) for size in BATCHES}
    result["unit"] = "steps a second, validation included; each process on one core"
    result["command"] = "KERAS_BACKEND=jax python benchmarks/distributed.py"
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
