"""A figure of which columns of a table go together."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from keras_vae.plots.canvas import INK, MUTED, new_figure, tidy
from keras_vae.plots.panels import shortened, text_width

_MOST_NAMES, _SIZE = 30, 7
# A spread or a variance below this, of numbers of about one, is what rounding leaves of none.
_NONE = 1e-10


def plot_correlations(data: np.ndarray, samples: np.ndarray, names: Sequence[str]) -> Figure:
    """The correlations between the columns of data beside those of samples.

    They are Pearson's, each from the rows where both columns are known, and 0 where one is constant. The
    title says how far the two differ, as the mean of the absolute differences over pairs of columns.

    Args:
        data: `(n, num_columns)`, NaN for what is missing.
        samples: `(m, num_columns)`, likewise.
        names: of the columns, shown if there are 30 at most.
    """
    matrices = correlations(data), correlations(samples)
    pairs = np.triu_indices(len(names), k=1)
    difference = np.abs(matrices[0] - matrices[1])[pairs].sum() / max(1, len(pairs[0]))
    labels = [shortened(name, 1.3, _SIZE) for name in names] if len(names) <= _MOST_NAMES else []
    margin = max((text_width(label, _SIZE) for label in labels), default=0.0) + 0.15
    side = float(np.clip(0.17 * len(names), 2.4, 5.0))
    figure = new_figure(2 * side + margin + 1.0, side + margin + 0.65)
    figure.set_layout_engine("compressed")
    for axes, matrix, title in zip(
        figure.subplots(1, 2, sharey=True), matrices, ("data", "samples"), strict=True
    ):
        drawn = axes.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
        axes.set_title(title, color=INK, fontsize=11)
        tidy(axes)
        axes.spines[:].set_visible(False)
        axes.tick_params(labelsize=_SIZE, length=0)
        axes.set_xticks(range(len(labels)), labels, rotation=90, parse_math=False)
        axes.set_yticks(range(len(labels)), labels, parse_math=False)
    bar = figure.colorbar(drawn, ax=figure.axes, ticks=[-1, -0.5, 0, 0.5, 1], pad=0.02, aspect=30)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=9, color=MUTED, labelcolor=INK)
    figure.suptitle(f"correlations, {difference:.3f} apart on average", color=INK, fontsize=11)
    return figure


def correlations(columns: np.ndarray) -> np.ndarray:
    """Pearson's correlation of each pair of columns, from the rows where both are known.

    Args:
        columns: `(n, num_columns)`, NaN for what is missing.

    Returns:
        `(num_columns, num_columns)`; 0 where a column is constant, or no two rows are known.
    """
    known = np.isfinite(columns)
    count = np.maximum(1, known.sum(axis=0))
    values = np.where(known, np.asarray(columns, "float64"), 0.0)
    values /= np.abs(values).max(axis=0, initial=np.finfo("float64").tiny)
    values = np.where(known, values - values.sum(axis=0) / count, 0.0)
    scale = np.sqrt((values**2).sum(axis=0) / count)
    values /= np.where(scale > _NONE, scale, np.inf)
    # Entry [i, j] is a mean over the rows where both are known: of i, of products, of i's squares.
    weight = known.astype("float64")
    count = np.maximum(1, weight.T @ weight)
    mean, product = values.T @ weight / count, values.T @ values / count
    variance = (values**2).T @ weight / count - mean**2
    variance = np.where(variance > _NONE, variance, np.inf)
    return ((product - mean * mean.T) / np.sqrt(variance * variance.T)).clip(-1.0, 1.0)
