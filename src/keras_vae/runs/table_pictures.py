"""The pictures of a run on a table."""

from typing import TYPE_CHECKING

import numpy as np

from keras_vae import plots
from keras_vae.data import TableData, spread
from keras_vae.tasks.columns import compare_columns
from keras_vae.vae import VAE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROWS = 10_000


def columns(data: TableData) -> "Figure":
    """A histogram of each column, with its kind and its gaps."""
    x, found = _some_rows(data), data.schema.columns
    return plots.plot_columns(
        x,
        data.schema.names,
        [each.kind for each in found],
        [each.classes for each in found],
        _dates(data),
        np.isnan(x).mean(axis=0).tolist(),
    )


def table_figures(model: VAE, data: TableData, seed: int) -> dict[str, "Figure"]:
    """`marginals` and `correlations`: the data beside 10,000 rows that are drawn from the model.

    Categories have no order, and are left out of the correlations.
    """
    x, samples, distances = compare_columns(model, data, _ROWS, seed)
    names, found = data.schema.names, data.schema.columns
    classes = [each.classes for each in found]
    figures = {"marginals": plots.plot_marginals(x, samples, names, distances, classes, _dates(data))}
    ordered = [i for i, each in enumerate(found) if each.kind != "category"]
    if len(ordered) > 1:
        chosen = [names[i] for i in ordered]
        figures["correlations"] = plots.plot_correlations(x[:, ordered], samples[:, ordered], chosen)
    return figures


def _some_rows(data: TableData) -> np.ndarray:
    return data.x_train[spread(len(data.x_train), _ROWS)]


def _dates(data: TableData) -> list[float | None]:
    return [each.start if each.kind == "date" else None for each in data.schema.columns]
