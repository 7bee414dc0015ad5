"""The noise that samples are made of."""

import math
from functools import cache
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.distributions.precision import Tensor
from keras_vae.errors import InvalidArgumentError


class GivenNoise:
    """In the place of a seed: numbers that somebody else has drawn, each used once.

    What is computed with it is a function of its inputs alone, and can leave Keras as one. Draws are of
    one example in each row: their first axis is the batch.

    Args:
        noise: `(batch, count)`, independent N(0, 1) numbers.

    Raises:
        InvalidArgumentError: out of a draw, if too few are left.

    Example:
        >>> noise = GivenNoise(ops.convert_to_tensor([[-1.0, 0.0, 1.0]]))
        >>> print(ops.convert_to_numpy(normal_noise((1, 2), seed=noise)), noise.used)
        [[-1.  0.]] 2
    """

    def __init__(self, noise: Tensor) -> None:
        self.noise = noise
        self.used = 0

    def normal(self, shape: tuple) -> Tensor:
        """The next numbers of each row, in this shape, `(batch, …)`."""
        size = math.prod(int(each) for each in shape[1:])
        start, self.used = self.used, self.used + size
        if self.used > self.noise.shape[-1]:
            raise InvalidArgumentError(
                f"{self.noise.shape[-1]} numbers of noise an example are too few for what is drawn of them."
            )
        return ops.reshape(self.noise[:, start : self.used], (-1, *shape[1:]))


class FixedNoise:
    """In the place of a seed: the same noise for every example of a batch, in every batch and process.

    What is computed with it for one example does not depend on what stands beside it. The noise is
    quasi-random: scrambled Sobol points through the quantiles of the normal distribution, which are spread
    more evenly than independent draws, so that means over them err less (Owen, 1997).

    Args:
        seed: of the scrambling.

    Example:
        >>> noise = normal_noise((2, 3, 1), seed=FixedNoise(0))
        >>> bool(ops.all(noise[:, 0] == noise[:, 2])), bool(ops.all(noise[0] == noise[1]))
        (True, False)
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def points(self, num_samples: int, dim: int) -> np.ndarray:
        """So many points of N(0, I), `(num_samples, dim)`, float32."""
        return _sobol_normal(num_samples, dim, self.seed)


def normal_noise(shape: tuple, dtype: str | None = None, seed: Any = None) -> Tensor:
    """Independent N(0, 1) numbers, as `keras.random.normal`; or those of a `FixedNoise`.

    Args:
        shape: `(num_samples, batch, dim)` or `(batch, dim)` for a `FixedNoise` and under a strategy of
            TensorFlow, any otherwise.
        dtype: the type of the numbers; Keras's default if left out.
        seed: an integer, a `keras.random.SeedGenerator`, a `FixedNoise`, or a `GivenNoise`.
    """
    if isinstance(seed, GivenNoise):
        return ops.cast(seed.normal(shape), dtype or keras.config.floatx())
    if not isinstance(seed, FixedNoise):
        return _part_of_replica(shape, dtype, seed)
    points = seed.points(1 if len(shape) == 2 else int(shape[0]), int(shape[-1]))
    noise = ops.cast(points, dtype or keras.config.floatx())
    return ops.broadcast_to(noise if len(shape) == 2 else noise[:, None], shape)


def uniform_noise(
    shape: tuple, low: float = 0.0, high: float = 1.0, dtype: str | None = None, seed: Any = None
) -> Tensor:
    """Independent numbers, even between `low` and `high`, as `keras.random.uniform`; or of a `GivenNoise`.

    Args:
        shape: of the numbers.
        low: their lower end.
        high: their upper end.
        dtype: their type; Keras's default if left out.
        seed: an integer, a `keras.random.SeedGenerator`, or a `GivenNoise`, whose numbers go through their
            distribution function.
    """
    if not isinstance(seed, GivenNoise):
        return keras.random.uniform(shape, low, high, dtype=dtype, seed=seed)
    share = 0.5 + 0.5 * ops.erf(normal_noise(shape, dtype, seed) / math.sqrt(2.0))
    # In float32 the distribution function reaches one at 5.5.
    share = ops.clip(share, 2.0**-24, 1.0 - 2.0**-24)
    return low + (high - low) * share


def choice_noise(logits: Tensor, count: Any, seed: Any = None) -> Tensor:
    """So many independent choices with probabilities softmax(logits), `(count,)` integers.

    Args:
        logits: `(num_categories,)`.
        count: how many.
        seed: as for `uniform_noise`.

    Example:
        >>> noise = GivenNoise(ops.convert_to_tensor([[-1.0], [0.0], [1.0]]))
        >>> ops.convert_to_numpy(choice_noise(ops.zeros(3), 3, noise)).tolist()
        [0, 1, 2]
    """
    if not isinstance(seed, GivenNoise):
        return keras.random.categorical(logits[None], count, dtype="int32", seed=seed)[0]
    below = ops.cumsum(ops.exp(ops.log_softmax(logits)))[:-1]
    uniform = uniform_noise((count, 1), dtype=logits.dtype, seed=seed)
    return ops.sum(ops.cast(uniform > below, "int32"), axis=-1)


def _part_of_replica(shape: tuple, dtype: str | None, seed: Any) -> Tensor:
    """Normal numbers; under a strategy of TensorFlow, this replica's part of those of the whole batch.

    Every replica has the same seed, and would give its examples the same noise as the others give theirs.
    """
    replica, replicas = _replica()
    if replicas == 1:
        return keras.random.normal(shape, dtype=dtype, seed=seed)
    *before, rows, dim = shape
    whole = keras.random.normal((*before, rows * replicas, dim), dtype=dtype, seed=seed)
    return whole[..., replica * rows : (replica + 1) * rows, :]


def _replica() -> tuple[Any, int]:
    if keras.config.backend() != "tensorflow":
        return 0, 1
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return (0, 1) if context is None else (context.replica_id_in_sync_group, context.num_replicas_in_sync)


@cache
def _sobol_normal(num_samples: int, dim: int, seed: int) -> np.ndarray:
    from scipy.special import ndtri
    from scipy.stats import qmc

    # The sequence is balanced in powers of two; fewer are its beginning.
    log_count = max(num_samples - 1, 0).bit_length()
    uniform = qmc.Sobol(dim, rng=seed).random_base2(log_count)[:num_samples]
    # A coordinate may be 0 exactly, whose quantile is −∞.
    return ndtri(np.clip(uniform, 2.0**-31, 1.0 - 2.0**-31)).astype("float32")
