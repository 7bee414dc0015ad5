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
    "scores": lambda: plots.plot_scores(
        IMAGES, IMAGES, IMAGES, ["photos/a.png\n12.3, p = 0.01"] * 10, (0, 255)
    ),
    "one score": lambda: plots.plot_scores(IMAGES[:1], IMAGES[:1], IMAGES[:1], ["a.png"], (0, 255)),
    "traversal": lambda: traversal(16),
    "traversal of one unit": lambda: traversal(1),
    "traversal in colour": lambda: traversal(3, channels=3, kl=None),
    "traversal of wide images": lambda: traversal(40, height=2),
}


def traversal(num_units, channels=1, height=8, kl=0.5):
    """Every third unit is dead, from the second on."""
    frames = np.random.default_rng(0).uniform(0, 255, (num_units, 9, height, 8, channels))
    numbers = np.arange(num_units)
    values = np.linspace(-3.0, 2.5, 9) * (1 + numbers[:, None])
    nats = None if kl is None else kl * numbers[::-1]
    return plots.plot_traversal(frames, numbers[::-1], numbers % 3 != 1, values, (0, 255), nats)


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
    assert mosaic(grid, gap=1, blank=5)[..., 0].tolist() == [[0, 5, 1, 5, 2], [5] * 5, [3, 5, 4, 5, 5]]


def test_the_curves_are_the_history():
    figure = plots.plot_history(HISTORY)
    assert [axes.get_title() for axes in figure.axes] == ["loss", "reconstruction", "KL"]
    training, test = figure.axes[0].lines
    np.testing.assert_array_equal(training.get_ydata(), HISTORY["loss"])
    np.testing.assert_array_equal(test.get_ydata(), HISTORY["val_loss"])


def test_a_traversal_s_rows_are_named_and_the_dead_ones_greyed():
    left, right = (axes.get_yticklabels() for axes in all_axes(traversal(13)))
    names = [label.get_text() for label in left]
    assert names[:3] == ["z₁₃  6.00 nats", "z₁₂  dead", "z₁₁  5.00 nats"]
    assert names[-1] == "z₁  0.00 nats"
    colours = [label.get_color() for label in left]
    assert colours[0] != colours[1] == colours[4]
    assert [label.get_text() for label in right][1] == "−6.00 … 5.00"
    assert all_axes(traversal(4, kl=None))[0].get_yticklabels()[0].get_text() == "z₄"


def test_a_traversal_s_images_stand_beside_their_names():
    frames = np.arange(6.0).reshape(2, 3, 1, 1, 1) * 51
    units, values = np.array([4, 0]), np.zeros((2, 3))
    axes = plots.plot_traversal(
        frames, units, np.ones(2, bool), values, (0, 255), np.array([2.0, 1.0])
    ).axes[0]
    drawn = np.asarray(axes.images[0].get_array())
    for row, label in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True):
        first = {"z₅  2.00 nats": 0.0, "z₁  1.00 nats": 0.6}[label.get_text()]
        np.testing.assert_allclose(drawn[int(row), ::2], [first, first + 0.2, first + 0.4], atol=1e-6)


def all_axes(figure):
    """The axes of a figure, and those on its other side."""
    (axes,) = figure.axes
    return axes, *axes.child_axes


def test_a_map_says_what_its_colours_stand_for():
    figure = plots.plot_latent_map(
        POINTS, np.arange(60) % 2, ("z₁", "z₂"), label_names=("no", "yes"), label_title="organic"
    )
    legend = figure.axes[0].get_legend()
    assert legend.get_title().get_text() == "organic"
    assert [each.get_text() for each in legend.get_texts()] == ["no", "yes"]
