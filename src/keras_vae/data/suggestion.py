"""A setting that data suggest."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Suggestion:
    """A setting, and why.

    Args:
        setting: of a run, such as "likelihood".
        value: for it.
        reason: one sentence.
    """

    setting: str
    value: Any
    reason: str


def components_for(rows: np.ndarray, share: float, least: int, most: int) -> Suggestion:
    """As many latent units as principal components hold a share of the variance of rows, `(n, d)`.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(1000, 4)) * [10, 10, 1, 1]
        >>> components_for(rows, 0.9, least=1, most=10).value
        2
    """
    rows = rows.astype("float64")
    variances = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False) ** 2
    shares = np.cumsum(variances) / max(variances.sum(), np.finfo("float64").tiny)
    needed = int(np.searchsorted(shares, share)) + 1
    held = f"{share:.0%}".replace("%", " %")
    reason = (
        f"{needed} principal components hold {held} of the variance, and a network packs more into as many"
    )
    return Suggestion("latent_dim", int(np.clip(needed, least, most)), reason)


def batch_size_for(num_train: int, largest: int = 256) -> Suggestion:
    """The largest power of two from 16 to `largest` that makes a hundred steps an epoch, or else 16.

    Example:
        >>> [batch_size_for(rows).value for rows in (150, 4500, 1_000_000)]
        [16, 32, 256]
    """
    size = next((size for size in (256, 128, 64, 32) if size <= largest and num_train >= 100 * size), 16)
    return Suggestion("batch_size", size, f"{-(-num_train // size):,} steps an epoch")
