"""Arrays → inline SVG, in the colours of the page it stands on, light or dark."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from matplotlib.ticker import MaxNLocator

_SMALL, _LARGE = (360, 210), (720, 480)
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 10, 10, 30
#: Colours of classes on the page's style sheet: `.c0` to `.c9`; more classes begin anew.
COLOURS = 10


def line_chart(lines: Mapping[str, Sequence[float]], x_title: str, label: str) -> str:
    """Curves over 1, 2, 3, …; values that are not finite, or far above all that come later, are gaps.

    Args:
        lines: by name; the first is `.c0`.
        x_title: below.
        label: what is seen, for who cannot see it.

    Example:
        >>> line_chart({"test": [3.0, 2.0]}, "epoch", "loss")[:39]
        '<svg viewBox="0 0 360 210" role="img" a'
    """
    count = max(len(each) for each in lines.values())
    # A first epoch far above all others would flatten them.
    later = np.concatenate(
        [np.asarray(each, "float64")[min(count - 1, count // 10) :] for each in lines.values()]
    )
    shown = later[np.isfinite(later)]
    plane = _Plane((1.0, max(count, 2)), _around(shown), whole_x=True)
    paths = []
    for number, (name, line) in enumerate(lines.items()):
        points = [plane.point(i + 1, value) for i, value in enumerate(line) if plane.holds(value)]
        paths.append(
            f'<polyline class="line c{number}" points="{" ".join(points)}"><title>{escape(name)}</title>'
            "</polyline>"
        )
        if len(points) == 1:
            x, y = points[0].split(",")
            paths.append(f'<circle class="dot c{number}" cx="{x}" cy="{y}" r="3"/>')
    return plane.svg(paths, x_title, "", label)


def scatter(points: np.ndarray, classes: np.ndarray, titles: tuple[str, str], label: str) -> str:
    """Points `(n, 2)`, coloured by their classes, `(n,)` integers; an SVG of some 20 bytes a point."""
    plane = _Plane(_around(points[:, 0]), _around(points[:, 1]), size=_LARGE)
    thickness = float(np.clip(150.0 / np.sqrt(len(points) + 1.0), 2.5, 8.0))
    groups = []
    for number in np.unique(classes):
        own = points[classes == number]
        # A line of no length with round ends is a dot: one path for a class is a third of circles.
        dots = "".join(f"M{plane.point(x, y)}h0" for x, y in own)
        groups.append(
            f'<path class="dots c{int(number) % COLOURS}" stroke-width="{thickness:.1f}" d="{dots}"/>'
        )
    return plane.svg(groups, *titles, label)


def bars(heights: Mapping[str, Sequence[float]], ticks: Sequence[str], label: str) -> str:
    """Bars beside one another: a colour for each name, a place for each tick; heights from 0."""
    top = max(max(each) for each in heights.values()) or 1.0
    count = len(ticks)
    plane = _Plane((0.0, float(count)), (0.0, 1.05 * top), ticks_x=False)
    width = 0.8 / len(heights)
    shapes = []
    for number, (name, own) in enumerate(heights.items()):
        for place, height in enumerate(own):
            left, right = plane.x(place + 0.1 + width * number), plane.x(place + 0.1 + width * (number + 1))
            y = plane.y(height)
            shapes.append(
                f'<rect class="bar c{number}" x="{left:.1f}" y="{y:.1f}" width="{right - left:.1f}" '
                f'height="{plane.y(0.0) - y:.1f}"><title>{escape(name)}, {escape(ticks[place])}: '
                f"{height:.1%}</title></rect>"
            )
    every = -(-count // 6)
    for place in range(0, count, every):
        text = ticks[place] if len(ticks[place]) <= 9 else ticks[place][:8] + "…"
        shapes.append(
            f'<text class="tick" x="{plane.x(place + 0.5):.1f}" y="{plane.height - _BOTTOM + 14}" '
            f'text-anchor="middle">{escape(text)}</text>'
        )
    return plane.svg(shapes, "", "", label)


def _around(values: np.ndarray) -> tuple[float, float]:
    if not len(values):
        return 0.0, 1.0
    low, high = float(np.min(values)), float(np.max(values))
    margin = 0.04 * (high - low) or max(0.5, 0.01 * abs(high))
    return low - margin, high + margin


class _Plane:
    """A frame with ticks, and where a point lies in it."""

    def __init__(
        self,
        x_range: tuple[float, float],
        y_range: tuple[float, float],
        whole_x: bool = False,
        ticks_x: bool = True,
        size: tuple[int, int] = _SMALL,
    ) -> None:
        self._width, self.height = size
        self._x, self._y = x_range, y_range
        self._ticks_x = MaxNLocator(6, integer=whole_x).tick_values(*x_range) if ticks_x else []
        self._ticks_y = MaxNLocator(5).tick_values(*y_range)

    def x(self, value: float) -> float:
        low, high = self._x
        return _LEFT + (value - low) / (high - low) * (self._width - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        low, high = self._y
        return self.height - _BOTTOM - (value - low) / (high - low) * (self.height - _TOP - _BOTTOM)

    def holds(self, y: float) -> bool:
        return self._y[0] <= y <= self._y[1]

    def point(self, x: float, y: float) -> str:
        return f"{self.x(x):.1f},{self.y(y):.1f}"

    def svg(self, shapes: list[str], x_title: str, y_title: str, label: str) -> str:
        frame = []
        for value in self._ticks_y:
            if self.holds(value):
                y = self.y(value)
                frame.append(f'<path class="rule" d="M{_LEFT} {y:.1f}H{self._width - _RIGHT}"/>')
                frame.append(
                    f'<text class="tick" x="{_LEFT - 6}" y="{y + 3.5:.1f}" text-anchor="end">'
                    f"{value:g}</text>"
                )
        for value in self._ticks_x:
            if self._x[0] <= value <= self._x[1]:
                frame.append(
                    f'<text class="tick" x="{self.x(value):.1f}" y="{self.height - _BOTTOM + 14}" '
                    f'text-anchor="middle">{value:g}</text>'
                )
        middle = (_LEFT + self._width - _RIGHT) / 2
        if x_title:
            frame.append(
                f'<text class="axis" x="{middle}" y="{self.height - 3}" text-anchor="middle">'
                f"{escape(x_title)}</text>"
            )
        if y_title:
            frame.append(
                f'<text class="axis" transform="translate(10 {(self.height - _BOTTOM) / 2}) rotate(-90)" '
                f'text-anchor="middle">{escape(y_title)}</text>'
            )
        return (
            f'<svg viewBox="0 0 {self._width} {self.height}" role="img" aria-label="{escape(label)}">'
            + "".join([*frame, *shapes])
            + "</svg>"
        )
