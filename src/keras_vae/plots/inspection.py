"""A figure of data before anything is trained on them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from keras_vae.plots.canvas import ACCENTS, INK, mosaic, new_figure, show_image, tidy

_COLUMNS = 10


def plot_inspection(
    images: np.ndarray,
    value_range: tuple[float, float],
    histogram: Sequence[int],
    histogram_range: tuple[float, float],
) -> Figure:
    """A contact sheet, and how often each value occurs.

    Args:
        images: `(n, height, width, channels)`; whole rows of ten are shown, or all if they are fewer.
        value_range: the values that are drawn black and white.
        histogram: how many numbers lie in each of equal parts of `histogram_range`.
        histogram_range: the smallest and the largest number.
    """
    columns = min(_COLUMNS, len(images))
    rows = len(images) // columns
    sheet = mosaic(images[: rows * columns].reshape(rows, columns, *images.shape[1:]), 1, value_range[1])
    width = 8.0
    height = width * sheet.shape[0] / sheet.shape[1]
    figure = new_figure(width, height + 2.2)
    top, bottom = figure.subplots(2, 1, height_ratios=[height, 1.8])
    show_image(top, sheet, value_range)
    top.set_title(f"{rows * columns} of the training images", color=INK, fontsize=11)
    edges = np.linspace(*histogram_range, len(histogram) + 1)
    shares = np.asarray(histogram) / max(1, sum(histogram))
    bottom.bar(edges[:-1], shares, np.diff(edges), align="edge", color=ACCENTS[0])
    bottom.set_title("their values", color=INK, fontsize=11)
    bottom.set_yscale("log")
    bottom.set_ylabel("share", color=INK)
    tidy(bottom)
    return figure
