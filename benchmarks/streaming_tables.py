"""Does memory grow with the rows of a Parquet file, and does reading from disk cost speed?

    python benchmarks/streaming_tables.py memory FOLDER    (20,000 rows, ten and a hundred times as many)
    python benchmarks/streaming_tables.py speed FOLDER     (200,000 rows, from memory and from disk in turn)

The files are made in FOLDER where they are not there yet. `memory` reads each in a process of its own, trains
the `table` recipe on it for 200 steps, and prints its peak resident memory. `speed` trains on the same rows
from memory and from disk, in turn, three times.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "streaming_tables"
COUNTS = (20_000, 200_000, 2_000_000)
CHUNK, STEPS, BATCH = 20_000, 200, 128


def path_of(folder, count):
    """A Parquet file with so many rows of ten numbers, a date and a category, a tenth of all missing."""
    import pyarrow as pa
    import pyarrow.parquet

    path = folder / f"{count}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        generator = np.random.default_rng(0)
        writer = None
        for _ in range(count // CHUNK):
            shared = generator.normal(size=CHUNK)
            columns = {f"number {i}": shared + generator.normal(size=CHUNK) for i in range(10)}
            columns["day"] = np.datetime64("2020-01-01") + generator.integers(0, 1000, CHUNK)
            columns["kind"] = np.array(["red", "green", "blue"])[generator.integers(0, 3, CHUNK)]
            gaps = {name: generator.random(CHUNK) < 0.1 for name in columns}
            batch = pa.table({name: pa.array(each, mask=gaps[name]) for name, each in columns.items()})
            writer = writer or pyarrow.parquet.ParquetWriter(path, batch.schema)
            writer.write_table(batch)
        writer.close()
    return path


def model_of(dataset):
    import keras

    from keras_vae import recipes

    model = recipes.get("table").model(dataset)
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    return model


def measure(path):
    """Peak memory of one process that reads and trains, and how long each took."""
    from keras_vae import data

    started = time.perf_counter()
    dataset = data.load(path)
    loaded = time.perf_counter()
    model = model_of(dataset)
    model.fit(
        data.Batches(dataset.x_train, BATCH),
        epochs=-(-STEPS // 100),
        steps_per_epoch=100,
        shuffle=False,
        verbose=0,
    )
    return {
        "rows": len(dataset.x_train) + len(dataset.x_test),
        "kept": type(dataset.x_train).__name__,
        "seconds_to_load": round(loaded - started, 1),
        "seconds_to_train": round(time.perf_counter() - loaded, 1),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def memory(folder):
    found = []
    for count in COUNTS:
        command = [sys.executable, __file__, "measure", str(path_of(folder, count))]
        found.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        print(found[-1], flush=True)
    ratios = [round(each["peak_mib"] / found[0]["peak_mib"], 3) for each in found[1:]]
    print(f"ten and a hundred times the rows take {ratios[0]} and {ratios[1]} times the memory")
    return {"runs": found, "ratios": ratios}


def speed(folder):
    from keras_vae import data

    dataset = data.load(path_of(folder, COUNTS[1]))
    held = np.asarray(dataset.x_train[:])
    streamed = data.DiskArray(held.shape[1:], held.dtype)
    streamed.append(held)
    model = model_of(dataset)
    model.fit(data.Batches(held[: 20 * BATCH], BATCH), shuffle=False, verbose=0)
    seconds = {"memory": [], "disk": []}
    for _ in range(3):
        for kind, rows in (("memory", held), ("disk", streamed)):
            started = time.perf_counter()
            model.fit(data.Batches(rows, BATCH), shuffle=False, verbose=0)
            seconds[kind].append(round(time.perf_counter() - started, 2))
    ratio = float(np.median(seconds["memory"]) / np.median(seconds["disk"]))
    print(f"{seconds}; from disk at {ratio:.2f} times the speed from memory")
    return {"seconds_an_epoch": seconds, "ratio": round(ratio, 3)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("memory", "speed", "measure"))
    parser.add_argument("path", type=Path)
    arguments = parser.parse_args()
    path = arguments.path.resolve()
    if arguments.what == "measure":
        print(json.dumps(measure(path)))
        return
    result = {"memory": memory, "speed": speed}[arguments.what](path)
    result["command"] = f"python benchmarks/streaming_tables.py {arguments.what} FOLDER"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{arguments.what}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
