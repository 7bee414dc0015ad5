"""What a bad batch, and a learning rate gone mad, do to a training that is guarded, and to one that is not.

    python benchmarks/recovery.py        (some 5 minutes on 2 cores)

The `dense` recipe on the embedded digits for 30 epochs: undisturbed; with pixels that are NaN in five
images, which no reader would let pass; with 10⁶ as the learning rate for ten steps in the tenth epoch; and
each of the two without the guard.
"""

import json
import math
import tempfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from keras_vae import recipes, runs
from keras_vae.data import load

RESULTS = Path(__file__).parent / "results" / "recovery.json"
EPOCHS = 30


class MadRate(keras.callbacks.Callback):
    """10⁶ for ten steps, then what it was."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if self.epoch == 9 and batch == 5:
            self.before = float(self.model.optimizer.learning_rate)
        if self.epoch == 9 and 5 <= batch < 15:
            self.model.optimizer.learning_rate = 1e6
        if self.epoch == 9 and batch == 15:
            self.model.optimizer.learning_rate = self.before


# The same for both ways, whatever the recipe has.
TRAINING = {"batch_size": 128, "learning_rate": 1e-3, "learning_rate_schedule": "constant"}


def as_numbers(data):
    return replace(data, x_train=data.x_train / np.float32(255), x_test=data.x_test / np.float32(255))


def poisoned(data):
    _ = data.value_range  # as it was when the data were checked
    data.x_train[[17, 500, 1000, 2000, 4000], 14, 14] = np.nan
    return data


def guarded(data, callbacks=()):
    said = []
    with tempfile.TemporaryDirectory() as folder:
        settings = runs.Settings("dense", epochs=EPOCHS, **TRAINING)
        run = runs.train(data, Path(folder, "run"), settings, callbacks, notify=said.append)
        history = run.history
    rollbacks = int(sum(history["rollbacks"]))
    return {
        "loss": history["loss"][-1],
        "test_loss": history["val_loss"][-1],
        "rollbacks": rollbacks,
        "said": said,
    }


def unguarded(data, callbacks=()):
    model = recipes.get("dense").model(data, seed=0)
    model.compile(keras.optimizers.Adam(TRAINING["learning_rate"]))
    history = model.fit(
        data.x_train, batch_size=TRAINING["batch_size"], epochs=EPOCHS, callbacks=list(callbacks), verbose=0
    ).history["loss"]
    test_loss = model.evaluate(data.x_test, verbose=0, return_dict=True)["loss"]
    return {
        name: each if math.isfinite(each) else str(each)
        for name, each in (("loss", history[-1]), ("test_loss", test_loss))
    }


def main():
    digits = load("mnist-5k")
    result = {
        "undisturbed": guarded(as_numbers(digits)),
        "poisoned images": guarded(poisoned(as_numbers(digits))),
        "a learning rate of 1e6": guarded(as_numbers(digits), [MadRate()]),
        "poisoned images, no guard": unguarded(poisoned(as_numbers(digits))),
        "a learning rate of 1e6, no guard": unguarded(as_numbers(digits), [MadRate()]),
        "command": "python benchmarks/recovery.py",
    }
    RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
