"""Maps of MNIST's digits in two dimensions: ours beside PCA's and UMAP's.

    pip install -c constraints.txt umap-learn
    python benchmarks/dimension_reduction.py                (about 10 minutes on 2 cores)

Each method learns its map from the 60,000 training digits and never sees their labels; the test digits are
then put onto it. Ours are the posterior means of a recipe with 2 latent units. Printed are

- trustworthiness (Venna & Kaski, 2001), from 0 to 1, of the first 5,000 test digits with 10 neighbours: how
  few of a digit's neighbours on the map are far from it in pixels;
- the share of all 10,000 test digits that are of the class of the nearest training digit on the map.

UMAP is left out where `umap-learn` is not installed.
"""

import argparse
import importlib.util
import json
from pathlib import Path

import keras
import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.neighbors import KNeighborsClassifier

from keras_vae import recipes, tasks
from keras_vae.data import load

RESULTS = Path(__file__).parent / "results" / "dimension_reduction.json"
DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data" / "mnist.npz"
TRUSTED, NEIGHBOURS = 5_000, 10


def autoencoder_map(data, recipe, epochs):
    model = recipes.get(recipe).model(data, latent_dim=2, seed=0)
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    model.fit(data.x_train, batch_size=128, epochs=epochs, verbose=2)
    return tasks.embed(model, data.x_train), tasks.embed(model, data.x_test)


def fitted_map(method, data):
    train, test = (x.reshape(len(x), -1) / np.float32(255) for x in (data.x_train, data.x_test))
    return method.fit_transform(train), method.transform(test)


def measure(data, train, test):
    pixels = data.x_test[:TRUSTED].reshape(TRUSTED, -1) / np.float32(255)
    nearest = KNeighborsClassifier(n_neighbors=1).fit(train, data.y_train)
    return {
        "trustworthiness": round(float(trustworthiness(pixels, test[:TRUSTED], n_neighbors=NEIGHBOURS)), 4),
        "class_of_nearest": round(float(nearest.score(test, data.y_test)), 4),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--recipe", default="dense")
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    data = load(options.data)
    ours = f"keras-vae, {options.recipe}, {options.epochs} epochs"
    maps = {ours: lambda: autoencoder_map(data, options.recipe, options.epochs)}
    maps["PCA"] = lambda: fitted_map(PCA(n_components=2, random_state=0), data)
    if importlib.util.find_spec("umap"):
        from umap import UMAP

        maps["UMAP"] = lambda: fitted_map(UMAP(n_components=2, random_state=0, n_jobs=1), data)
    command = (
        f"python benchmarks/dimension_reduction.py --recipe {options.recipe} --epochs {options.epochs}"
    )
    results = {"command": command, "maps": {}}
    print("| map | trustworthiness | class of the nearest |\n| --- | --- | --- |")
    for name, make in maps.items():
        found = results["maps"][name] = measure(data, *make())
        print(f"| {name} | {found['trustworthiness']:.3f} | {found['class_of_nearest']:.1%} |", flush=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
