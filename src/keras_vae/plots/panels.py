"""A small panel for a column of a table: a histogram, or a bar for each class."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, MaxNLocator

from keras_vae.plots.canvas import ACCENTS, INK, MUTED, tidy

MOST_CLASSES = 12
_MOST_BINS = 30
_SMALL = 7
_LONGEST = 60
# The part of a panel that the names of classes take, and the fewest classes it is divided among.
_NAMES, _FEWEST_ROWS = 0.5, 4
_DAY = 86_400.0
# The most ticks of a unit of time that fit, and what may lie between two: no step is more than 2.5 times
# the one before, so that at least two ticks remain.
_TICKS = {
    "Y": (5, [step * 10**i for i in range(6) for step in (1, 2, 5)]),
    "M": (4, [1, 2, 3, 6]),
    "D": (3, [1, 2, 4, 8, 16, 32]),
}


def draw_column(
    axes: Axes,
    series: Sequence[np.ndarray],
    title: str,
    note: str,
    width: float,
    classes: Sequence[str] | None = None,
    start: float | None = None,
) -> None:
    """Draw how often each value occurs: the first series filled, one more as a line, or as bars beside it.

    Args:
        axes: to draw on.
        series: one or two arrays, `(n,)`: numbers, numbers of classes, or days; NaN for what is missing.
        title: above the panel, shortened to fit.
        note: small, under the title.
        width: of the panel, in inches.
        classes: what the classes 0, 1, … are called; `None` for numbers.
        start: of dates, day 0 in seconds since 1970.
    """
    known = [np.asarray(each, "float64") for each in series]
    known = [each[np.isfinite(each)] for each in known]
    tidy(axes)
    axes.tick_params(labelsize=_SMALL, length=2.5, pad=2)
    axes.set_title(shortened(title, width, 9), loc="left", pad=13, color=INK, fontsize=9, parse_math=False)
    axes.annotate(note, (0, 1), (0, 3), "axes fraction", "offset points", color=MUTED, fontsize=_SMALL)
    if not any(map(len, known)):
        axes.set(xticks=[], yticks=[])
        axes.spines["left"].set_visible(False)
        axes.text(
            0.5, 0.5, "no values", transform=axes.transAxes, ha="center", color=MUTED, fontsize=_SMALL
        )
    elif classes is not None:
        _draw_classes(axes, known, classes, width)
    else:
        _draw_numbers(axes, [each + (start or 0.0) / _DAY for each in known], start is not None)


def text_width(text: str, size: float) -> float:
    """How wide a text is in inches, at a font size in points."""
    font = FontProperties(size=size)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]) / 72


def shortened(text: str, width: float, size: float) -> str:
    """As much of the text as fits into `width` inches at a font size in points, with … for the rest."""
    text = " ".join(text.split())
    for kept in range(min(len(text), _LONGEST), -1, -1):
        short = text if kept == len(text) else text[:kept].rstrip() + "…"
        if text_width(short, size) <= width:
            return short
    return "…"


def bin_edges(values: np.ndarray) -> np.ndarray:
    """At most 33 equal bins, `(num_bins + 1,)`, around the central 99 % of the values.

    Where the values are whole numbers, or have few decimals, each bin holds equally many of those that are
    possible: with others, bars would come and go with the rounding.
    """
    low, high = np.quantile(values, (0.005, 0.995))
    step = _step(values)
    if step is None:
        room = 0.05 * (high - low) or 0.05 * abs(low) or 1.0
        return np.linspace(low - room, high + room, _MOST_BINS + 1)
    first, last = np.rint(low / step), np.rint(high / step)
    size = math.ceil((last - first + 1) / _MOST_BINS)
    count = math.ceil((last - first + 1) / size)
    return (first - 0.5 + size * np.arange(-1, count + 2)) * step


def date_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Up to five first days of years, months or days, in days since 1970, and how they are written."""
    for unit in _TICKS:
        ends = [np.datetime64(math.floor(each), "D").astype(f"datetime64[{unit}]") for each in (low, high)]
        firsts = np.arange(ends[0] + 1, ends[1] + 1)
        if len(firsts) >= 2:
            break
    most, steps = _TICKS[unit]
    numbers = firsts.astype("int64") + (1970 if unit == "Y" else 0)
    step = next(step for step in steps if (numbers % step == 0).sum() <= most)
    firsts = firsts[numbers % step == 0]
    return firsts.astype("datetime64[D]").astype("float64").tolist(), [str(each) for each in firsts]


def _step(values: np.ndarray) -> float | None:
    """The largest of 1, 0.1, 0.01 and 0.001 of which all values are multiples, or nearly."""
    unique = np.unique(values)
    for step in (1.0, 0.1, 0.01, 0.001):
        whole = np.rint(unique / step)
        is_multiple = np.abs(unique / step - whole).max() < 0.01 and (np.diff(whole) > 0).all()
        if is_multiple and np.abs(whole).max() < 1e6:
            return step
    return None


def _draw_numbers(axes: Axes, series: list[np.ndarray], are_days: bool) -> None:
    known = next(each for each in series if len(each))
    edges = bin_edges(known)
    for i, values in enumerate(series):
        counts = np.histogram(values.clip(edges[0], edges[-1]), edges)[0]
        style: dict[str, Any] = {"linewidth": 1.2} if i else {"fill": True, "alpha": 0.45}
        axes.stairs(counts / max(1, len(values)), edges, color=ACCENTS[i], **style)
    axes.set(xlim=(edges[0], edges[-1]), yticks=[])
    axes.spines["left"].set_visible(False)
    if are_days:
        ticks, labels = date_ticks(edges[0], edges[-1])
        axes.set_xticks(ticks, labels)
    else:
        is_whole = _step(known) == 1.0
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10], integer=is_whole))
        axes.xaxis.get_offset_text().set(size=_SMALL, color=INK)


def _draw_classes(axes: Axes, series: list[np.ndarray], classes: Sequence[str], width: float) -> None:
    counts = [np.bincount(each.astype("int64"), minlength=len(classes)) for each in series]
    shares = np.stack([each / max(1, each.sum()) for each in counts])
    labels = list(classes)
    if len(classes) > MOST_CLASSES:
        often = np.argsort(-shares.max(axis=0), kind="stable")
        kept, rest = np.sort(often[: MOST_CLASSES - 1]), often[MOST_CLASSES - 1 :]
        labels = [*(classes[i] for i in kept), f"other ({len(rest)})"]
        shares = np.concatenate([shares[:, kept], shares[:, rest].sum(axis=1, keepdims=True)], axis=1)
    rows, thickness, top = np.arange(len(labels)), 0.8 / len(shares), 1.05 * shares.max()
    for i, each in enumerate(shares):
        axes.barh(
            rows + (i - (len(shares) - 1) / 2) * thickness,
            each,
            thickness,
            color=ACCENTS[i],
            alpha=0.8 if i else 0.45,
        )
    size = _SMALL if len(labels) <= 8 else _SMALL - 1
    room = _NAMES * width - 0.15
    axes.set_yticks(rows, [shortened(each, room, size) for each in labels], fontsize=size, parse_math=False)
    axes.tick_params(axis="y", length=0)
    space = max(0, _FEWEST_ROWS - len(labels)) / 2 + 0.5
    axes.set(xlim=(-_NAMES / (1 - _NAMES) * top, top), ylim=(len(labels) - 1 + space, -space))
    axes.set_xticks(
        [tick for tick in MaxNLocator(3, steps=[1, 2, 5, 10]).tick_values(0, top) if 0 <= tick <= top]
    )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f} %"))
    # The names stand left of where the bars begin, inside the panel, so that all panels are equally wide.
    axes.spines["left"].set_position(("data", 0))
    axes.spines["bottom"].set_bounds(0, top)
