"""What the figures share: an empty figure, and images laid edge to edge."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#1f2933"
MUTED = "#7b8794"
ACCENTS = ("#0b6e99", "#d9730d", "#448361")


def new_figure(width: float, height: float) -> Figure:
    """A figure in inches, drawn without pyplot: no window, no global state."""
    return Figure(figsize=(width, height), dpi=150, layout="constrained", facecolor="white")


def tidy(axes: Axes) -> None:
    """Leave the two axes that are read, in a quiet colour."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)
    axes.tick_params(colors=MUTED, labelcolor=INK, labelsize=9)


def scaled(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """`(…, channels)` in [0, 1]; where channels are neither grey nor colours, their mean."""
    low, high = value_range
    shades = np.clip((np.asarray(images, "float32") - low) / (high - low), 0.0, 1.0)
    return shades if shades.shape[-1] in (1, 3, 4) else shades.mean(axis=-1, keepdims=True)


def pixels_of(images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """`scaled` as bytes, `(…, 1 or 3)`: without transparency."""
    found = np.round(255.0 * scaled(images, value_range)).astype("uint8")
    return found[..., :3] if found.shape[-1] == 4 else found


def show_image(axes: Axes, image: np.ndarray, value_range: tuple[float, float]) -> None:
    """Draw `(height, width, channels)` without axes: grey for one channel, colour for three or four."""
    shades = scaled(image, value_range)
    axes.imshow(shades[..., 0] if shades.shape[-1] == 1 else shades, cmap="gray", vmin=0, vmax=1)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def mosaic(images: np.ndarray, gap: int = 0, blank: float = 0.0) -> np.ndarray:
    """`(rows, columns, height, width, channels)` as one image, with `gap` pixels of `blank` between."""
    rows, columns, height, width, channels = images.shape
    canvas = np.full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, channels),
        blank,
        "float32",
    )
    for row in range(rows):
        for column in range(columns):
            top, left = row * (height + gap), column * (width + gap)
            canvas[top : top + height, left : left + width] = images[row, column]
    return canvas


def show_rows(axes: Axes, images: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """Draw `(rows, columns, height, width, channels)`, white between; returns the middle of each row."""
    rows, _, height, width, _ = images.shape
    gap = max(1, width // 14)
    show_image(axes, mosaic(images, gap, value_range[1]), value_range)
    return np.arange(rows) * (height + gap) + 0.5 * (height - 1)


def cell_width(columns: int) -> float:
    """Inches for each of so many images beside one another."""
    return min(0.9, 14.0 / columns)
