"""How far apart the values of a column are in two tables."""

import numpy as np


def marginal_distance(a: np.ndarray, b: np.ndarray, is_class: bool) -> float:
    """The distance between the distributions of a column in two tables, from 0 to 1.

    Numbers: Kolmogorov and Smirnov's `sup |F_a(x) − F_b(x)|`, the largest difference of the two empirical
    distribution functions. Classes: the total variation `½ Σ_k |p_a(k) − p_b(k)|`, the share of rows that
    would have to change. What is missing is left out; NaN where nothing remains of either.

    Args:
        a: `(n,)`, NaN for what is missing.
        b: `(m,)`, likewise.
        is_class: whether the values are numbers of classes.

    Example:
        >>> marginal_distance(np.array([1.0, 2.0, np.nan]), np.array([2.0, 3.0]), is_class=False)
        0.5
        >>> marginal_distance(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0]), is_class=True)
        0.5
    """
    known = [np.sort(each[~np.isnan(each)]) for each in (np.asarray(a), np.asarray(b))]
    if not all(map(len, known)):
        return float("nan")
    values = np.unique(np.concatenate(known))
    below, up_to = (
        [np.searchsorted(each, values, side) / len(each) for each in known] for side in ("left", "right")
    )
    if is_class:
        shares = [high - low for low, high in zip(below, up_to, strict=True)]
        return float(np.abs(shares[0] - shares[1]).sum() / 2)
    return float(np.abs(up_to[0] - up_to[1]).max())
