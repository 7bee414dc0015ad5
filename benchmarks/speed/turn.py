"""One turn of one way to train the article's network, in a process of its own.

    python -m benchmarks.speed.turn ARM --steps 300

An arm is a function `(images, test_images, batch_size, steps, on_step) -> test loss`: it trains the same
network on the same images, `(n, 28, 28)` `uint8`, in batches of `batch_size` with Adam at 1e-3, calls
`on_step()` when a step is done, and measures reconstruction + KL on the test images, one sample of z
each, in nats per image. It prints a line of JSON.
"""

import argparse
import importlib
import json
import resource
import time
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[3] / "shared" / "data" / "mnist.npz"
#: Steps before the clock of the rate starts: graphs are made, memory is asked for. Whole calls of eight.
WARM_UP = 24
#: Operations of the article's network to train on one image: 7.41 M multiply-adds, forward and twice back.
FLOP_AN_IMAGE = 6 * 7.41e6
ARMS = {
    "keras-vae": ("keras_arms", {"which": "keras-vae"}),
    "keras-vae bfloat16": ("keras_arms", {"which": "keras-vae", "policy": "mixed_bfloat16"}),
    "article": ("keras_arms", {"which": "article"}),
    "pythae": ("torch_arms", {"which": "pythae"}),
    "torch": ("torch_arms", {}),
    "torch channels-last": ("torch_arms", {"channels_last": True}),
    "torch channels-last bfloat16": ("torch_arms", {"channels_last": True, "bfloat16": True}),
    "torch compile": ("torch_arms", {"compiled": True}),
    "torch compile bfloat16": ("torch_arms", {"compiled": True, "bfloat16": True}),
    "jax": ("jax_arm", {}),
}


def turn(arm, data, batch_size, steps):
    module, options = ARMS[arm]
    with np.load(data) as arrays:
        images, test_images = arrays["x_train"], arrays["x_test"]
    train = importlib.import_module(f"benchmarks.speed.{module}").train
    times = [time.perf_counter()]

    def on_step():
        times.append(time.perf_counter())

    loss = train(images, test_images, batch_size, steps, on_step, **options)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(times) == steps + 1, f"{len(times) - 1} steps instead of {steps}"
    return {
        "arm": arm,
        "images_per_second": batch_size * (steps - WARM_UP) / (times[-1] - times[WARM_UP]),
        "first_step_seconds": times[1] - times[0],
        "peak_memory_mb": peak / 1024,
        "test_loss": loss,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("arm", choices=ARMS)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--steps", type=int, default=300)
    arguments = parser.parse_args()
    print(json.dumps(turn(arguments.arm, arguments.data, arguments.batch_size, arguments.steps)))


if __name__ == "__main__":
    main()
