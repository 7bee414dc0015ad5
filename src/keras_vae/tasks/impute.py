"""What is missing in a table, from what is there."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.errors import InvalidArgumentError
from keras_vae.latent_variable_model import split_inputs
from keras_vae.tasks.batching import BATCH_SIZE, map_batches
from keras_vae.vae import VAE


@dataclass(frozen=True)
class Imputation:
    """Tables without gaps; what was known is as it was.

    Args:
        filled: `(n, num_columns)`, with the expectation of each missing number, and the likeliest class.
        uncertainty: of each entry, `(n, num_columns)`: the standard deviation of a number, the probability
            of another class; 0 where it was known.
        draws: whole tables from p(missing | known), `(num_draws, n, num_columns)`: what is computed from
            each of them varies as much as what is unknown makes it (multiple imputation; Rubin, 1987).
    """

    filled: np.ndarray
    uncertainty: np.ndarray
    draws: np.ndarray


def impute(model: VAE, x: Any, num_samples: int = 200, num_draws: int = 20, seed: int = 0) -> Imputation:
    """Fill what is missing, NaN, in the rows of a table.

    By self-normalised importance sampling: zₖ ~ q(z|known) with weights
    wₖ ∝ p(known|zₖ) p(zₖ) / q(zₖ|known), E[missing | known] ≈ Σₖ wₖ E[missing | zₖ]; and draws from zₖ that
    were drawn again by those weights (Mattei & Frellsen, 2019, "MIWAE", sections 3.2 and 3.3).

    Args:
        model: a trained model whose likelihood is `mixed`.
        x: raw data, `(n, num_columns)`, with NaN for what is missing; or a dict with `x` and conditions.
        num_samples: K.
        num_draws: how many tables to draw.
        seed: the same seed gives the same result.

    Raises:
        InvalidArgumentError: if a number is not positive, or the model cannot tell what is missing.
    """
    if num_samples < 1 or num_draws < 1:
        raise InvalidArgumentError(
            f"At least one sample and one draw are needed. Received: {num_samples} and {num_draws}"
        )
    if not model.likelihood.takes_missing:
        raise InvalidArgumentError(
            f"The {type(model.likelihood).__name__} likelihood takes no missing entries. Train with "
            "likelihood=Mixed(columns=…), and an encoder that is told of them: networks.table_encoder."
        )
    generator = keras.random.SeedGenerator(seed)
    is_class = np.array(model.likelihood.column_is_class)

    def fill(batch: Any) -> dict[str, np.ndarray]:
        return _fill(batch, *_samples(model, batch, num_samples, generator), is_class, num_draws, generator)

    found = map_batches(fill, x, batch_size=max(1, 20 * BATCH_SIZE // num_samples))
    return Imputation(found["filled"], found["uncertainty"], np.moveaxis(found["draws"], 1, 0))


def _samples(
    model: VAE, batch: Any, num_samples: int, generator: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """log wₖ, `(K, batch)`; means of p(x|zₖ) in raw units, or draws in their place, and draws from it.

    The latter two are `(K, batch, columns)`.
    """
    found = model.infer(batch, num_samples, generator)
    p_x = found.likelihood
    log_weights = p_x.log_prob(found.target) + found.log_prior - found.log_posterior
    inverse = model.preprocessing.inverse
    means, samples = inverse(p_x.mean), inverse(p_x.sample(seed=generator))
    # Where the way back to raw units is no straight line, the mean there is not the mean here.
    means = ops.where(getattr(model.preprocessing, "is_linear", np.True_), means, samples)
    return tuple(ops.convert_to_numpy(each) for each in (log_weights, means, samples))


def _fill(
    batch: Any,
    log_weights: np.ndarray,
    means: np.ndarray,
    samples: np.ndarray,
    is_class: np.ndarray,
    num_draws: int,
    generator: Any,
) -> dict[str, np.ndarray]:
    x = np.asarray(split_inputs(batch)[0], "float32")
    missing = np.isnan(x)
    weights = np.exp(log_weights - log_weights.max(axis=0)).astype("float64")
    weights = (weights / weights.sum(axis=0))[..., None]
    expected = (weights * means).sum(axis=0)
    deviation = np.sqrt((weights * (samples - expected) ** 2).sum(axis=0))
    for column in np.flatnonzero(is_class):
        classes = np.unique(samples[..., column])
        shares = (weights * (samples[..., column, None] == classes)).sum(axis=0)
        expected[:, column] = classes[shares.argmax(axis=-1)]
        deviation[:, column] = 1.0 - shares.max(axis=-1)
    # The largest of log-weight + Gumbel noise is a draw by those weights (Gumbel, 1954).
    uniform = ops.convert_to_numpy(
        keras.random.uniform((num_draws, *log_weights.shape), 1e-20, 1.0, seed=generator)
    )
    chosen = (log_weights - np.log(-np.log(uniform))).argmax(axis=1)
    draws = np.take_along_axis(samples[None], chosen[:, None, :, None], axis=1)[:, 0]
    return {
        "filled": np.where(missing, expected, x).astype("float32"),
        "uncertainty": np.where(missing, deviation, 0.0).astype("float32"),
        "draws": np.moveaxis(np.where(missing, draws, x), 0, 1),
    }
