"""Where examples lie in the latent space, in two dimensions."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.tasks.embed import embed
from keras_vae.vae import VAE


@dataclass(frozen=True)
class LatentMap:
    """Points on a plane, and what the plane is.

    Args:
        points: `(n, 2)`.
        axes: what the two axes are called.
    """

    points: np.ndarray
    axes: tuple[str, str]


def latent_map(model: VAE, x: Any) -> LatentMap:
    """The posterior means of `x` on a plane.

    Two latent units are the plane; more are projected onto their first two principal components;
    a single one is drawn against itself along the diagonal.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions.
    """
    codes = embed(model, x)
    if model.latent_dim == 1:
        return LatentMap(np.repeat(codes, 2, axis=1), ("z₁", "z₁"))
    if model.latent_dim == 2:
        return LatentMap(codes, ("z₁", "z₂"))
    points, shares = principal_plane(codes)
    first, second = (
        f"principal component {i + 1} ({share:.0%} of the variance)" for i, share in enumerate(shares)
    )
    return LatentMap(points, (first, second))


def principal_plane(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The projection onto the plane of the greatest variance, and each axis's share of the whole.

    Args:
        codes: `(n, d)`, d at least 2.

    Returns:
        `(n, 2)` and `(2,)`; see `principal_directions`.

    Example:
        >>> points, shares = principal_plane(np.diag([3.0, 2.0, 0.0]))
        >>> shares.round(2).tolist()
        [0.8, 0.2]
    """
    plane, shares = principal_directions(codes)
    centred = (codes - codes.mean(axis=0)).astype("float64")
    return (centred @ plane).astype("float32"), shares


def principal_directions(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two directions of the greatest variance, and each one's share of the whole.

    Args:
        codes: `(n, d)`, d at least 2.

    Returns:
        `(d, 2)`, orthonormal, and `(2,)`. The largest coefficient of a direction is positive.

    Example:
        >>> directions, shares = principal_directions(np.array([[0.0, 3.0], [0.0, -3.0], [1.0, 0.0]]))
        >>> np.abs(directions).round(1).tolist(), shares.round(2).tolist()
        ([[0.0, 1.0], [1.0, 0.0]], [0.96, 0.04])
    """
    centred = (codes - codes.mean(axis=0)).astype("float64")
    variances, directions = np.linalg.eigh(centred.T @ centred)
    plane = directions[:, ::-1][:, :2]
    plane = plane * np.sign(plane[np.abs(plane).argmax(axis=0), [0, 1]])
    total = max(variances.sum(), np.finfo("float64").tiny)
    return plane, variances[::-1][:2] / total
