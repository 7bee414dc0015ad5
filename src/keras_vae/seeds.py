"""Seeds from a seed, so that a model is the same each time it is built, and noise that is saved with it."""

from collections.abc import Iterator
from typing import Any

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


class SeededLayer(keras.layers.Layer):
    """A layer with a source of noise, whose state is saved with the model.

    Keras leaves the state of a seed generator out: a model loaded back would repeat its noise.

    Args:
        seed: an integer makes the noise repeatable.
        **kwargs: arguments of `keras.layers.Layer`.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.built = True

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        store["noise"] = keras.ops.convert_to_numpy(self.seed_generator.state)

    def load_own_variables(self, store: Any) -> None:
        self.seed_generator.state.assign(store["noise"][()])
        super().load_own_variables({name: store[name] for name in list(store.keys()) if name != "noise"})

    def get_config(self) -> dict:
        """The arguments that rebuild this layer."""
        return {**super().get_config(), "seed": self.seed}
