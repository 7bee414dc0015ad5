"""Figures: what they hold, and that no label is cut."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from keras_vae import plots
from keras_vae.plots.canvas import mosaic

IMAGES = np.random.default_rng(0).uniform(0, 255, (10, 8, 6, 1)).astype("float32")
POINTS = np.random.default_rng(0).normal(size=(60, 2))
HISTORY = {
    "epoch": [1, 2, 3], "loss": [9, 5, 4], "reconstruction_loss": [8, 4, 3], "kl_loss": [1, 1, 1],
    "val_loss": [9, 6, 5], "val_reconstruction_loss": [8, 5, 4], "val_kl_loss": [1, 1, 1],
}  # fmt: skip

FIGURES = {
    "images": lambda: plots.plot_images(IMAGES, (0, 255), title="ten images"),
    "one image": lambda: plots.plot_images(IMAGES[:1], (0, 255)),
    "colour": lambda: plots.plot_images(np.repeat(IMAGES, 3, axis=-1), (0, 255)),
    "two channels": lambda: plots.plot_images(np.repeat(IMAGES, 2, axis=-1), (0, 255)),
    "reconstructions": lambda: plots.plot_reconstructions(IMAGES, IMAGES, (0, 255)),
    "interpolation": lambda: plots.plot_rows({"linear": IMAGES, "spherical": IMAGES}, (0, 255)),
    "inspection": lambda: plots.plot_inspection(IMAGES, (0, 255), [3, 0, 1], (0, 255)),
    "many frames": lambda: plots.plot_rows({"linear": np.repeat(IMAGES, 5, axis=0)}, (0, 255)),
    "map": lambda: plots.plot_latent_map(POINTS, np.arange(60) % 10, ("z₁", "z₂")),
    "map of many classes": lambda: plots.plot_latent_map(POINTS, np.arange(60), ("z₁", "z₂")),
    "grid": lambda: plots.plot_latent_grid(IMAGES[:4].reshape(2, 2, 8, 6, 1), (0, 255)),
    "space": lambda: plots.plot_latent_space(
        POINTS, np.arange(60) % 3, ("z₁", "z₂"), IMAGES[:4].reshape(2, 2, 8, 6, 1), (0, 255)
    ),
    "history": lambda: plots.plot_history(HISTORY),
}


@pytest.mark.parametrize("name", FIGURES)
def test_everything_drawn_lies_inside_the_figure(name):
    figure = FIGURES[name]()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = figure.get_tightbbox(canvas.get_renderer()).transformed(figure.dpi_scale_trans)
    width, height = canvas.get_width_height()
    assert drawn.x0 >= -1
    assert drawn.y0 >= -1
    assert drawn.x1 <= width + 1
    assert drawn.y1 <= height + 1


def test_the_value_range_decides_black_and_white():
    axes = plots.plot_images(np.array([0, 127.5, 255, 400], "float32").reshape(1, 2, 2, 1), (0, 255)).axes[
        0
    ]
    np.testing.assert_allclose(axes.images[0].get_array().ravel(), [0, 0.5, 1, 1])


def test_a_mosaic_keeps_rows_and_columns():
    grid = np.arange(6, dtype="float32").reshape(2, 3, 1, 1, 1)
    np.testing.assert_array_equal(mosaic(grid)[..., 0], [[0, 1, 2], [3, 4, 5]])
    assert mosaic(grid, gap=1)[..., 0].tolist() == [[0, 5, 1, 5, 2], [5] * 5, [3, 5, 4, 5, 5]]


def test_the_curves_are_the_history():
    figure = plots.plot_history(HISTORY)
    assert [axes.get_title() for axes in figure.axes] == ["loss", "reconstruction", "KL"]
    training, test = figure.axes[0].lines
    np.testing.assert_array_equal(training.get_ydata(), HISTORY["loss"])
    np.testing.assert_array_equal(test.get_ydata(), HISTORY["val_loss"])
