"""Columns of a table beside those of rows that a model draws."""

from typing import NamedTuple

import numpy as np

from keras_vae.data import TableData, marginal_distance, spread
from keras_vae.tasks.sample import sample
from keras_vae.vae import VAE


class ColumnComparison(NamedTuple):
    """Rows of a table, rows that are drawn, and how far apart their columns are.

    Args:
        data: training rows, `(n, num_columns)`, NaN for what is missing.
        samples: `(num_rows, num_columns)`, of classes their numbers.
        distances: of each column, see `marginal_distance`.
    """

    data: np.ndarray
    samples: np.ndarray
    distances: list[float]


def compare_columns(model: VAE, data: TableData, num_rows: int, seed: int = 0) -> ColumnComparison:
    """Draw rows from a model and compare their columns with as many training rows.

    Args:
        model: a trained model.
        data: what it was trained on.
        num_rows: how many are drawn, and the most that are taken of the data.
        seed: of the samples.
    """
    x = data.x_train[spread(len(data.x_train), num_rows)]
    samples = np.array(sample(model, num_rows, seed, draw=True))
    columns = data.schema.columns
    for i, each in enumerate(columns):
        if each.classes:  # where there is but one, its likelihood has another
            samples[:, i] = np.minimum(samples[:, i], len(each.classes) - 1)
    distances = [
        marginal_distance(x[:, i], samples[:, i], each.classes is not None)
        for i, each in enumerate(columns)
    ]
    return ColumnComparison(x, samples, distances)
