"""Numbers → classes, which entropies and groups are made of."""

import numpy as np

#: Into how many bins numbers go (Locatello et al., 2019).
NUM_BINS = 20


def equal_width(values: np.ndarray) -> np.ndarray:
    """The bin of each value, of 20 that are equally wide between the smallest and the largest.

    This is how the codes are binned in what is published. Where there are 20 different values or fewer,
    each of them is a bin, however far apart they lie.

    Args:
        values: `(n,)`, finite.

    Returns:
        `(n,)`, integers from 0 to 19.

    Example:
        >>> equal_width(np.linspace(0.0, 1.0, 41) ** 2)[::5].tolist()
        [0, 0, 1, 2, 5, 7, 11, 15, 19]
        >>> equal_width(np.array([1.0, 2.0, 1000.0, 2.0])).tolist()
        [0, 1, 2, 1]
    """
    found, classes = np.unique(values, return_inverse=True)
    if len(found) <= NUM_BINS:
        return classes
    low, high = found[0], found[-1]
    return np.minimum(NUM_BINS * (values - low) / (high - low), NUM_BINS - 1).astype(int)


def equal_frequency(values: np.ndarray) -> np.ndarray:
    """The bin of each value, of 20 that hold equally many, but for equal values, which stay together.

    This is how continuous factors are binned, so that a few large values cannot put all others into one
    bin. Where there are 20 different values or fewer, each of them is a bin.

    Args:
        values: `(n,)`, finite.

    Returns:
        `(n,)`, integers from 0 to at most 19, none of them left out.

    Example:
        >>> np.bincount(equal_frequency(np.exp(np.arange(100.0)))).tolist() == 20 * [5]
        True
    """
    found, classes = np.unique(values, return_inverse=True)
    if len(found) <= NUM_BINS:
        return classes
    edges = np.quantile(values, np.arange(1, NUM_BINS) / NUM_BINS)
    return np.unique(np.searchsorted(edges, values), return_inverse=True)[1]
