"""Does memory grow with a folder of images, and does reading from disk cost speed?

    python benchmarks/streaming.py make FOLDER             (100,000 pictures; a minute or two)
    python benchmarks/streaming.py memory FOLDER           (1,000, 10,000 and all 100,000 of them)
    python benchmarks/streaming.py speed FOLDER            (10,000, from memory and from disk in turn)

`memory` trains the `conv` recipe for 200 steps on the first 1,000, 10,000 and 100,000 pictures, in a
process each, and prints its peak resident memory. `speed` trains on the same pictures from memory and from
disk, in many short turns (see `in_turn`).
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "streaming"
COUNTS = (1_000, 10_000, 100_000)
PER_FOLDER = 1_000
SIZE, STEPS, BATCH = 32, 200, 64
TURNS, TURN_STEPS = 25, 10


def make(folder):
    """Coloured discs and squares, a thousand to a folder."""
    from PIL import Image, ImageDraw

    generator = np.random.default_rng(0)
    for start in range(0, max(COUNTS), PER_FOLDER):
        below = folder / f"{start // PER_FOLDER:03}"
        below.mkdir(parents=True)
        for number in range(PER_FOLDER):
            image = Image.new("RGB", (SIZE, SIZE), tuple(generator.integers(0, 80, 3).tolist()))
            left, top, width, height = generator.integers(2, 14, 4)
            draw = ImageDraw.Draw(image)
            shape = draw.ellipse if number % 2 else draw.rectangle
            box = (left, top, left + 4 + width, top + 4 + height)
            shape([int(each) for each in box], fill=tuple(generator.integers(120, 255, 3).tolist()))
            image.save(below / f"{number:03}.png", compress_level=1)


def subset(folder, count):
    """A folder with the first so many pictures; nothing is copied."""
    if count == max(COUNTS):
        return folder
    target = folder.with_name(f"{folder.name}-{count}")
    if not target.exists():
        for below in sorted(folder.iterdir())[: count // PER_FOLDER]:
            (target / below.name).mkdir(parents=True)
            for path in below.iterdir():
                (target / below.name / path.name).hardlink_to(path)
    return target


def model_of(dataset):
    import keras

    from keras_vae import recipes

    model = recipes.get("conv").model(dataset, likelihood="normal:scale=learned,activation=sigmoid")
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    return model


def measure(path, model_of=model_of):
    """Peak memory of one process that reads and trains, and how long each took."""
    from keras_vae import data

    started = time.perf_counter()
    dataset = data.load(path)
    loaded = time.perf_counter()
    model = model_of(dataset)
    batches = data.Batches(dataset.x_train, BATCH)
    steps = 0
    while steps < STEPS:
        now = min(STEPS - steps, len(batches))
        model.fit(batches, steps_per_epoch=now, shuffle=False, verbose=0)
        steps += now
    return {
        "examples": len(dataset.x_train) + len(dataset.x_test),
        "kept": type(dataset.x_train).__name__,
        "seconds_to_load": round(loaded - started, 1),
        "seconds_to_train": round(time.perf_counter() - loaded, 1),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def in_processes(script, paths):
    """What `measure` says of each path in a process of its own, and how their memories compare."""
    found = []
    for path in paths:
        command = [sys.executable, script, "measure", str(path)]
        found.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        print(found[-1], flush=True)
    ratios = [round(each["peak_mib"] / found[0]["peak_mib"], 3) for each in found[1:]]
    print(f"{' and '.join(map(str, ratios))} times the memory of the first")
    return {"runs": found, "ratios": ratios}


def in_turn(model, held):
    """Seconds for so many steps over the same rows from memory and from disk, in many short turns."""
    from keras_vae import data

    streamed = data.DiskArray(held.shape[1:], held.dtype)
    streamed.append(held)
    model.fit(data.Batches(held[: 20 * BATCH], BATCH), shuffle=False, verbose=0)
    seconds = {"memory": [], "disk": []}
    for _ in range(TURNS):
        for kind, rows in (("memory", held), ("disk", streamed)):
            started = time.perf_counter()
            model.fit(data.Batches(rows, BATCH), steps_per_epoch=TURN_STEPS, shuffle=False, verbose=0)
            seconds[kind].append(round(time.perf_counter() - started, 2))
    ratio = float(np.median(seconds["memory"]) / np.median(seconds["disk"]))
    print(f"{seconds}; from disk at {ratio:.2f} times the speed from memory")
    return {"steps": TURN_STEPS, "seconds": seconds, "ratio": round(ratio, 3)}


def memory(folder):
    return in_processes(__file__, [subset(folder, count) for count in COUNTS])


def speed(folder):
    from keras_vae import data

    dataset = data.load(subset(folder, 10_000))
    return in_turn(model_of(dataset), np.asarray(dataset.x_train[:]))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("make", "memory", "speed", "measure"))
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    if arguments.what == "make":
        make(folder)
    elif arguments.what == "measure":
        print(json.dumps(measure(folder)))
    else:
        result = {"memory": memory, "speed": speed}[arguments.what](folder)
        result["command"] = f"python benchmarks/streaming.py {arguments.what} FOLDER"
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{arguments.what}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
