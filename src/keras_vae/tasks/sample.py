"""Latent codes → examples, and new examples from the prior."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.errors import InvalidArgumentError
from keras_vae.tasks.batching import as_graph, map_batches
from keras_vae.tasks.code_density import CodeDensity
from keras_vae.vae import VAE


def sample(
    model: VAE,
    num_samples: int,
    seed: int = 0,
    conditions: Mapping[str, Any] | None = None,
    draw: bool = False,
    temperature: float = 1.0,
    density: CodeDensity | None = None,
) -> np.ndarray:
    """New examples: z from the prior, or another density, then the mean of p(x|z), or a draw from it.

    Args:
        model: a trained model.
        num_samples: how many.
        seed: the same seed gives the same examples.
        conditions: a value, or one for each example, for any of the model's conditions.
        draw: whether to draw x from p(x|z): for tables, whose rows scatter about what is typical. The
            mean is what one wants to see of an image.
        temperature: what the standard deviation of the noise of z is multiplied by; below 1, examples are
            more typical and vary less. See `Distribution.tempered`.
        density: what z is drawn from in place of the prior; see `fit_density`. Where conditions are given,
            they decide what z decodes to, and not z itself.

    Returns:
        `(num_samples, *event)`, float32, in the units of the raw data.

    Raises:
        InvalidArgumentError: if `num_samples` is not positive; if `temperature` is no positive number, or
            is not 1 where the prior has no normal noise; if `density` is of other codes than the model's.
    """
    if num_samples < 1:
        raise InvalidArgumentError(
            f"At least one example must be asked for. Received: num_samples={num_samples}"
        )
    generator = keras.random.SeedGenerator(seed)
    if density is None:
        z = model.sample_latents(num_samples, generator, conditions, temperature)
    elif density.latent_dim == model.latent_dim:
        z = density.sample(num_samples, seed, temperature)
    else:
        raise InvalidArgumentError(
            f"The density is of codes of {density.latent_dim} numbers, and this model's have "
            f"{model.latent_dim}: fit one to its own."
        )
    if not draw:
        return decode(model, z, conditions)
    return _of_batches(model, lambda batch, columns: model.draw(batch, columns, generator), z, conditions)


def decode(model: VAE, z: np.ndarray, conditions: Mapping[str, Any] | None = None) -> np.ndarray:
    """The mean of p(x|z), or p(x|z, c), for each latent code.

    Args:
        model: a trained model.
        z: `(n, latent_dim)`.
        conditions: a value, or one for each code, for any of the model's conditions.

    Returns:
        `(n, *event)`, float32, in the units of the raw data.
    """
    return _of_batches(model, model.generate, z, conditions)


def decoder(model: VAE) -> Callable[..., np.ndarray]:
    """What `decode` does, made ready to be called again and again with few codes, as a slider does.

    On TensorFlow the first call with a number of codes makes a graph; those after it take a tenth of the
    time of `decode`.

    Args:
        model: a trained model.

    Returns:
        A function of the arguments of `decode` after the model, with the same result.

    Example:
        >>> from keras_vae import data, recipes
        >>> model = recipes.get("dense").model(data.load("mnist-5k"), latent_dim=2)
        >>> model.build((None, 28, 28, 1))
        >>> decode_one = decoder(model)
        >>> decode_one(np.zeros((1, 2))).shape
        (1, 28, 28, 1)
    """
    generate = as_graph(model.generate)

    def decode_codes(z: np.ndarray, conditions: Mapping[str, Any] | None = None) -> np.ndarray:
        return ops.convert_to_numpy(generate(np.asarray(z, "float32"), _columns(conditions, len(z))))

    return decode_codes


def _columns(conditions: Mapping[str, Any] | None, num_codes: int) -> dict[str, np.ndarray]:
    """A value of each condition for each code."""
    return {name: np.broadcast_to(each, num_codes) for name, each in (conditions or {}).items()}


def _of_batches(
    model: VAE, function: Callable[[Any, Any], Any], z: np.ndarray, conditions: Mapping[str, Any] | None
) -> np.ndarray:
    columns = _columns(conditions, len(z))

    def of_batch(batch: dict[str, Any]) -> Any:
        return function(batch["z"], {name: batch[name] for name in columns})

    return map_batches(of_batch, {"z": z, **columns}, in_graph=model.built)
