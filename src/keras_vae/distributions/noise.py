"""The noise that samples are made of."""

from functools import cache
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.distributions.precision import Tensor


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
        seed: an integer, a `keras.random.SeedGenerator`, or a `FixedNoise`.
    """
    if not isinstance(seed, FixedNoise):
        return _part_of_replica(shape, dtype, seed)
    points = seed.points(1 if len(shape) == 2 else int(shape[0]), int(shape[-1]))
    noise = ops.cast(points, dtype or keras.config.floatx())
    return ops.broadcast_to(noise if len(shape) == 2 else noise[:, None], shape)


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
    import tensorflow as tf  # type: ignore[import-untyped]

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
