"""Draw traversal.png and generating.png into docs/images, and print the figures that their page quotes.

python scripts/generating_pictures.py
"""

import shutil
import tempfile
from pathlib import Path

from scipy.spatial.distance import cdist

from keras_vae import data, plots, runs, tasks

IMAGES = Path(__file__).parents[1] / "docs" / "images"
COUNT = 500


def train(folder, beta):
    settings = runs.Settings(
        "dense", latent_dim=12, beta=beta, epochs=20, batch_size=64, learning_rate=2e-3, precision="float32"
    )
    return runs.train(data.load("mnist-5k"), folder, settings)


def energy_distance(a, b):
    """2 E|a − b| − E|a − a′| − E|b − b′| of images of 8 bits, in whites (Székely & Rizzo, 2013)."""
    a, b = (each.reshape(len(each), -1) / 255 for each in (a, b))
    return 2 * cdist(a, b).mean() - cdist(a, a).mean() - cdist(b, b).mean()


def ways(run, count):
    """Samples, by where their latents come from."""
    densities = {k: tasks.fit_density(run.model, run.data().x_train, k) for k in (1, 10, 50)}
    options = {
        "prior": {},
        "T = 0.7": {"temperature": 0.7},
        "density": {"density": densities[10]},
        "both": {"density": densities[10], "temperature": 0.7},
        "1 normal": {"density": densities[1]},
        "50 normals": {"density": densities[50]},
    }
    return {name: tasks.sample(run.model, count, **each) for name, each in options.items()}


def distances(run):
    """How far samples, reconstructions and training digits are from the test digits."""
    digits = run.data()
    made = ways(run, COUNT) | {
        "reconstructions": tasks.reconstruct(run.model, digits.x_test),
        "training digits": digits.x_train[::9],
    }
    return {name: round(float(energy_distance(each, digits.x_test)), 2) for name, each in made.items()}


def main():
    with tempfile.TemporaryDirectory() as folder:
        for beta in (4.0, 0.1):
            run = train(Path(folder) / str(beta), beta)
            print(f"β = {beta}:", run.metrics["diagnosis"]["verdict"], distances(run))
            if beta > 1:
                shutil.copy(run.pictures / "traversal.png", IMAGES / "traversal.png")
        rows = dict(list(ways(run, 14).items())[:4])
        plots.plot_rows(rows, run.data().value_range).savefig(IMAGES / "generating.png")


if __name__ == "__main__":
    main()
