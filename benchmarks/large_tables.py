"""Does memory grow with the rows of a folder of Parquet files, and how many go through in a second?

    python benchmarks/large_tables.py make FOLDER [MILLIONS]    (30: 6 GB, some minutes)
    python benchmarks/large_tables.py memory FOLDER             (1, 10 and all millions, embedded)
    python benchmarks/large_tables.py limit FOLDER              (all, with less memory than they take)
    python benchmarks/large_tables.py score FOLDER              (1 and 3 millions)
    python benchmarks/large_tables.py ray FOLDER                (2 and 10 by two workers, 10 by none)

Each file holds a million rows of 24 numbers, a date and a category, a twentieth of all missing. The model
is the `table` recipe, trained for an epoch on 20,000 rows of them. `memory` runs `vae embed` on them in a
process each, and prints its peak resident memory, and that of all processes below, read some times a
second, with what they share counted once (PSS). `limit` runs in a process whose data may take 2 GiB
(RLIMIT_DATA).
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "large_tables"
NUMBERS, MILLION, CHUNK, LEARNED = 24, 1_000_000, 250_000, 20_000
ALLOWED = 2 * 2**30
VAE = [sys.executable, "-m", "keras_vae"]


def some_rows(generator, count):
    import pyarrow as pa

    shared = generator.normal(size=count)
    columns = {f"number {i}": (shared + generator.normal(size=count)) for i in range(NUMBERS)}
    columns["day"] = np.datetime64("2020-01-01") + generator.integers(0, 1000, count)
    columns["kind"] = np.array(["red", "green", "blue"])[generator.integers(0, 3, count)]
    return pa.table(
        {name: pa.array(each, mask=generator.random(count) < 0.05) for name, each in columns.items()}
    )


def make(folder, millions):
    """Files of a million rows, and a run on some of them."""
    import pyarrow.parquet

    (folder / "data").mkdir(parents=True, exist_ok=True)
    for number in range(millions):
        path = folder / "data" / f"{number:03}.parquet"
        if path.exists():
            continue
        generator = np.random.default_rng(number)
        partial = path.with_suffix(".partial")
        first = some_rows(generator, CHUNK)
        with pyarrow.parquet.ParquetWriter(partial, first.schema) as writer:
            writer.write_table(first)
            for _ in range(MILLION // CHUNK - 1):
                writer.write_table(some_rows(generator, CHUNK))
        partial.rename(path)
    if not (folder / "run").exists():
        pyarrow.parquet.write_table(some_rows(np.random.default_rng(0), LEARNED), folder / "few.parquet")
        train = ["train", str(folder / "few.parquet"), "--epochs", "1", "--out", str(folder / "run")]
        subprocess.run([*VAE, *train, "--quiet"], check=True)


def subset(folder, millions):
    """A folder with the first so many files; nothing is copied."""
    target = folder / f"data-{millions}"
    target.mkdir(exist_ok=True)
    for path in sorted((folder / "data").iterdir())[:millions]:
        if not (target / path.name).exists():
            (target / path.name).hardlink_to(path)
    return target


def measure(folder, verb, millions, *options, limit=None):
    """Peak memory and speed of one command, alone in its process."""
    source, out = subset(folder, millions), folder / f"out-{verb}"
    subprocess.run(["rm", "-rf", out], check=True)
    command = [*VAE, verb, str(folder / "run"), str(source), "--out", str(out), "--json", *options]

    def allow():
        if limit:
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=allow) as process:
        watch = Watch(process.pid)
        said = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
    seconds = time.perf_counter() - started
    assert (process.returncode, said["items"]) == (0, millions * MILLION)
    times = sorted(path.stat().st_mtime for path in out.glob("*.parquet"))
    # From the end of the first part to that of the last one: without the start of Python and Keras.
    # Of few parts that several workers end at once it says nothing.
    steady = (len(times) - 1) * MILLION / (times[-1] - times[0]) if len(times) > 2 else None
    found = {
        "verb": verb,
        "millions": millions,
        "decoded_gb": round(millions * MILLION * (NUMBERS + 1) * 8 / 1e9, 1),
        "on_disk_gb": round(sum(path.stat().st_size for path in source.iterdir()) / 1e9, 1),
        "seconds": round(seconds, 1),
        "rows_a_second_in_all": round(said["items"] / seconds),
        "rows_a_second_steady": steady and round(steady),
        "peak_mib": round(usage.ru_maxrss / 1024),
        "peak_mib_of_all_processes": round(watch.peak / 1024),
    } | ({"allowed_mib": limit // 2**20} if limit else {})
    print(found, flush=True)
    return found


class Watch(threading.Thread):
    """The peak of the proportional memory of a process and all below it, in KiB."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.3):
            self.peak = max(self.peak, sum(map(proportional, below(self.pid))))

    def stop(self):
        self.over.set()
        self.join()


def below(pid):
    """The process and all that descend from it."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def proportional(pid):
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def flat(runs, memory):
    ratios = [round(each[memory] / runs[0][memory], 3) for each in runs[1:]]
    print(f"{ratios} times the memory of the first")
    return {"runs": runs, "ratios": ratios}


def memory(folder):
    return flat([measure(folder, "embed", millions) for millions in (1, 10, count(folder))], "peak_mib")


def limit(folder):
    return measure(folder, "embed", count(folder), limit=ALLOWED)


def score(folder):
    return flat([measure(folder, "score", millions) for millions in (1, 3)], "peak_mib")


def ray(folder):
    options = ("--engine", "ray", "--workers", "2")
    runs = [measure(folder, "embed", millions, *options) for millions in (2, 10)]
    beside = measure(folder, "embed", 10)
    return flat(runs, "peak_mib_of_all_processes") | {"one_process": beside}


def count(folder):
    return len(list((folder / "data").iterdir()))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    measurements = {each.__name__: each for each in (memory, limit, score, ray)}
    parser.add_argument("what", choices=("make", *measurements))
    parser.add_argument("folder", type=Path)
    parser.add_argument("millions", type=int, nargs="?", default=30)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if arguments.what == "make":
        make(folder, arguments.millions)
        return
    result = measurements[arguments.what](folder)
    result["command"] = f"python benchmarks/large_tables.py {arguments.what} FOLDER"
    result["machine"] = f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{arguments.what}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
