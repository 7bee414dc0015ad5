"""Strange images, and where they are strange."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from keras_vae.plots.canvas import INK, MUTED, new_figure, show_image

_LABELS = ("original", "expected", "where")


def plot_scores(
    images: np.ndarray,
    expected: np.ndarray,
    maps: np.ndarray,
    titles: Sequence[str],
    value_range: tuple[float, float],
) -> Figure:
    """Images, what the model makes of them, and how much each pixel adds to the score.

    Args:
        images: `(n, height, width, channels)`.
        expected: likewise, their reconstructions.
        maps: likewise, the share of each pixel in nats; drawn summed over the channels, from white at the
            median of all of them to dark red at their 99.5 % quantile.
        titles: what stands above each image, `n` of them.
        value_range: the values that are drawn black and white.
    """
    height, width = images.shape[1:3]
    cell = min(1.2, 14.0 / len(images))
    figure = new_figure(len(images) * cell + 1.3, 3 * cell * height / width + 0.5)
    grid = figure.subplots(3, len(images), squeeze=False)
    figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    shares = maps.sum(axis=-1)
    low, high = np.quantile(shares, (0.5, 0.995))
    for column, title, original, reconstructed, share in zip(
        grid.T, titles, images, expected, shares, strict=True
    ):
        show_image(column[0], original, value_range)
        show_image(column[1], reconstructed, value_range)
        column[2].imshow(share, cmap="Reds", vmin=low, vmax=max(high, low + 1e-6))
        column[2].set(xticks=[], yticks=[])
        column[2].spines[:].set_color(MUTED)
        column[0].set_title(title, color=INK, fontsize=7, parse_math=False)
    for axes, label in zip(grid[:, 0], _LABELS, strict=True):
        axes.set_ylabel(label, rotation=0, ha="right", va="center", color=INK, labelpad=10)
    return figure
