"""How well codes of the data set shapes keep its factors apart: principal components, β = 1 and β = 4.

    python benchmarks/disentanglement.py                     (whatever has no result yet)
    python benchmarks/disentanglement.py components          (one of them: half a minute)
    python benchmarks/disentanglement.py beta-4-seed1        (another)
    python benchmarks/disentanglement.py table

The models are the `conv` recipe with 10 latents, trained for 30 epochs, as by
`vae train shapes --recipe conv --latent-dim 10 --beta 4 --seed 1`; beside them 10 whitened principal
components of the training images. All are measured on the 2,073 test images, as by `vae disentangle`.
"""

import dataclasses
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "disentanglement.json"
COMMON = {"recipe": "conv", "latent_dim": 10, "prior": "standard_normal", "epochs": 30}
CODES = {"components": None} | {
    f"beta-{beta:g}-seed{seed}": {"beta": beta, "seed": seed} for seed in (0, 1, 2) for beta in (1.0, 4.0)
}
GROUPS = {"10 principal components": "components", "β = 1": "beta-1-", "β = 4": "beta-4-"}


def model_codes(shapes, choice):
    """The posterior means of the test images, and what is known of the model."""
    from keras_vae import runs, tasks

    with tempfile.TemporaryDirectory() as folder:
        run = runs.train(shapes, Path(folder), runs.Settings(**COMMON, **choice))
        figures = {name: run.metrics["test"][name] for name in ("elbo", "reconstruction", "kl")}
        seconds = sum(run.history["seconds"])
        return tasks.embed(run.model, shapes.x_test), COMMON | choice | figures | {"seconds": seconds}


def component_codes(shapes):
    from sklearn.decomposition import PCA

    train, test = (x.reshape(len(x), -1) / np.float32(255) for x in (shapes.x_train, shapes.x_test))
    return PCA(COMMON["latent_dim"], whiten=True, random_state=0).fit(train).transform(test), {}


def measure(name):
    from keras_vae import data, tasks

    shapes = data.load("shapes")
    choice = CODES[name]
    codes, known = component_codes(shapes) if choice is None else model_codes(shapes, choice)
    columns = shapes.columns("test")
    found = tasks.disentangle(codes, np.stack(list(columns.values()), axis=1), list(columns))
    return known | dataclasses.asdict(found) | {"command": f"python benchmarks/disentanglement.py {name}"}


def load():
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def table(results):
    """Each score, with its mean and its standard deviation over the seeds, and its mean chance level."""
    groups = {
        title: [each for name, each in results.items() if name.startswith(start)]
        for title, start in GROUPS.items()
    }
    groups = {title: found for title, found in groups.items() if found}
    print("| score | " + " | ".join(groups) + " | by chance |")
    print("| --- |" + " --- |" * (len(groups) + 1))
    for score in next(iter(results.values()))["scores"]:
        cells = []
        for found in groups.values():
            values = [each["scores"][score]["value"] for each in found]
            spread = f" ± {np.std(values, ddof=1):.2f}" if len(values) > 1 else ""
            cells.append(f"{np.mean(values):.2f}{spread}")
        chance = np.mean([each["scores"][score]["chance"] for each in results.values()])
        print(f"| {score} | " + " | ".join(cells) + f" | {chance:.2f} |")


def main(asked):
    if asked == ["table"]:
        return table(load())
    for name in asked or [name for name in CODES if name not in load()]:
        results = load() | {name: measure(name)}
        RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
        print(name, {score: round(each["value"], 3) for score, each in results[name]["scores"].items()})
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
