"""Rows of numbers → a model of them, and its training."""

import math
from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np

from keras_vae.data import Batches, Schema, TableTransform, open_table
from keras_vae.data.table import find_schema
from keras_vae.errors import DataError, TrainingDivergedError
from keras_vae.likelihoods import Mixed
from keras_vae.networks import dense_decoder, table_encoder
from keras_vae.optimizers import Adam
from keras_vae.runs import Settings
from keras_vae.seeds import child_seeds
from keras_vae.vae import VAE

# Tracing the step of training into a graph takes TensorFlow as long as 17 to 20 steps without one.
_FEWEST_TRACED = 16


def compose(
    X: np.ndarray,
    names: Sequence[str] | None,
    settings: Settings,
    hidden_units: Sequence[int],
    stretch: str | None,
) -> VAE:
    """An untrained model of the rows of a numeric table; raw data are what `encoded` returns.

    Args:
        X: `(n, num_columns)`, float64 or float32, NaN for what is missing.
        names: of the columns, if they have any.
        settings: with `latent_dim`, `likelihood`, `beta` and `seed`.
        hidden_units: widths of the encoder's dense layers; the decoder's are their mirror.
        stretch: the kind of each column's stretch; `None` for what makes it look normal. Where the
            likelihood is for numbers of another kind than those of the whole line, there is none.

    Raises:
        UnknownNameError: if there is no such likelihood or stretch.
        DataError: if a column is missing in every row, or numbers lie outside the likelihood's support.
    """
    seeds = child_seeds(settings.seed)
    num_columns = X.shape[1]
    likelihood = Mixed(columns=[(num_columns, settings.likelihood)], seed=next(seeds))
    is_on_line = likelihood.support == (-math.inf, math.inf)
    schema = _schema(X, names, is_on_line)
    check_support(X, likelihood)
    kind = stretch if is_on_line else "none"
    kinds = {} if kind is None else dict.fromkeys(schema.names, kind)
    return VAE(
        table_encoder([None] * num_columns, hidden_units, seed=next(seeds)),
        dense_decoder(hidden_units[::-1], seed=next(seeds)),
        latent_dim=settings.latent_dim,
        likelihood=likelihood,
        beta=settings.beta,
        preprocessing=TableTransform.of(schema, encoded(X, schema), kinds),
        seed=settings.seed,
    )


def train(model: VAE, x: np.ndarray, settings: Settings) -> int:
    """Train a model on rows as it takes them; few steps are not worth a graph.

    Returns:
        How often it passed over the rows.

    Raises:
        TrainingDivergedError: if the loss becomes NaN or infinite.
    """
    assert settings.batch_size is not None
    assert settings.epochs is not None
    batches = Batches(x, settings.batch_size, settings.seed)
    model.compile(
        optimizer=Adam(settings.learning_rate),
        run_eagerly=settings.epochs * len(batches) < _FEWEST_TRACED,
    )
    history = model.fit(
        batches,
        epochs=settings.epochs,
        shuffle=False,  # Batches does it
        verbose=0,
        callbacks=[keras.callbacks.TerminateOnNaN()],
    )
    loss = history.history["loss"][-1]
    if not math.isfinite(loss):
        raise TrainingDivergedError(
            f"The loss became {loss} in epoch {len(history.epoch)}: lower learning_rate (it was "
            f"{settings.learning_rate:g}), or look for numbers in X that are far from all others."
        )
    return len(history.epoch)


def check_support(X: np.ndarray, likelihood: Mixed) -> None:
    """Refuse rows that the likelihood is not defined for.

    Raises:
        DataError: which names both intervals.
    """
    (low, high), found = likelihood.support, X[~np.isnan(X)]
    if found.size and (found.min() < low or found.max() > high):
        raise DataError(
            f"The values of X lie in [{found.min():g}, {found.max():g}], and this likelihood is defined on "
            f"[{low:g}, {high:g}]. Choose one for unbounded values, such as normal, or rescale them."
        )


def encoded(X: np.ndarray, schema: Schema) -> np.ndarray:
    """Rows as a model of these columns takes them, `(n, num_columns)`, float32.

    Where the numbers of a column are too far from zero for float32, what is common to them is subtracted.
    """
    return (X - _starts(schema)).astype("float32")


def decoded(x: np.ndarray, schema: Schema) -> np.ndarray:
    """The way back from `encoded`, in float64."""
    return x + _starts(schema)


def _schema(X: np.ndarray, names: Sequence[str] | None, may_start_anywhere: bool) -> Schema:
    opened = open_table(X if names is None else dict(zip(names, X.T, strict=True)))
    schema = find_schema(opened, dict.fromkeys(opened.types.names, "real"))
    if may_start_anywhere:
        return schema
    return Schema(tuple(replace(each, start=0.0) for each in schema.columns))


def _starts(schema: Schema) -> np.ndarray:
    return np.array([each.start for each in schema.columns])
