"""The test loss of the article's own code and of this project's `article` recipe, side by side.

    python benchmarks/article_loss.py run article --seed 0     (about 15 minutes on 2 cores)
    python benchmarks/article_loss.py run keras-vae --seed 0
    python benchmarks/article_loss.py table

Both train the same network on the same images with the same settings (latent 2, batch 128, Adam 1e-3,
30 epochs) and are measured alike: reconstruction + KL in nats per test image, one sample of z,
grey-value cross-entropy. A run's score is the mean of its last five epochs.
"""

import argparse
import functools
import json
import tempfile
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "article_loss"
DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data" / "mnist.npz"
SETTINGS = {"latent_dim": 2, "epochs": 30, "batch_size": 128, "learning_rate": 1e-3}


def train_article(data, seed, on_epoch):
    import article_code

    with np.load(data) as arrays:
        x_train, x_test = arrays["x_train"], arrays["x_test"]
    return article_code.train(x_train, x_test, **SETTINGS, seed=seed, on_epoch=on_epoch)


def train_keras_vae(data, seed, on_epoch, precision="float32"):
    from keras_vae import runs
    from keras_vae.data import load

    settings = runs.Settings("article", **SETTINGS, seed=seed, precision=precision)
    with tempfile.TemporaryDirectory() as folder:
        curve = runs.train(load(data), Path(folder), settings).history["val_loss"]
    for epoch, loss in enumerate(curve):
        on_epoch(epoch, loss)
    return curve


ARMS = {
    "article": train_article,
    "keras-vae": train_keras_vae,
    "keras-vae-bfloat16": functools.partial(train_keras_vae, precision="bfloat16"),
}


def run(arm, seed, data):
    started = time.perf_counter()
    curve = ARMS[arm](data, seed, lambda epoch, loss: print(arm, epoch + 1, f"{loss:.2f}", flush=True))
    result = {
        "arm": arm,
        "seed": seed,
        "settings": SETTINGS,
        "test_loss": [round(loss, 4) for loss in curve],
        "last_five": round(float(np.mean(curve[-5:])), 4),
        "seconds": round(time.perf_counter() - started, 1),
        "command": f"python benchmarks/article_loss.py run {arm} --seed {seed}",
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{arm}-seed{seed}.json").write_text(json.dumps(result, indent=1) + "\n")


def table():
    print("| code | seed | epoch 5 | epoch 10 | epoch 30 | mean of the last five |")
    print("| --- | --- | --- | --- | --- | --- |")
    results = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    for result in results:
        curve = result["test_loss"]
        figures = " | ".join(
            f"{value:.1f}" for value in (curve[4], curve[9], curve[29], result["last_five"])
        )
        print(f"| {result['arm']} | {result['seed']} | {figures} |")
    for arm in sorted({result["arm"] for result in results}):
        scores = [result["last_five"] for result in results if result["arm"] == arm]
        print(f"{arm}: {np.mean(scores):.2f} ± {np.std(scores):.2f} nats over {len(scores)} seeds")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    trainer = commands.add_parser("run")
    trainer.add_argument("arm", choices=sorted(ARMS))
    trainer.add_argument("--seed", type=int, default=0)
    trainer.add_argument("--data", type=Path, default=DEFAULT_DATA)
    commands.add_parser("table")
    arguments = parser.parse_args()
    if arguments.command == "run":
        run(arguments.arm, arguments.seed, arguments.data)
    else:
        table()


if __name__ == "__main__":
    main()
