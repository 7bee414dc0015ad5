"""How the numbers of a column are stretched until they look normal, learned from them."""

import math
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from keras_vae.data.batches import spread
from keras_vae.errors import InvalidArgumentError, UnknownNameError

STRETCHES = ("none", "standardize", "log", "quantile")
_NORMAL = NormalDist()
_KNOTS = 100
_DISCRETE = 64
_POINT_MASS = 0.01
# The Kolmogorov-Smirnov distance to a fitted normal is some 0.6/√n for normal numbers.
_NEAR, _NOISE = 0.03, 0.6


@dataclass(frozen=True)
class Stretch:
    """One column's way from raw numbers to what a model sees.

    Args:
        kind: "none"; "standardize", (x − mean)/scale; "log", the same of log(x + shift); or "quantile", the
            normal score of the share of values below, linear between knots (van der Waerden, 1952).
        mean: of the numbers, or of their logarithms.
        scale: likewise, their standard deviation; positive.
        shift: what makes numbers positive.
        values: of a quantile stretch, the knots, never falling; where one stands twice, it is a point mass.
        scores: the normal scores of the knots, never falling.

    Raises:
        UnknownNameError: if there is no such kind.
        InvalidArgumentError: if the scale is not positive, or the knots are not two or more in order.
    """

    kind: str = "none"
    mean: float = 0.0
    scale: float = 1.0
    shift: float = 0.0
    values: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name in ("values", "scores"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.kind not in STRETCHES:
            raise UnknownNameError("stretch", self.kind, STRETCHES)
        in_order = all((np.diff(each) >= 0).all() for each in (self.values, self.scores))
        enough = len(self.values) == len(self.scores) >= 2 or self.kind != "quantile"
        if not (self.scale > 0 and in_order and enough):
            raise InvalidArgumentError(
                "A stretch has a positive scale, and a quantile stretch as many scores as values, two or "
                f"more, in order. Received: scale={self.scale}, {len(self.values)} values, "
                f"{len(self.scores)} scores"
            )

    @property
    def is_linear(self) -> bool:
        """Whether the mean of what is stretched is the stretched mean."""
        return self.kind in ("none", "standardize")

    def get_config(self) -> dict[str, Any]:
        """The arguments, in types that JSON knows."""
        return {**asdict(self), "values": list(self.values), "scores": list(self.scores)}


def fit_stretch(x: np.ndarray, kind: str | None = None) -> Stretch:
    """The stretch for a column of numbers, `(n,)`, none of them missing.

    Unless `kind` says which: standardising, where that makes them normal; the logarithm, where that does
    and they are positive; normal scores otherwise.

    Example:
        >>> generator = np.random.default_rng(0)
        >>> normal = generator.normal(size=1000)
        >>> [fit_stretch(each).kind for each in (normal, np.exp(normal), np.round(np.abs(normal)))]
        ['standardize', 'log', 'quantile']
    """
    if kind not in (None, *STRETCHES):
        raise UnknownNameError("stretch", str(kind), STRETCHES)
    x = np.sort(np.asarray(x, "float64"))
    if kind == "none":
        return Stretch()
    if not len(x) or x[0] == x[-1]:
        return Stretch("standardize", mean=float(x[0]) if len(x) else 0.0)
    near = _NEAR + _NOISE / math.sqrt(len(x))
    if kind == "standardize" or (kind is None and _distance_to_normal(x) <= near):
        return Stretch("standardize", float(x.mean()), float(x.std()))
    if kind == "log" or (kind is None and x[0] >= 0):
        shift = _shift(x)
        logarithms = np.log(x + shift)
        if kind == "log" or _distance_to_normal(logarithms) <= near:
            return Stretch("log", float(logarithms.mean()), float(logarithms.std()), shift)
    return Stretch("quantile", float(x.mean()), float(x.std()), 0.0, *_knots(x))


def _shift(x: np.ndarray) -> float:
    """What makes sorted numbers positive, also in float32."""
    if x[0] > 0:
        return 0.0
    if x[0] < 0:
        return float(max(1.0, -1e-6 * x[0]) - x[0])
    # A table's zeros are often exact; half of the smallest positive number keeps them apart from it.
    return float(x[x > 0].min()) / 2


def _distance_to_normal(x: np.ndarray) -> float:
    """The Kolmogorov-Smirnov distance of sorted numbers to the normal of their mean and deviation."""
    mean, scale = x.mean(), x.std()
    ranks = spread(len(x), 512)
    below = np.array([_NORMAL.cdf((value - mean) / scale) for value in x[ranks]])
    lower, upper = (np.searchsorted(x, x[ranks], side) / len(x) for side in ("left", "right"))
    return float(np.maximum(np.abs(below - lower), np.abs(below - upper)).max())


def _knots(x: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Values and their normal scores: two for a point mass, one for what lies between such."""
    values, counts = np.unique(x, return_counts=True)
    upper = np.cumsum(counts)
    lower = upper - counts
    is_mass = (counts > 1) & ((counts >= _POINT_MASS * len(x)) | (len(values) <= _DISCRETE))
    single = np.flatnonzero(~is_mass)
    chosen = (
        single[np.unique(np.linspace(0, len(single) - 1, _KNOTS).astype(int))] if len(single) else single
    )
    mass = np.flatnonzero(is_mass)
    knots = np.concatenate([values[chosen], values[mass], values[mass]])
    twice_below = np.concatenate([lower[chosen] + upper[chosen], 2 * lower[mass], 2 * upper[mass]])
    order = np.lexsort((knots, twice_below))
    knots, shares = knots[order], twice_below[order] / (2 * len(x))
    edge = 0.5 / len(x)
    scores = [_NORMAL.inv_cdf(min(max(share, edge), 1.0 - edge)) for share in shares]
    return tuple(map(float, knots)), tuple(scores)
