"""A plane through the latent space, on which every place has a code."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import ndimage

from keras_vae.errors import InvalidArgumentError
from keras_vae.tasks.latent_map import principal_directions

_CELLS = 64
_BLUR = 1.5
_MARGIN = 0.04


@dataclass(frozen=True, eq=False)
class Plane:
    """Codes on a plane, and the way back.

    A plane leaves most directions open. The code of a place has in them what the codes around it have on
    average, so that what is decoded there looks like the items there, and not like the mean of all.

    Args:
        codes: `(n, d)`.
        units: two latent units, counted from 0; the principal components by default.
        on_sphere: whether codes have length 1.

    Raises:
        InvalidArgumentError: if there is no such unit.

    Example:
        >>> codes = np.random.default_rng(0).normal(size=(500, 2))
        >>> plane = Plane(codes)
        >>> bool(np.allclose(plane.codes_at(plane.points), codes, atol=1e-5))
        True
    """

    codes: np.ndarray
    units: tuple[int, int] | None = None
    on_sphere: bool = False
    _axes: np.ndarray = field(init=False)
    _centre: np.ndarray = field(init=False)
    names: tuple[str, str] = field(init=False)

    def __post_init__(self) -> None:
        dimensions = self.codes.shape[1]
        for unit in self.units or ():
            if not 0 <= unit < dimensions:
                raise InvalidArgumentError(
                    f"This model has the units 1 to {dimensions}: {unit + 1} is none."
                )
        centre, units = np.zeros(dimensions), self.units
        if units is None and dimensions <= 2:
            units = (0, dimensions - 1)
        if units is None:
            axes, shares = principal_directions(self.codes)
            centre = self.codes.mean(axis=0, dtype="float64")
            names = tuple(f"component {i + 1} ({share:.0%} of variance)" for i, share in enumerate(shares))
        else:
            axes = np.eye(dimensions)[list(units)].T
            names = tuple(f"z{unit + 1}" for unit in units)
        for name, value in (("_axes", axes), ("_centre", centre), ("names", names)):
            object.__setattr__(self, name, value)

    @cached_property
    def points(self) -> np.ndarray:
        """Where the codes lie, `(n, 2)`, float32."""
        return self.project(self.codes)

    @cached_property
    def extent(self) -> tuple[np.ndarray, np.ndarray]:
        """The lowest and the highest point of what is shown, `(2,)` each, with a margin."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        margin = _MARGIN * np.maximum(high - low, 1e-6)
        return low - margin, high + margin

    def project(self, codes: np.ndarray) -> np.ndarray:
        """Where other codes lie, `(m, d)` → `(m, 2)`, float32."""
        return ((codes - self._centre) @ self._axes).astype("float32")

    def codes_at(self, points: np.ndarray) -> np.ndarray:
        """The codes of places, `(m, 2)` → `(m, d)`, float32."""
        points = np.asarray(points, "float64")
        codes = self._on_plane(points) + self._rest(points)
        if self.on_sphere:
            codes /= np.maximum(np.linalg.norm(codes, axis=1, keepdims=True), 1e-12)
        return codes.astype("float32")

    def grid(self, side: int) -> np.ndarray:
        """The middles of `side`² equal cells of the extent, row by row from the top, `(side², 2)`."""
        low, high = self.extent
        steps = (np.arange(side) + 0.5) / side
        x, y = (low[i] + steps * (high[i] - low[i]) for i in range(2))
        across, down = np.meshgrid(x, y[::-1])
        return np.stack([across.ravel(), down.ravel()], axis=1)

    @cached_property
    def _back(self) -> np.ndarray:
        return np.linalg.pinv(self._axes)

    def _on_plane(self, points: np.ndarray) -> np.ndarray:
        return self._centre + points @ self._back

    def _rest(self, points: np.ndarray) -> np.ndarray:
        places = self._cell_of(points).T
        return np.stack(
            [ndimage.map_coordinates(each, places, order=1, mode="nearest") for each in self._rests],
            axis=1,
        )

    @cached_property
    def _rests(self) -> np.ndarray:
        """What codes have beside their plane, `(d, cells, cells)`: their mean around each cell."""
        rests = self.codes - self._on_plane(self.points.astype("float64"))
        cells = np.round(self._cell_of(self.points)).astype(int).clip(0, _CELLS - 1)
        sums = np.zeros((rests.shape[1] + 1, _CELLS, _CELLS))
        for i, column in enumerate([*rests.T, np.ones(len(rests))]):
            np.add.at(sums[i], (cells[:, 0], cells[:, 1]), column)
        blurred = ndimage.gaussian_filter(sums, (0, _BLUR, _BLUR), mode="constant")
        # Far from all items, where the counts vanish, the mean of all stands in.
        overall = rests.mean(axis=0)[:, None, None]
        prior = 1e-3
        return (blurred[:-1] + prior * overall) / (blurred[-1] + prior)

    def _cell_of(self, points: np.ndarray) -> np.ndarray:
        low, high = self.extent
        return (points - low) / (high - low) * (_CELLS - 1)
