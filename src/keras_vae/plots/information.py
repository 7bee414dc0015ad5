"""A figure of what each latent unit says of each known factor."""

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from keras_vae.plots.canvas import INK, MUTED, new_figure
from keras_vae.plots.panels import shortened, text_width

_SIZE = 9
_MOST_WITH_NUMBERS = 16
_LONGEST = 1.4


def plot_information(
    information: np.ndarray, entropy: np.ndarray, active: np.ndarray, names: Sequence[str]
) -> Figure:
    """The mutual information of units and factors, I(z; v) / H(v), a row for each unit.

    Args:
        information: I(z; v) in nats, `(units, factors)`.
        entropy: H(v) in nats, `(factors,)`, above 0.
        active: whether each unit carries anything, `(units,)`; the others are named in grey.
        names: of the factors.
    """
    share = np.clip(np.asarray(information) / np.asarray(entropy), 0.0, 1.0)
    units, factors = share.shape
    has_numbers = max(units, factors) <= _MOST_WITH_NUMBERS
    columns = [shortened(name, _LONGEST, _SIZE) for name in names]
    width = 0.62 if has_numbers else 0.3
    is_upright = max(text_width(name, _SIZE) for name in columns) > 0.9 * width
    figure = new_figure(max(3.0, width * factors) + 2.0, 0.3 * units + (2.2 if is_upright else 1.2))
    axes = figure.subplots()
    drawn = axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.set_xticks(range(factors), columns, rotation=90 if is_upright else 0, parse_math=False)
    axes.set_yticks(
        range(units), [f"{i + 1}" if each else f"dead  {i + 1}" for i, each in enumerate(active)]
    )
    axes.tick_params(length=0, labelsize=_SIZE, labelcolor=INK)
    for label, alive in zip(axes.get_yticklabels(), active, strict=True):
        label.set_color(INK if alive else MUTED)
    axes.spines[:].set_visible(False)
    axes.set_ylabel("latent unit", color=INK)
    axes.set_title("what each unit says of each factor, I(z; v) / H(v)", color=INK, fontsize=11)
    if has_numbers:
        for unit, factor in itertools.product(np.flatnonzero(active), range(factors)):
            value = share[unit, factor]
            colour = "white" if value > 0.6 else INK if value >= 0.1 else MUTED
            axes.text(factor, int(unit), f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
    bar = figure.colorbar(drawn, ax=axes, ticks=[0, 0.5, 1], pad=0.02, aspect=25)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=_SIZE, color=MUTED, labelcolor=INK)
    return figure
