"""Several independent draws from one seed."""

import itertools
from collections.abc import Iterator
from typing import Any

import keras

from keras_vae.distributions.noise import GivenNoise
from keras_vae.seeds import child_seeds


def independent_seeds(seed: Any) -> Iterator[Any]:
    """An endless supply of seeds for the draws inside one `sample`.

    Keras repeats the same numbers for the same integer: two draws that share it would not be
    independent. A `SeedGenerator` moves on by itself.

    Args:
        seed: an integer, a `keras.random.SeedGenerator`, a `GivenNoise`, or `None` for Keras's global seed.

    Example:
        >>> supply = independent_seeds(0)
        >>> next(supply) == next(supply)
        False
    """
    if seed is None or isinstance(seed, keras.random.SeedGenerator | GivenNoise):
        return itertools.repeat(seed)
    return child_seeds(seed)
