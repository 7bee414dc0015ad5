"""Samples of whole tables, made with no options, beside the data: what each column may differ by."""

import os

import numpy as np
import pytest
from scipy import stats
from sklearn import datasets

from keras_vae import data, runs, tasks
from tests.samples import people

LONG = pytest.mark.skipif(
    "KERAS_VAE_TABLES" not in os.environ, reason="three more tables: make test-tables"
)


def public(name):
    """One of scikit-learn's tables, with its target as a column."""
    bunch = getattr(datasets, f"load_{name}")()
    columns = {str(each): bunch.data[:, i] for i, each in enumerate(bunch.feature_names)}
    classes = bunch.get("target_names")
    return columns | {"target": bunch.target if classes is None else np.array(classes)[bunch.target]}


@pytest.mark.parametrize(
    ("name", "mean", "largest"),
    [
        pytest.param("wine", 0.08, 0.13, marks=LONG),
        ("people", 0.04, 0.09),
        pytest.param("breast_cancer", 0.06, 0.11, marks=LONG),
        pytest.param("diabetes", 0.05, 0.09, marks=LONG),
    ],
)
def test_samples_come_in_the_table_s_types_with_its_marginals(name, mean, largest, tmp_path):
    """Kolmogorov-Smirnov distances of numbers and total variations of classes, of 10,000 samples."""
    table = people(1500) if name == "people" else public(name)
    found = data.load(table)
    run = runs.train(found, tmp_path / "run", runs.Settings(recipe="table"))
    samples = tasks.sample(run.model, 10_000, draw=True)
    x = np.concatenate([found.x_train, found.x_test])
    distances = {}
    for i, column in enumerate(found.schema.columns):
        drawn, known = samples[:, i], x[~np.isnan(x[:, i]), i]
        if column.classes is None:
            distances[column.name] = stats.ks_2samp(drawn, known).statistic
        else:
            shares = [np.bincount(each.astype(int), minlength=2) / len(each) for each in (drawn, known)]
            distances[column.name] = np.abs(shares[0] - shares[1]).sum() / 2
    print(name, {column: round(float(each), 3) for column, each in distances.items()})
    assert np.mean(list(distances.values())) <= mean
    assert max(distances.values()) <= largest
    opened = data.open_table(table).types
    assert run.schema.decode(samples[:5]).schema.types == [
        opened.field(each).type for each in run.schema.names
    ]
