"""Training the article's network on an accelerator: this project on JAX and PyTorch, and Pythae.

    python -m benchmarks.speed.accelerator                        (all arms, some minutes)
    python -m benchmarks.speed.accelerator --arms pythae "keras-vae jax" --epochs 5

Whole epochs over the 60,000 digits, from the first image to the last and with all that each way does
between them; the first epoch, in which programs are compiled, is not counted. The same batches and
Adam at 1e-3 for all; float32 unless an arm's name says otherwise, and products and convolutions in it as
each library has them by default on a card. An arm needs JAX, or PyTorch and Pythae, in the environment this
is called from, and one that fails is named. The results are `benchmarks/results/accelerator/`.
"""

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.speed.turn import DATA, FLOP_AN_IMAGE

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "accelerator"
LATENT_DIM = 2
ARMS = {
    "pythae": ("pythae", {}),
    "keras-vae jax": ("jax", {"most": 64}),
    "keras-vae jax, an epoch a call": ("jax", {"most": None}),
    "keras-vae jax, a step a call": ("jax", {"most": 1}),
    "keras-vae jax bfloat16": ("jax", {"most": 64, "policy": "mixed_bfloat16"}),
    "keras-vae torch": ("torch", {}),
    "keras-vae torch compile": ("torch", {"jit_compile": True}),
}


def keras_vae(backend, images, test_images, batch_size, epochs, policy="float32", most=1, **options):
    os.environ["KERAS_BACKEND"] = backend
    import keras

    from keras_vae import data, recipes, scan

    keras.config.set_dtype_policy(policy)
    labels = [np.zeros(len(each), int) for each in (images, test_images)]
    digits = data.Dataset("digits", images, labels[0], test_images, labels[1])
    vae = recipes.get("article").model(digits, latent_dim=LATENT_DIM, seed=0)
    full = len(images) // batch_size
    several = scan.fewest_calls(full, most or full)
    vae.compile(optimizer=keras.optimizers.Adam(1e-3), steps_per_execution=several, **options)
    seconds = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.started = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            float(logs["loss"])  # which waits for the device
            seconds.append(time.perf_counter() - self.started)

    batches = data.Batches(digits.x_train, batch_size, seed=0)
    vae.fit(batches, epochs=epochs, shuffle=False, verbose=0, callbacks=[Clock()])
    test = data.Batches(digits.x_test, 1000, shuffle=False)
    return seconds, vae.evaluate(test, verbose=0, return_dict=True)["loss"]


def pythae(images, test_images, batch_size, epochs):
    import torch

    from benchmarks.speed import torch_arms

    seconds, started = [], []

    def on_epoch(is_over):
        torch.cuda.synchronize()
        if is_over:
            seconds.append(time.perf_counter() - started.pop())
        else:
            started.append(time.perf_counter())

    loss = torch_arms.pythae(
        images, test_images, batch_size, epochs=epochs, on_epoch=on_epoch, device="cuda"
    )
    return seconds, loss


def arm(name, data, batch_size, epochs):
    with np.load(data) as arrays:
        images, test_images = arrays["x_train"], arrays["x_test"]
    backend, options = ARMS[name]
    began = time.perf_counter()
    if backend == "pythae":
        seconds, loss = pythae(images, test_images, batch_size, epochs)
    else:
        seconds, loss = keras_vae(backend, images, test_images, batch_size, epochs, **options)
    return {
        "arm": name,
        "images_per_second": len(images) / statistics.median(seconds[1:]),
        "seconds_of_epochs": [round(each, 3) for each in seconds],
        "flop_per_second": len(images) * FLOP_AN_IMAGE / statistics.median(seconds[1:]),
        "seconds_in_all": round(time.perf_counter() - began, 1),
        "test_loss": loss,
    }


def card():
    asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed.accelerator",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS), metavar="ARM")
    parser.add_argument("--epochs", type=int, default=4, help="at least 2")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--one", choices=ARMS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one = arm(arguments.one, arguments.data, arguments.batch_size, arguments.epochs)
        return print(json.dumps(one))
    result = {
        "card": card(),
        "date": datetime.date.today().isoformat(),
        "epochs": arguments.epochs,
        "batch_size": arguments.batch_size,
        "arms": {},
        "failed": {},
        "command": f"python -m benchmarks.speed.accelerator --batch-size {arguments.batch_size}",
    }
    found, failed = result["arms"], result["failed"]
    for name in arguments.arms:
        asked = ["--one", name, "--data", str(arguments.data), "--epochs", str(arguments.epochs)]
        asked += ["--batch-size", str(arguments.batch_size)]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.speed.accelerator", *asked],
            capture_output=True, text=True, cwd=ROOT,
        )  # fmt: skip
        if done.returncode:
            failed[name] = done.stderr.strip().splitlines()[-1]
            print(f"{name}: failed, {failed[name]}", flush=True)
        else:
            found[name] = json.loads(done.stdout.strip().splitlines()[-1])
            print(f"{name}: {found[name]['images_per_second']:.0f} images/s", flush=True)
        for each in found.values():
            if "pythae" in found:
                each["over_pythae"] = each["images_per_second"] / found["pythae"]["images_per_second"]
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"batch-{arguments.batch_size}.json"
        path.write_text(json.dumps(result, indent=1) + "\n")
    return None


if __name__ == "__main__":
    main()
