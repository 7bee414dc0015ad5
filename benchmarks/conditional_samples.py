"""Do samples show what they were asked to show? A classifier reads samples that were asked for by label.

    python benchmarks/conditional_samples.py            (about 8 minutes on 2 cores)

Trains a classifier of MNIST's digits, and the `dense` recipe conditional on the label for 8 epochs: with
16 latents and a conditional or a standard normal prior, and with 4. Prints how many of 1,000 samples, 100
of each digit, are read as they were asked for, at several temperatures of the prior's noise.
"""

import argparse
import json
from pathlib import Path

import keras
import numpy as np
from keras import layers

from keras_vae import recipes, tasks
from keras_vae.data import load

RESULTS = Path(__file__).parent / "results"
EPOCHS = 8
TEMPERATURES = (1.0, 0.8, 0.7, 0.6)
MODELS = ((16, "conditional_normal"), (16, "standard_normal"), (4, "standard_normal"))
DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data" / "mnist.npz"


def classifier(data):
    hidden = [
        layer
        for units in (512, 256)
        for layer in (layers.Dense(units, activation="relu"), layers.Dropout(0.3, seed=0))
    ]
    model = keras.Sequential([layers.Rescaling(1 / 255), layers.Flatten(), *hidden, layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    model.fit(data.x_train, data.y_train, epochs=6, batch_size=256, verbose=0)
    return model, model.evaluate(data.x_test, data.y_test, verbose=0, return_dict=True)["accuracy"]


def shares_as_asked(data, reader, latent_dim, prior):
    model = recipes.get("dense").model(
        data, latent_dim=latent_dim, prior=prior, conditions=["label"], seed=0
    )
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    model.fit(data.inputs("train", ["label"]), batch_size=128, epochs=EPOCHS, verbose=0)
    asked = np.repeat(np.arange(10), 100)
    shares = {}
    for temperature in TEMPERATURES:
        samples = tasks.sample(
            model, len(asked), seed=0, conditions={"label": asked}, temperature=temperature
        )
        shares[str(temperature)] = float((reader.predict(samples, verbose=0).argmax(-1) == asked).mean())
    return shares


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    data = load(parser.parse_args().data)
    keras.utils.set_random_seed(0)
    reader, accuracy = classifier(data)
    result = {
        "command": "python benchmarks/conditional_samples.py",
        "classifier_accuracy_on_test_digits": round(accuracy, 4),
        "share_of_samples_read_as_asked": {
            f"{latent_dim} latents, {prior}": shares_as_asked(data, reader, latent_dim, prior)
            for latent_dim, prior in MODELS
        },
    }
    (RESULTS / "conditional_samples.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
