"""What each latent unit does, as images."""

import numpy as np
from matplotlib.figure import Figure

from keras_vae.plots.canvas import INK, MUTED, cell_width, new_figure, show_rows

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def plot_traversal(
    frames: np.ndarray,
    units: np.ndarray,
    active: np.ndarray,
    values: np.ndarray,
    value_range: tuple[float, float],
    kl: np.ndarray | None = None,
) -> Figure:
    """A row of images for each latent unit, labelled with its name and its nats; grey where it is dead.

    Args:
        frames: `(num_units, steps, height, width, channels)`.
        units: which latent units, counted from 0, `(num_units,)`: the first is called z₁.
        active: whether each of them carries anything, `(num_units,)`.
        values: what each unit is set to, `(num_units, steps)`; the ends are written beside its row.
        value_range: the values that are drawn black and white.
        kl: the KL of each unit in nats, `(num_units,)`; left out where it does not split into units.
    """
    rows, columns, height, width = frames.shape[:4]
    cell = cell_width(columns)
    figure = new_figure(columns * cell + 2.6, rows * cell * height / width + 0.5)
    axes = figure.subplots()
    middles = show_rows(axes, frames, value_range)
    nats = [""] * rows if kl is None else [f"  {each:.2f} nats" for each in kl]
    names = [
        _name(unit) + (told if alive else "  dead")
        for unit, told, alive in zip(units, nats, active, strict=True)
    ]
    axes.set_yticks(middles, names, fontsize=9)
    ranges = [f"{low:.2f} … {high:.2f}".replace("-", "−") for low, high in values[:, [0, -1]]]
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(middles, ranges, fontsize=8)
    for side in (axes.yaxis, beside.yaxis):
        side.set_tick_params(length=0)
    beside.spines[:].set_visible(False)
    for left, right, alive in zip(axes.get_yticklabels(), beside.get_yticklabels(), active, strict=True):
        left.set_color(INK if alive else MUTED)
        right.set_color(MUTED)
    axes.set_xlabel("from the 0.5 % to the 99.5 % quantile of its codes", color=MUTED, fontsize=8)
    return figure


def _name(unit: int) -> str:
    return "z" + str(unit + 1).translate(_SUBSCRIPTS)
