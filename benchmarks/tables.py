"""Imputation and samples of tables, beside scikit-learn's own imputers.

    python benchmarks/tables.py                     (about 10 minutes on 2 cores)
    python benchmarks/tables.py wine                (one of them)

A fifth of all entries is hidden at random. RMSE is of hidden numbers, in standard deviations of what is
known of their column; the likeliest class is compared with the hidden one. Then a model of the whole table
is sampled 10,000 times, and each column compared with the data: numbers by the Kolmogorov-Smirnov distance,
classes by the total variation. Everything as `vae train TABLE` and `vae impute TABLE` do it by default.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer

from keras_vae import data, runs, tasks

RESULTS = Path(__file__).parent / "results" / "tables.json"
TABLES = ("wine", "breast_cancer", "diabetes")
HIDDEN = 0.2


def load(name):
    """The table with its target."""
    bunch = getattr(datasets, f"load_{name}")()
    columns = {str(each): bunch.data[:, i] for i, each in enumerate(bunch.feature_names)}
    classes = bunch.get("target_names")
    columns["target"] = bunch.target if classes is None else np.array(classes)[bunch.target]
    return columns


def train(table, schema=None):
    """A model by the recipe's own settings, and the data it was trained on."""
    source = data.open_table(table)
    found = data.load_table(table) if schema is None else data.split_table(source, schema)
    with tempfile.TemporaryDirectory() as folder:
        run = runs.train(found, Path(folder), runs.Settings(recipe="table"))
        return run.model, found


def measure(name):
    table = data.read_table(load(name))
    schema, matrix = table.schema, table.matrix
    hidden = np.random.default_rng(0).random(matrix.shape) < HIDDEN
    known = np.where(hidden, np.nan, matrix).astype("float32")
    is_class = np.array([each.classes is not None for each in schema.columns])
    model, _ = train(schema.decode(known), schema)
    found = tasks.impute(model, known).filled
    iterative = IterativeImputer(random_state=0, max_iter=20).fit_transform(known)
    means = np.where(hidden, np.nanmean(known, axis=0), known)

    def rmse(filled):
        errors = (filled - matrix) / np.nanstd(known, axis=0)
        return round(float(np.sqrt(np.mean(errors[:, ~is_class][hidden[:, ~is_class]] ** 2))), 3)

    model, _ = train(load(name))
    samples = tasks.sample(model, 10_000, draw=True)
    distances = [
        data.marginal_distance(samples[:, i], matrix[:, i], each) for i, each in enumerate(is_class)
    ]
    result = {
        "rows": len(matrix),
        "columns": len(schema.columns),
        "rmse": {
            "keras-vae": rmse(found),
            "IterativeImputer": rmse(iterative),
            "column means": rmse(means),
        },
        "distance_mean": round(float(np.mean(distances)), 3),
        "distance_max": round(max(distances), 3),
        "command": f"python benchmarks/tables.py {name}",
    }
    if is_class.any():
        classes = hidden[:, is_class]
        right = found[:, is_class][classes] == matrix[:, is_class][classes]
        result["hidden_classes_found"] = round(float(right.mean()), 3)
    return result


if __name__ == "__main__":
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in sys.argv[1:] or TABLES:
        results[name] = measure(name)
        print(name, results[name], flush=True)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
