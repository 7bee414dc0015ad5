"""Draw docs/images/shapes.png: each factor of the data set shapes moved through its values.

python scripts/shapes_picture.py
"""

from pathlib import Path

import numpy as np

from keras_vae import data
from keras_vae.data.shapes import FACTORS, SHAPES
from keras_vae.plots.canvas import INK, MUTED, new_figure, show_image

IMAGE = Path(__file__).parents[1] / "docs" / "images" / "shapes.png"
#: The example that is changed: a heart, large enough to see what turns.
START = {"shape": 2, "scale": 11, "rotation": 0, "position_x": 17.5, "position_y": 14.5, "hue": 48}
UNITS = {"scale": " px", "rotation": "°", "position_x": " px", "position_y": " px", "hue": "°"}


def main():
    longest = max(map(len, FACTORS.values()))
    figure = new_figure(6.6, 7.2)
    axes = figure.subplots(len(FACTORS), longest)
    for row, (name, values) in zip(axes, FACTORS.items(), strict=True):
        images = data.render_shapes(np.array([list((START | {name: value}).values()) for value in values]))
        for each, image, value in zip(row, images, values, strict=False):
            show_image(each, image, (0, 255))
            written = SHAPES[value] if name == "shape" else f"{value:g}{UNITS[name]}"
            each.set_title(written, color=MUTED, fontsize=8, pad=3)
        for each in row[len(values) :]:
            each.set_axis_off()
        row[0].set_ylabel(name, color=INK, fontsize=9)
    figure.savefig(IMAGE)
    print(IMAGE)


if __name__ == "__main__":
    main()
