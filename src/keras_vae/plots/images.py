"""Figures made of images."""

import math

import numpy as np
from matplotlib.figure import Figure

from keras_vae.plots.canvas import INK, cell_width, new_figure, show_rows


def plot_images(images: np.ndarray, value_range: tuple[float, float], title: str | None = None) -> Figure:
    """Images on a grid that is nearly square.

    Args:
        images: `(n, height, width, channels)`.
        value_range: the values that are drawn black and white.
        title: above the figure.
    """
    columns = math.ceil(math.sqrt(len(images)))
    rows = [images[i : i + columns] for i in range(0, len(images), columns)]
    return _plot_rows(rows, [""] * len(rows), value_range, title)


def plot_reconstructions(
    originals: np.ndarray, reconstructions: np.ndarray, value_range: tuple[float, float]
) -> Figure:
    """Originals above what the model makes of them; both `(n, height, width, channels)`."""
    rows = [originals, reconstructions]
    return _plot_rows(rows, ["original", "reconstructed"], value_range, None)


def plot_rows(rows: dict[str, np.ndarray], value_range: tuple[float, float]) -> Figure:
    """A row of images, `(columns, height, width, channels)`, for each name."""
    return _plot_rows(list(rows.values()), list(rows), value_range, None)


def _plot_rows(
    rows: list[np.ndarray], labels: list[str], value_range: tuple[float, float], title: str | None
) -> Figure:
    columns = max(len(row) for row in rows)
    height, width, channels = rows[0].shape[1:]
    cells = np.full((len(rows), columns, height, width, channels), value_range[1], "float32")
    for row, images in zip(cells, rows, strict=True):
        row[: len(images)] = images
    cell = cell_width(columns)
    margin = 1.3 if any(labels) else 0.1
    figure = new_figure(
        columns * cell + margin, len(rows) * cell * height / width + (0.4 if title else 0.1)
    )
    axes = figure.subplots()
    middles = show_rows(axes, cells, value_range)
    if any(labels):
        axes.set_yticks(middles, labels, color=INK)
        axes.tick_params(length=0, pad=10)
    if title:
        figure.suptitle(title, color=INK, fontsize=11)
    return figure
