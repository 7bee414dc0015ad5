"""Images rendered from known factors: a shape, its scale, rotation, place and hue."""

import colorsys
import itertools

import numpy as np

from keras_vae.data.dataset import Dataset

SIZE = 32
SHAPES = ("square", "ellipse", "heart")
#: The factors and their values: scale and position in pixels, rotation and hue in degrees.
FACTORS: dict[str, tuple[float, ...]] = {
    "shape": (0, 1, 2),
    "scale": (5, 7, 9, 11),
    "rotation": (0, 15, 30, 45),
    "position_x": (8.5, 11.5, 14.5, 17.5, 20.5, 23.5),
    "position_y": (8.5, 11.5, 14.5, 17.5, 20.5, 23.5),
    "hue": (0, 48, 96, 144, 192, 240),
}
_SUBPIXELS = 4
_TEST_SHARE = 0.2


def shapes() -> Dataset:
    """10,368 coloured shapes on black, 32×32×3, one for each combination of the values of six factors.

    The label is the shape; the other factors are columns: `scale`, the square root of the area, and
    `position_x` and `position_y`, of the centre from the left and from the top, in pixels; `rotation`,
    anticlockwise, and `hue` in degrees. Every combination is there once, so that the factors are
    independent. A fifth, always the same, is for testing: 8,295 / 2,073.

    Example:
        >>> data = shapes()
        >>> data.x_train.shape, sorted(data.columns_test)
        ((8295, 32, 32, 3), ['hue', 'position_x', 'position_y', 'rotation', 'scale'])
    """
    factors = factor_grid()
    images = render_shapes(factors)
    # The bits of PCG64 are the same in every version of NumPy; permutations need not be.
    order = np.argsort(np.random.PCG64(0).random_raw(len(factors)), kind="stable")
    test, train = np.split(order, [int(_TEST_SHARE * len(factors))])

    def columns(rows: np.ndarray) -> dict[str, np.ndarray]:
        return {name: factors[rows, i] for i, name in enumerate(FACTORS) if name != "shape"}

    return Dataset(
        "shapes",
        images[train],
        factors[train, 0].astype("int64"),
        images[test],
        factors[test, 0].astype("int64"),
        columns(train),
        columns(test),
        label_names=SHAPES,
    )


def factor_grid() -> np.ndarray:
    """Every combination of the values of `FACTORS`, the last factor moving fastest: `(10368, 6)`, float32.

    The squares look alike after 90°, so that the angles end halfway, at 45°, and one number can hold their
    order for every shape; the hues end at blue, before they come back to red.
    """
    return np.array(list(itertools.product(*FACTORS.values())), "float32")


def render_shapes(factors: np.ndarray) -> np.ndarray:
    """The image of each row of factors, in the order and the units of `FACTORS`; values between are fine.

    A pixel's brightness is the share of its 4×4 points that lie inside the shape.

    Args:
        factors: `(n, 6)`.

    Returns:
        `(n, 32, 32, 3)`, uint8.

    Example:
        >>> red_square = render_shapes(np.array([[0, 9, 0, 16.5, 16.5, 0]]))[0]
        >>> red_square[16, 16].tolist(), int((red_square[..., 0] == 255).sum()), red_square[0, 0].tolist()
        ([255, 0, 0], 81, [0, 0, 0])
    """
    outlines, which = np.unique(factors[:, :5], axis=0, return_inverse=True)
    masks = np.stack([_mask(int(shape), *map(float, outline)) for shape, *outline in outlines])
    images = np.empty((len(factors), SIZE, SIZE, 3), "uint8")
    for hue in np.unique(factors[:, 5]):
        rows = np.flatnonzero(factors[:, 5] == hue)
        brightest = 255 * np.array(colorsys.hsv_to_rgb(float(hue) / 360, 1, 1))
        images[rows] = np.rint(masks[which.ravel()[rows], ..., None] * brightest)
    return images


def _mask(shape: int, scale: float, rotation: float, x: float, y: float) -> np.ndarray:
    """How much of each pixel the shape covers, `(32, 32)`, from 0 to 1."""
    points = (np.arange(SIZE * _SUBPIXELS) + 0.5) / _SUBPIXELS
    right, up = (points[None, :] - x) / scale, (y - points[:, None]) / scale
    turn = np.deg2rad(rotation)
    u = np.cos(turn) * right + np.sin(turn) * up
    v = np.cos(turn) * up - np.sin(turn) * right
    inside = _INSIDE[shape](u, v)
    return inside.reshape(SIZE, _SUBPIXELS, SIZE, _SUBPIXELS).mean(axis=(1, 3))


def _square(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(u), np.abs(v)) < 0.5


def _ellipse(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """With axes as 5 to 3."""
    return 3 / 5 * u**2 + 5 / 3 * v**2 < 1 / np.pi


def _heart(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """(u² + v² − 1)³ < u² v³, made as large as the others, its box around the origin."""
    u, v = _HEART_SIDE * u, _HEART_SIDE * v + _HEART_MIDDLE
    return (u**2 + v**2 - 1) ** 3 < u**2 * v**3


_INSIDE = (_square, _ellipse, _heart)
# Of the curve in its own units: the square root of its area, and the middle between its ends in v.
_HEART_SIDE, _HEART_MIDDLE = 1.9134, 0.1182
