"""Figures of the latent space."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keras_vae.plots.canvas import ACCENTS, INK, MUTED, mosaic, new_figure, show_image, tidy

MOST_CLASSES = 20


def plot_latent_map(
    points: np.ndarray,
    labels: np.ndarray,
    axes_names: tuple[str, str],
    label_names: Sequence[str] = (),
    label_title: str = "",
) -> Figure:
    """Points on a plane, coloured by label.

    Args:
        points: `(n, 2)`.
        labels: `(n,)`, integers; −1 for unknown.
        axes_names: what the two axes are called.
        label_names: what the labels 0, 1, … are called; their numbers if left out.
        label_title: what the labels say, for the head of their legend.
    """
    figure = new_figure(6.6, 5.6)
    _draw_map(figure.subplots(), points, labels, axes_names, label_names, label_title)
    return figure


def plot_latent_grid(grid: np.ndarray, value_range: tuple[float, float]) -> Figure:
    """The decoded grid over the prior's quantiles, `(rows, columns, height, width, channels)`."""
    figure = new_figure(5.8, 5.6)
    _draw_grid(figure.subplots(), grid, value_range)
    return figure


def plot_latent_space(
    points: np.ndarray,
    labels: np.ndarray,
    axes_names: tuple[str, str],
    grid: np.ndarray | None,
    value_range: tuple[float, float],
    label_names: Sequence[str] = (),
    label_title: str = "",
) -> Figure:
    """The map and, where there is one, the decoded grid beside it."""
    if grid is None:
        return plot_latent_map(points, labels, axes_names, label_names, label_title)
    figure = new_figure(12.0, 5.6)
    left, right = figure.subplots(1, 2, width_ratios=[1.15, 1.0])
    _draw_map(left, points, labels, axes_names, label_names, label_title)
    _draw_grid(right, grid, value_range)
    return figure


def texts_of_labels(labels: np.ndarray, names: Sequence[str]) -> list[str]:
    """What labels are called: their names, if there are some, or numbers; below 0 they are unknown."""
    return [
        "unknown" if label < 0 else names[label] if names else str(label) for label in np.asarray(labels)
    ]


def _draw_map(
    axes: Axes,
    points: np.ndarray,
    labels: np.ndarray,
    axes_names: tuple[str, str],
    label_names: Sequence[str],
    label_title: str,
) -> None:
    classes = np.unique(labels)
    # Drawn in random order, so that no class covers the others.
    order = np.random.default_rng(0).permutation(len(points))
    size = float(np.clip(3e4 / len(points), 2.0, 30.0))
    scatter = partial(axes.scatter, s=size, alpha=0.7, linewidths=0, rasterized=True)
    if len(classes) == 1:
        scatter(*points.T, color=ACCENTS[0])
    elif len(classes) <= MOST_CLASSES:
        palette = colormaps["tab10" if len(classes) <= 10 else "tab20"](range(20))[: len(classes)]
        index = np.searchsorted(classes, labels)
        colours = palette[index]
        scatter(*points[order].T, c=colours[order])
        for colour, name in zip(palette, texts_of_labels(classes, label_names), strict=True):
            axes.scatter([], [], color=colour, label=name, s=30)
        legend = axes.legend(
            title=label_title or None,
            frameon=False,
            loc="center left",
            bbox_to_anchor=(1.0, 0.5),
            labelcolor=INK,
            handletextpad=0.1,
        )
        legend.get_title().set_color(INK)
    else:
        drawn = scatter(*points[order].T, c=labels[order], cmap="viridis")
        axes.figure.colorbar(drawn, ax=axes, label=label_title or "label")
    axes.set_xlabel(axes_names[0], color=INK)
    axes.set_ylabel(axes_names[1], color=INK)
    axes.set_title("where the test data lie", color=INK, fontsize=11)
    axes.axhline(0, color=MUTED, linewidth=0.5, zorder=0)
    axes.axvline(0, color=MUTED, linewidth=0.5, zorder=0)
    axes.set_aspect("equal", adjustable="datalim")
    tidy(axes)


def _draw_grid(axes: Axes, grid: np.ndarray, value_range: tuple[float, float]) -> None:
    show_image(axes, mosaic(grid), value_range)
    axes.set_title("what the decoder makes of each place", color=INK, fontsize=11)
    axes.set_xlabel("z₁, by the prior's quantiles", color=INK)
    axes.set_ylabel("z₂, by the prior's quantiles", color=INK)
