"""Random numbers that are the same on every machine, with every back end and every version."""

import math
from collections.abc import Sequence

import numpy as np


def fixed_uniforms(seed: int | Sequence[int], shape: Sequence[int]) -> np.ndarray:
    """Uniform numbers in [0, 1), from the raw bits of PCG64 (O'Neill, 2014).

    NumPy promises the bits for ever, and not what its distributions make of them; here a number is the
    upper 53 of 64 bits.

    Args:
        seed: one or several integers of 0 or more.
        shape: of the result, float64.

    Example:
        >>> fixed_uniforms(0, (3,)).round(4).tolist()
        [0.637, 0.2698, 0.041]
    """
    bits = np.random.PCG64(seed).random_raw(math.prod(shape))
    return ((bits >> np.uint64(11)) * 2.0**-53).reshape(shape)
