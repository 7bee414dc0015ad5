"""The figure of what each latent unit says of each factor."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from keras_vae import plots

ENTROPY = np.log([3.0, 4.0, 6.0])
SHARE = np.array([[0.9, 0.0, 0.05], [0.0, 0.0, 0.0], [0.0, 0.5, 0.4], [0.25, 1.0, 0.0]])
ACTIVE = [True, False, True, True]


def test_the_colours_and_numbers_are_shares_of_the_entropy():
    axes = plots.plot_information(SHARE * ENTROPY, ENTROPY, ACTIVE, ["label", "hue", "scale"]).axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), SHARE, atol=1e-9)
    written = {tuple(map(int, text.get_position())): text.get_text() for text in axes.texts}
    assert written[0, 0] == "0.90"
    assert written[2, 2] == "0.40"
    assert len(written) == 9
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1", "dead  2", "3", "4"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["label", "hue", "scale"]


@pytest.mark.parametrize(("units", "factors"), [(1, 2), (10, 6), (40, 20)])
def test_everything_drawn_lies_inside_the_figure(units, factors):
    share = np.random.default_rng(0).random((units, factors))
    names = [f"a factor of a long name, {i}" for i in range(factors)]
    figure = plots.plot_information(share, np.ones(factors), [True] * units, names)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = figure.get_tightbbox(canvas.get_renderer()).transformed(figure.dpi_scale_trans)
    width, height = canvas.get_width_height()
    assert min(drawn.x0, drawn.y0) >= -1
    assert drawn.x1 <= width + 1
    assert drawn.y1 <= height + 1
