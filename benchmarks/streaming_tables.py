"""Does memory grow with the rows of a Parquet file, and does reading from disk cost speed?

    python benchmarks/streaming_tables.py memory FOLDER    (20,000 rows, ten and a hundred times as many)
    python benchmarks/streaming_tables.py speed FOLDER     (200,000 rows, from memory and from disk in turn)

The files are made in FOLDER where they are not there yet. `memory` reads each in a process of its own,
trains the `table` recipe on it for 200 steps, and prints its peak resident memory. `speed` trains on the
same rows from memory and from disk, in many short turns.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import streaming

RESULTS = Path(__file__).parent / "results" / "streaming_tables"
COUNTS = (20_000, 200_000, 2_000_000)
CHUNK = 20_000


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


def memory(folder):
    return streaming.in_processes(__file__, [path_of(folder, count) for count in COUNTS])


def speed(folder):
    from keras_vae import data

    dataset = data.load(path_of(folder, COUNTS[1]))
    return streaming.in_turn(model_of(dataset), np.asarray(dataset.x_train[:]))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("memory", "speed", "measure"))
    parser.add_argument("path", type=Path)
    arguments = parser.parse_args()
    path = arguments.path.resolve()
    if arguments.what == "measure":
        print(json.dumps(streaming.measure(path, model_of)))
        return
    result = {"memory": memory, "speed": speed}[arguments.what](path)
    result["command"] = f"python benchmarks/streaming_tables.py {arguments.what} FOLDER"
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{arguments.what}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
