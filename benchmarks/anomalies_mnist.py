"""Finding digits that are out of place, by the two protocols of the literature, which are never mixed.

    python benchmarks/anomalies_mnist.py out    (one digit was held out of training: half an hour)
    python benchmarks/anomalies_mnist.py one    (one digit is ordinary, nine are not: ten minutes)
    python benchmarks/anomalies_mnist.py show   (both tables, beside what was published)

For each digit the `dense` recipe, 16 latents, is trained on the ordinary digits among the 60,000, and all
10,000 test digits are scored in several of the ways of `tasks.score`. AUROC is the probability that an
anomaly scores higher than an ordinary digit. Labels choose what is trained on, and nothing else; nothing is
chosen by the test digits. In `one`, false alarms are counted too: 200 times the ordinary test digits are
cut in two at random, one half calibrates and the other is judged.
"""

import argparse
import json
from pathlib import Path

import keras
import numpy as np

from keras_vae import recipes, tasks
from keras_vae.calibration import Calibration
from keras_vae.data import Dataset, load

RESULTS = Path(__file__).parent / "results" / "anomalies_mnist"
DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data" / "mnist.npz"
LATENT_DIM = 16
EPOCHS = {"out": 8, "one": 40}
METHODS = {"out": ("bound", "unexplained", "density"), "one": ("bound", "unexplained", "density")}
COMPONENTS = {"out": 30, "one": 3}
RATES = (0.01, 0.05, 0.1)
# Means over the ten digits of plain VAEs.
PUBLISHED = {"out": ".855 with 2 latents, .718 with 32", "one": "about .97"}


def scored(data, digit, protocol):
    from sklearn.metrics import roc_auc_score

    def is_ordinary(labels):
        return (labels != digit) if protocol == "out" else (labels == digit)

    rows = is_ordinary(data.y_train)
    ordinary = Dataset("ordinary", data.x_train[rows], data.y_train[rows], data.x_test, data.y_test)
    model = recipes.get("dense").model(ordinary, latent_dim=LATENT_DIM, seed=0)
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    model.fit(ordinary.x_train, batch_size=128, epochs=EPOCHS[protocol], verbose=0)
    density = tasks.fit_density(model, ordinary.x_train, COMPONENTS[protocol])
    is_test_ordinary = is_ordinary(data.y_test)
    result = {}
    for method in METHODS[protocol]:
        scores = tasks.score(model, data.x_test, method, density=density).score
        result[method] = {"auroc": float(roc_auc_score(~is_test_ordinary, scores))}
        if protocol == "one":
            result[method]["false_alarms"] = false_alarms(scores[is_test_ordinary])
    return result


def false_alarms(scores):
    """The share of false alarms over 200 random halves, for each rate that is asked for."""
    generator = np.random.default_rng(0)
    half = len(scores) // 2
    found = {rate: [] for rate in RATES}
    for _ in range(200):
        shuffled = generator.permutation(scores)
        p_values = Calibration(shuffled[:half]).p_values(shuffled[half:])
        for rate in RATES:
            found[rate].append((p_values <= rate).mean())
    return {str(rate): float(np.mean(shares)) for rate, shares in found.items()}


def run(data, protocol):
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{protocol}.json"
    digits = {}
    for digit in range(10):
        digits[str(digit)] = scored(data, digit, protocol)
        print(
            digit, {name: round(each["auroc"], 3) for name, each in digits[str(digit)].items()}, flush=True
        )
        content = {
            "protocol": protocol,
            "latent_dim": LATENT_DIM,
            "epochs": EPOCHS[protocol],
            "mean_auroc": {
                method: float(np.mean([each[method]["auroc"] for each in digits.values()]))
                for method in METHODS[protocol]
            },
            "digits": digits,
            "command": f"python benchmarks/anomalies_mnist.py {protocol}",
        }
        path.write_text(json.dumps(content, indent=1) + "\n")


def show():
    for path in sorted(RESULTS.glob("*.json")):
        result = json.loads(path.read_text())
        protocol = result["protocol"]
        title = "One digit held out of training" if protocol == "out" else "One digit ordinary"
        print(f"\n{title}: published, plain VAEs, mean of ten: {PUBLISHED[protocol]}\n")
        print("| score | " + " | ".join(result["digits"]) + " | mean |")
        print("| --- |" + " --- |" * (len(result["digits"]) + 1))
        for method in METHODS[protocol]:
            figures = [each[method]["auroc"] for each in result["digits"].values()]
            print(
                f"| {method} | " + " | ".join(f"{each:.3f}" for each in [*figures, np.mean(figures)]) + " |"
            )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("out", "one", "show"))
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    arguments = parser.parse_args()
    if arguments.what == "show":
        return show()
    return run(load(arguments.data), arguments.what)


if __name__ == "__main__":
    main()
