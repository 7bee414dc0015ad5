"""What the guard and the checkpoints cost: the part of a training's time that is spent in them.

    python benchmarks/checkpoint_cost.py        (some 3 minutes on 2 cores)

The `article` recipe on MNIST for an epoch, and the `dense` one for five, with the default interval of ten
seconds. Time is taken inside the callbacks themselves, so that a drifting machine does not matter.
"""

import collections
import functools
import json
import tempfile
import time
from pathlib import Path

from keras_vae import runs
from keras_vae.callbacks import Guard
from keras_vae.data import load
from keras_vae.runs.keeper import Keeper

RESULTS = Path(__file__).parent / "results" / "checkpoint_cost.json"
DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data" / "mnist.npz"
EPOCHS = {"article": 1, "dense": 5}
SPENT = collections.Counter()


def timed(owner, method):
    """Count the seconds that are spent in a method of a callback."""
    original = getattr(owner, method)

    @functools.wraps(original)
    def measured(self, *arguments, **options):
        started = time.perf_counter()
        try:
            return original(self, *arguments, **options)
        finally:
            SPENT[owner.__name__] += time.perf_counter() - started

    setattr(owner, method, measured)


def cost(data, recipe):
    SPENT.clear()
    with tempfile.TemporaryDirectory() as folder:
        run = runs.train(
            data, Path(folder, "run"), runs.Settings(recipe, epochs=EPOCHS[recipe]), notify=print
        )
    seconds = sum(run.history["seconds"])
    return {
        "seconds": round(seconds, 1),
        "guard_share": round(SPENT["Guard"] / seconds, 4),
        "checkpoints_share": round(SPENT["Keeper"] / seconds, 4),
    }


def main():
    for owner in (Guard, Keeper):
        for method in ("on_epoch_begin", "on_train_batch_end", "on_epoch_end"):
            timed(owner, method)
    data = load(DEFAULT_DATA)
    result = {recipe: cost(data, recipe) for recipe in EPOCHS}
    result["command"] = "python benchmarks/checkpoint_cost.py"
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
