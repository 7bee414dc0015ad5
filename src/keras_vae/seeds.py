"""Seeds from a seed, so that a model is the same each time it is built."""

from collections.abc import Iterator

import keras
import numpy as np


def child_seeds(seed: int | None) -> Iterator[int | None]:
    """An endless supply of independent seeds derived from one; of `None` for `None`.

    `None` leaves the choice to Keras's own global seed.

    Example:
        >>> supply = child_seeds(0)
        >>> next(supply) == next(supply)
        False
    """
    generator = None if seed is None else np.random.default_rng(seed)
    while True:
        yield None if generator is None else int(generator.integers(2**31))


def glorot_uniforms(seed: int | None) -> Iterator[keras.Initializer]:
    """An endless supply of Glorot-uniform initialisers, Keras's default for kernels, one a kernel.

    Example:
        >>> supply = glorot_uniforms(0)
        >>> first, second = next(supply)((2, 2)), next(supply)((2, 2))
        >>> bool(keras.ops.any(first == second))
        False
    """
    for child in child_seeds(seed):
        yield keras.initializers.GlorotUniform(seed=child)
