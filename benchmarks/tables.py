"""Imputation and samples of scikit-learn's small tables, beside scikit-learn's own imputers.

    python benchmarks/tables.py                     (about 5 minutes on 2 cores)

A fifth of all entries is hidden at random. RMSE is of hidden numbers, in standard deviations of what is
known of their column; the likeliest class is compared with the hidden one. Then a model of the whole table
sampled 10,000 times, and each column of numbers compared with the data by the Kolmogorov-Smirnov distance.
"""

import json
import tempfile
from pathlib import Path

import keras
import numpy as np
import pyarrow as pa
import pyarrow.csv
from scipy import stats
from sklearn import datasets
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer

import keras_vae
from keras_vae import data, tasks
from keras_vae.likelihoods import Mixed
from keras_vae.networks import dense_decoder, table_encoder

RESULTS = Path(__file__).parent / "results"
TABLES = ("wine", "breast_cancer", "diabetes")
HIDDEN = 0.2


def load(name):
    """The table with its target, through a file, as anybody would read it."""
    bunch = getattr(datasets, f"load_{name}")()
    columns = {str(each): bunch.data[:, i] for i, each in enumerate(bunch.feature_names)}
    classes = bunch.get("target_names")
    columns["target"] = bunch.target if classes is None else np.array(classes)[bunch.target]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.csv")
        pyarrow.csv.write_csv(pa.table(columns), path)
        return data.read_table(path)


def train(table, matrix):
    model = keras_vae.VAE(
        table_encoder(table.num_categories, (128, 64), seed=0),
        dense_decoder((64, 128), seed=1),
        latent_dim=6,
        likelihood=Mixed(columns=table.likelihoods),
        preprocessing=table.standardize(),
        seed=0,
    )
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    model.fit(matrix, epochs=200, batch_size=32, verbose=0)
    return model


def measure(name):
    table = load(name)
    hidden = np.random.default_rng(0).random(table.matrix.shape) < HIDDEN
    known = np.where(hidden, np.nan, table.matrix).astype("float32")
    numbers = np.array([column.kind != "category" for column in table.columns])
    found = tasks.impute(train(table, known), known).filled
    iterative = IterativeImputer(random_state=0, max_iter=20).fit_transform(known)
    means = np.where(hidden, np.nanmean(known, axis=0), known)

    def rmse(filled):
        errors = (filled - table.matrix) / np.nanstd(known, axis=0)
        return round(float(np.sqrt(np.mean(errors[:, numbers][hidden[:, numbers]] ** 2))), 3)

    samples = tasks.sample(train(table, table.matrix), 10_000, draw=True)
    distances = [
        float(stats.ks_2samp(samples[:, i], table.matrix[:, i]).statistic) for i in np.flatnonzero(numbers)
    ]
    result = {
        "rows": len(table.matrix),
        "columns": len(table.columns),
        "rmse": {
            "keras-vae": rmse(found),
            "IterativeImputer": rmse(iterative),
            "column means": rmse(means),
        },
        "ks_mean": round(float(np.mean(distances)), 3),
        "ks_max": round(max(distances), 3),
    }
    if not numbers.all():
        classes = hidden[:, ~numbers]
        right = found[:, ~numbers][classes] == table.matrix[:, ~numbers][classes]
        result["hidden_classes_found"] = round(float(right.mean()), 3)
    return result


if __name__ == "__main__":
    results = {"command": "python benchmarks/tables.py"}
    for name in TABLES:
        results[name] = measure(name)
        print(name, results[name], flush=True)
    (RESULTS / "tables.json").write_text(json.dumps(results, indent=1) + "\n")
