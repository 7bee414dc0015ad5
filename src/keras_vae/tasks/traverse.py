"""What each latent unit does: it alone is moved, and what comes of it is decoded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.arguments import positive_integer
from keras_vae.errors import InvalidArgumentError
from keras_vae.tasks.diagnose import ACTIVE_VARIANCE, diagnose
from keras_vae.tasks.embed import embed
from keras_vae.tasks.interpolate import check_code
from keras_vae.tasks.sample import decode
from keras_vae.vae import VAE

_LOWEST, _HIGHEST = 0.005, 0.995


@dataclass(frozen=True)
class Traversal:
    """Units in order, the most informative first, and what their values decode to.

    Args:
        units: which latent units, counted from 0, `(num_units,)`.
        kl: the mean of each one's KL to the prior over the data, in nats, `(num_units,)`; `None` where
            posterior and prior do not split into units.
        variance_of_means: the variance of each one's posterior means over the data, `(num_units,)`.
        active: whether that is more than 0.01; a unit that is not is dead, and carries nothing.
        values: what each unit is set to, `(num_units, steps)`.
        frames: what becomes of it, `(num_units, steps, *event)`, in the units of the raw data.
    """

    units: np.ndarray
    kl: np.ndarray | None
    variance_of_means: np.ndarray
    active: np.ndarray
    values: np.ndarray
    frames: np.ndarray


def traverse(
    model: VAE,
    x: Any,
    start: np.ndarray | None = None,
    steps: int = 9,
    num_units: int | None = None,
    seed: int = 0,
    conditions: Mapping[str, Any] | None = None,
) -> Traversal:
    """Move one latent unit at a time through the range of its codes, with the others held, and decode.

    The range is from the 0.5 % to the 99.5 % quantile of one z ~ q(z|x) of each example, which of a dead
    unit are those of the prior; its steps are even. The units come by their KL, or, where that does not
    split into units, by the variance of their posterior means. On the sphere a unit is set to a value and
    the others are stretched or shrunk together, so that codes stay on it.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions: what the ranges and the order are of.
        start: where the others are held, `(latent_dim,)`; the mean of the codes if left out.
        steps: how many values of each unit, at least 2.
        num_units: how many units at most, the first in that order; all if left out.
        seed: of the samples of z.
        conditions: a value for any of the model's conditions, to decode under; those left out are unknown.

    Raises:
        InvalidArgumentError: if there are fewer than 2 steps, if `num_units` is no positive integer, or if
            `start` is a code of another size.
    """
    if steps < 2:
        raise InvalidArgumentError(f"A range needs at least its 2 ends. Received: steps={steps}")
    if start is not None:
        check_code(model, start)
    found = diagnose(model, x, seed)
    codes = embed(model, x, num_samples=1, seed=seed)[:, 0]
    variance = np.array(found.variance_of_means)
    kl = None if found.kl_per_unit is None else np.array(found.kl_per_unit)
    units = np.argsort(-(variance if kl is None else kl), kind="stable")
    if num_units is not None:
        units = units[: positive_integer("num_units", num_units)]
    lowest, highest = np.quantile(codes[:, units], (_LOWEST, _HIGHEST), axis=0)
    values = np.linspace(lowest, highest, steps, axis=1)
    held = codes.mean(axis=0) if start is None else np.asarray(start)
    move = _moved_on_sphere if model.posterior.space == "sphere" else _moved
    moved = [move(held, unit, each) for unit, each in zip(units, values, strict=True)]
    frames = decode(model, np.concatenate(moved).astype("float32"), conditions)
    return Traversal(
        units=units,
        kl=None if kl is None else kl[units],
        variance_of_means=variance[units],
        active=variance[units] > ACTIVE_VARIANCE,
        values=values,
        frames=frames.reshape(*values.shape, *frames.shape[1:]),
    )


def _moved(start: np.ndarray, unit: int, values: np.ndarray) -> np.ndarray:
    """`start` with other values of one unit, `(steps, latent_dim)`."""
    codes = np.tile(start.astype("float64"), (len(values), 1))
    codes[:, unit] = values
    return codes


def _moved_on_sphere(start: np.ndarray, unit: int, values: np.ndarray) -> np.ndarray:
    """Likewise, with the others of such a length that the whole has length one."""
    others = _moved(start, unit, np.zeros(1))[0]
    if not others.any():
        others[unit - 1] = 1.0  # at a pole all directions are equal
    height = np.clip(values, -1.0, 1.0)
    codes = np.sqrt(1.0 - height**2)[:, None] * others / np.linalg.norm(others)
    codes[:, unit] = height
    return codes
