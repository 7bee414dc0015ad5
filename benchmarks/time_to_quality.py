"""How long the article's network takes to the test loss that the article's own code has after 30 epochs.

    python benchmarks/time_to_quality.py --epochs 4 --batch-size 64 --learning-rate 0.006

The article's code takes its 30 epochs to 146.4 nats (`article_loss.py`, the mean of its last five). Here it
trains an epoch before this project's training and one after it, and 30 times their mean is its time. This
project's is that of `runs.train` with the same network, from the first step to the end of the first epoch
whose test loss is no higher, validation, checkpoints and the guard included. Each training has a process
of its own. Ten minutes on 2 cores.
"""

import argparse
import datetime
import json
import multiprocessing
import tempfile
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "time_to_quality.json"
DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data" / "mnist.npz"
GOAL, EPOCHS = 146.4, 30


def article_seconds(data, batch_size=128):
    import article_code
    import keras

    with np.load(data) as arrays:
        images = (arrays["x_train"].astype("float32") / 255.0).reshape(-1, 28, 28, 1)
    vae = article_code.VAE(article_code.Encoder(latent_dim=2), article_code.Decoder())
    vae.compile(optimizer=keras.optimizers.Adam(1e-3))
    vae.fit(images[: 2 * batch_size], batch_size=batch_size, verbose=0)
    started = time.perf_counter()
    vae.fit(images, batch_size=batch_size, verbose=0)
    return time.perf_counter() - started


def ours(data, options):
    from keras_vae import runs
    from keras_vae.data import load

    settings = runs.Settings("article", latent_dim=2, learning_rate_schedule="cosine", **options)
    with tempfile.TemporaryDirectory() as folder:
        run = runs.train(load(data), Path(folder), settings)
        return run.history


def in_process(function, *arguments):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=6e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    arguments = vars(parser.parse_args())
    data = arguments.pop("data")
    before = in_process(article_seconds, data)
    history = in_process(ours, data, arguments)
    after = in_process(article_seconds, data)
    seconds = np.cumsum(history["seconds"])
    reached = np.flatnonzero(np.asarray(history["val_loss"]) <= GOAL)
    article = EPOCHS * (before + after) / 2
    result = {
        "settings": arguments | {"learning_rate_schedule": "cosine"},
        "goal": GOAL,
        "test_loss": [round(float(each), 2) for each in history["val_loss"]],
        "seconds": [round(float(each), 1) for each in seconds],
        "article_seconds_an_epoch": [round(before, 1), round(after, 1)],
        "article_seconds": round(article, 1),
        "part_of_its_time": round(float(seconds[reached[0]] / article), 4) if len(reached) else None,
        "date": datetime.date.today().isoformat(),
        "command": "python benchmarks/time_to_quality.py "
        + " ".join(f"--{name.replace('_', '-')} {value}" for name, value in arguments.items()),
    }
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    RESULTS.write_text(json.dumps([*known, result], indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
