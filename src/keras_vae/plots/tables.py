"""Figures of tables: a panel for each column."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from keras_vae.plots.canvas import ACCENTS, INK, new_figure
from keras_vae.plots.panels import draw_column

MOST_COLUMNS = 30
_ACROSS = 5


def plot_marginals(
    data: np.ndarray,
    samples: np.ndarray,
    names: Sequence[str],
    distances: Sequence[float],
    classes: Sequence[Sequence[str] | None] | None = None,
    dates: Sequence[float | None] | None = None,
) -> Figure:
    """How often each value of a column occurs in data and in samples, a panel for each column.

    The first 30 columns are shown; of numbers, what lies between the 0.5 % and the 99.5 % quantile of the
    data and a little beyond. All that lies outside counts in the first and the last bin.

    Args:
        data: `(n, num_columns)`, NaN for what is missing.
        samples: `(m, num_columns)`, likewise.
        names: of the columns.
        distances: between data and samples, for each column: Kolmogorov and Smirnov's for numbers, the
            total variation for classes; NaN where there is none.
        classes: for each column what its classes 0, 1, … are called, `None` for numbers.
        dates: for each column of days, day 0 in seconds since 1970, `None` for others.
    """
    figure, panels, width = _panels(len(names))
    for i, axes in enumerate(panels):
        its_classes, start = classes[i] if classes else None, dates[i] if dates else None
        measure = "KS" if its_classes is None else "TV"
        note = "" if math.isnan(distances[i]) else f"{measure} {distances[i]:.2f}"
        draw_column(axes, [data[:, i], samples[:, i]], names[i], note, width, its_classes, start)
    handles = [
        Patch(color=ACCENTS[0], alpha=0.45, linewidth=0, label="data"),
        Patch(color=ACCENTS[1], label="samples"),
    ]
    figure.legend(
        handles=handles, loc="outside upper right", ncols=2, frameon=False, labelcolor=INK, fontsize=9
    )
    return figure


def plot_columns(
    columns: np.ndarray,
    names: Sequence[str],
    kinds: Sequence[str],
    classes: Sequence[Sequence[str] | None] | None = None,
    dates: Sequence[float | None] | None = None,
    missing: Sequence[float] | None = None,
) -> Figure:
    """How often each value of a column occurs, what kind it is and how much is missing.

    The first 30 columns are shown.

    Args:
        columns: `(n, num_columns)`, NaN for what is missing.
        names: of the columns.
        kinds: of the columns, such as "real" or "category".
        classes: for each column what its classes 0, 1, … are called, `None` for numbers.
        dates: for each column of days, day 0 in seconds since 1970, `None` for others.
        missing: the share that is missing, for each column; counted in `columns` if left out.
    """
    figure, panels, width = _panels(len(names))
    if missing is None:
        missing = np.isnan(columns).sum(axis=0) / max(1, len(columns))
    for i, axes in enumerate(panels):
        its_classes, start = classes[i] if classes else None, dates[i] if dates else None
        note = f"{kinds[i]}, {_percent(missing[i])} missing" if missing[i] else kinds[i]
        draw_column(axes, [columns[:, i]], names[i], note, width, its_classes, start)
    return figure


def _panels(num_columns: int) -> tuple[Figure, list[Axes], float]:
    """A figure with a panel for each column it can show, and how wide a panel is, in inches."""
    count = min(num_columns, MOST_COLUMNS)
    rows = math.ceil(count / _ACROSS)
    across = math.ceil(count / rows)
    cell = 2.4 if across > 2 else 3.4
    figure = new_figure(across * cell, rows * (1.85 if rows > 1 else 2.2) + 0.35)
    grid = figure.subplots(rows, across, squeeze=False).ravel()
    figure.set_layout_engine("constrained", w_pad=0.08, h_pad=0.06, wspace=0.0, hspace=0.0)
    for axes in grid[count:]:
        axes.set_axis_off()
    if num_columns > count:
        title = f"{count} of {num_columns} columns"
        figure.suptitle(title, x=0.08 / figure.get_figwidth(), ha="left", color=INK, fontsize=11)
    return figure, list(grid[:count]), cell - 0.25


def _percent(share: float) -> str:
    """A share as a whole percentage, that is 0 or 100 only if it is so exactly."""
    if 0.01 <= share <= 0.99 or share in (0, 1):
        return f"{100 * share:.0f} %"
    return "under 1 %" if share < 0.01 else "over 99 %"
