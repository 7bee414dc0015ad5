"""Write the model that this release, and every later one, must load: tests/fixtures/RELEASE.keras.

    python scripts/release_fixture.py

Once a release; it refuses to replace what is there. Beside it goes what the model makes of some images.
"""

import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np

import keras_vae
from keras_vae import networks, tasks
from keras_vae.data import Rescale

FOLDER = Path(__file__).parents[1] / "tests" / "fixtures"


def made():
    """A small conditional model with a learned prior, trained a little and calibrated, and its images."""
    generator = np.random.default_rng(0)
    x = generator.integers(0, 256, (60, 6, 6, 1), dtype="uint8")
    label = np.arange(60) % 3
    model = keras_vae.VAE(
        networks.dense_encoder((8,), seed=1),
        networks.dense_decoder((8,), seed=2),
        latent_dim=2,
        likelihood="normal:scale=learned",
        posterior="planar_flow:num_flows=1",
        prior="mixture_of_normals:num_components=3",
        objective="elbo:free_bits=0.05",
        conditions={"label": "category:num_categories=3"},
        preprocessing=Rescale.between((0, 255), (0, 1)),
        seed=0,
    )
    model.compile("adam")
    inputs = {"x": x, "label": label}
    model.fit(inputs, batch_size=20, epochs=3, shuffle=False, verbose=0)
    tasks.calibrate(model, inputs)
    return model, inputs


def outcome(model, inputs):
    """What must stay the same: reconstructions, scores and p-values."""
    scores = tasks.score(model, inputs)
    return {
        "reconstruction": tasks.reconstruct(model, inputs),
        "score": scores.score,
        "p_value": scores.p_value,
    }


def main():
    stem = FOLDER / version("keras-vae")
    if Path(f"{stem}.keras").exists():
        sys.exit(f"{stem}.keras is there already: what a release wrote is never written again.")
    FOLDER.mkdir(exist_ok=True)
    model, inputs = made()
    model.save(f"{stem}.keras")
    np.savez_compressed(f"{stem}.npz", **inputs, **outcome(model, inputs))


if __name__ == "__main__":
    main()
