"""How the cost of training grows: with the pixels of an image, with the latents, and with the rows.

    python benchmarks/scaling.py run          (five minutes on 2 cores)
    python benchmarks/scaling.py table

Time and memory are those of a process of its own for each size. Seconds are of steps after the first ones,
and memory is the most that the process had, less what it had when all was imported. The exponent is the
slope of a line through the logarithms: 1 is growth in proportion.

- side: the article's network on grey images, 28 to 128 pixels wide, batches of 64; against the *pixels*.
- latents: the same at 28 pixels, with 2 to 512 latents.
- rows: a whole epoch of the `dense` network over 1,000 to 1,000,000 images of 8 × 8 in memory.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "scaling.json"
SIZES = {
    "side": (28, 40, 56, 80, 112, 128),
    "latents": (2, 8, 32, 128, 512),
    "rows": (1_000, 10_000, 100_000, 1_000_000),
}
BATCH, WARM_UP, STEPS = 64, 5, 15


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(what, size):
    import keras

    from keras_vae import recipes
    from keras_vae.data import Batches, Dataset

    side = {"side": size, "latents": 28, "rows": 8}[what]
    count = size if what == "rows" else BATCH * (WARM_UP + STEPS)
    images = np.random.default_rng(0).integers(0, 256, (count, side, side, 1), dtype="uint8")
    none = np.zeros(count, int)
    data = Dataset("noise", images, none, images[:BATCH], none[:BATCH])
    recipe, latents = ("dense", 16) if what == "rows" else ("article", size if what == "latents" else 2)
    model = recipes.get(recipe).model(data, latent_dim=latents, seed=0)
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    model.build((None, *data.event_shape))
    before = peak_mib()
    times = []

    class Clock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            times.append(time.perf_counter())

    model.fit(Batches(images, BATCH, seed=0), epochs=2, shuffle=False, verbose=0, callbacks=[Clock()])
    steps = np.diff(times[len(times) // 2 :])
    seconds = float(steps.sum()) if what == "rows" else statistics.median(steps) / BATCH
    return {"seconds": seconds, "mib": peak_mib() - before}


def exponent(sizes, values):
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def run():
    found = {}
    for what, sizes in SIZES.items():
        rows = []
        for size in sizes:
            call = [sys.executable, __file__, "one", "--what", what, "--size", str(size)]
            done = subprocess.run(call, check=True, capture_output=True, text=True)
            rows.append({"size": size} | json.loads(done.stdout.splitlines()[-1]))
            print(what, rows[-1], flush=True)
        against = [each**2 for each in sizes] if what == "side" else sizes
        found[what] = {
            "rows": rows,
            "exponent_of_seconds": exponent(against, [each["seconds"] for each in rows]),
            "exponent_of_memory": exponent(against, [each["mib"] for each in rows]),
        }
    RESULTS.write_text(json.dumps(found | {"command": "python benchmarks/scaling.py run"}, indent=1) + "\n")


def table():
    found = json.loads(RESULTS.read_text())
    print("| against | time, smallest to largest | exponent | MiB | exponent |")
    print("| --- | --- | --- | --- | --- |")
    names = {"side": "pixels, sides of", "latents": "latents,", "rows": "rows,"}
    for what, name in names.items():
        rows = found[what]["rows"]
        unit = "s an epoch" if what == "rows" else "ms an image"
        scale = 1 if what == "rows" else 1e3
        print(
            f"| {name} {rows[0]['size']:,} to {rows[-1]['size']:,} | "
            + ", ".join(f"{scale * each['seconds']:.3g}" for each in rows)
            + f" {unit} | {found[what]['exponent_of_seconds']:.2f} | "
            + ", ".join(f"{each['mib']:.0f}" for each in rows)
            + f" | {found[what]['exponent_of_memory']:.2f} |"
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("do", choices=["run", "table", "one"])
    parser.add_argument("--what", choices=SIZES, help="for one, which run calls in processes of their own")
    parser.add_argument("--size", type=int)
    arguments = parser.parse_args()
    if arguments.do == "one":
        print(json.dumps(one(arguments.what, arguments.size)))
    else:
        {"run": run, "table": table}[arguments.do]()


if __name__ == "__main__":
    main()
