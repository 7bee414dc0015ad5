"""A path between two latent codes, or between two examples, decoded."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import tree

from keras_vae.errors import InvalidArgumentError, UnknownNameError
from keras_vae.tasks.embed import embed
from keras_vae.tasks.sample import decode
from keras_vae.vae import VAE

METHODS = ("linear", "spherical")


def interpolate(
    model: VAE,
    start: np.ndarray,
    end: np.ndarray,
    steps: int = 10,
    method: str = "linear",
    conditions: Mapping[str, Any] | None = None,
) -> np.ndarray:
    """Decode `steps` points on the way from one latent code to another, both ends included.

    Args:
        model: a trained model.
        start: `(latent_dim,)`.
        end: `(latent_dim,)`.
        steps: how many points, at least 2.
        method: "linear", the straight line; or "spherical", the great arc (Shoemake, 1985), which
            keeps to lengths that the prior makes likely, where a straight line in many dimensions
            passes too near the origin.
        conditions: a value for any of the model's conditions; those left out are unknown.

    Returns:
        `(steps, *event)`, float32, in the units of the raw data.

    Raises:
        InvalidArgumentError: if there are fewer than 2 steps or a code of another size.
        UnknownNameError: if there is no such method.
    """
    for code in (start, end):
        check_code(model, code)
    return decode(model, latent_path(start, end, steps, method), conditions)


def interpolate_inputs(
    model: VAE, start: Any, end: Any, steps: int = 10, method: str = "linear"
) -> np.ndarray:
    """`interpolate` between the posterior means of two examples, each of shape `(*event,)`.

    They may be dicts with `x` and conditions: the way is then decoded under those on which both agree,
    and the others are left open.
    """
    first, last = (
        embed(model, tree.map_structure(lambda each: np.asarray(each)[None], example))[0]
        for example in (start, end)
    )
    return interpolate(model, first, last, steps, method, shared_conditions(start, end))


def shared_conditions(start: Any, end: Any) -> dict[str, Any]:
    """The conditions on which two examples agree.

    Example:
        >>> shared_conditions({"x": 0, "label": 3, "age": 40}, {"x": 1, "label": 3, "age": 50})
        {'label': 3}
    """
    if not (isinstance(start, dict) and isinstance(end, dict)):
        return {}
    return {name: each for name, each in start.items() if name != "x" and end.get(name) == each}


def check_code(model: VAE, code: np.ndarray) -> None:
    """Refuse what is no latent code of the model, `(latent_dim,)`.

    Raises:
        InvalidArgumentError: if it has another shape.
    """
    if np.shape(code) != (model.latent_dim,):
        raise InvalidArgumentError(
            f"A latent point of this model has {model.latent_dim} numbers. "
            f"Received one of shape {np.shape(code)}."
        )


def latent_path(start: np.ndarray, end: np.ndarray, steps: int, method: str) -> np.ndarray:
    """The points themselves, `(steps, latent_dim)`; the arguments are those of `interpolate`.

    Example:
        >>> latent_path(np.array([0.0, 1.0]), np.array([1.0, 0.0]), 3, "linear").tolist()
        [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]
    """
    if steps < 2:
        raise InvalidArgumentError(f"A path needs at least its 2 ends. Received: steps={steps}")
    if method not in METHODS:
        raise UnknownNameError("method of interpolation", method, METHODS)
    start, end = np.asarray(start, "float64"), np.asarray(end, "float64")
    t = np.linspace(0.0, 1.0, steps)[:, None]
    path = (1.0 - t) * start + t * end
    if method == "spherical":
        path = _great_arc(start, end, t, path)
    return path.astype("float32")


def _great_arc(start: np.ndarray, end: np.ndarray, t: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Turn evenly from one direction to the other, while the length changes evenly.

    Where the two lie on one line through the origin there is no one arc between them: the line it is.
    """
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if min(lengths) == 0:
        return line
    along = start / lengths[0]
    across = end - (end @ along) * along
    if np.linalg.norm(across) < 1e-6 * lengths[1]:
        return line
    across /= np.linalg.norm(across)
    angle = t * np.arctan2(end @ across, end @ along)
    return ((1.0 - t) * lengths[0] + t * lengths[1]) * (np.cos(angle) * along + np.sin(angle) * across)
