"""Codes and scores, with the names of their items, as the columns of a table."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_vae.tasks import Scores


def code_columns(identity: Mapping[str, Any], codes: np.ndarray) -> dict[str, Any]:
    """The columns that say which items these are beside their codes.

    Args:
        identity: columns of n names.
        codes: `(n, latent_dim)`, or `(n, K, latent_dim)` of samples, which become K rows an item.

    Example:
        >>> columns = code_columns({"row": [7]}, np.zeros((1, 2, 1)))
        >>> {name: each.tolist() for name, each in columns.items()}
        {'row': [7, 7], 'sample': [1, 2], 'z1': [0.0, 0.0]}
    """
    columns = dict(identity)
    if codes.ndim == 3:
        count, samples = codes.shape[:2]
        columns = {name: np.repeat(np.array(each, object), samples) for name, each in columns.items()}
        columns["sample"] = np.tile(np.arange(1, samples + 1), count)
    z = codes.reshape(-1, codes.shape[-1])
    return columns | {f"z{i + 1}": z[:, i] for i in range(z.shape[1])}


def score_columns(identity: Mapping[str, Any], scores: Scores, rate: float | None) -> dict[str, Any]:
    """The columns that say which items these are beside their scores.

    Args:
        identity: columns of n names.
        scores: of those.
        rate: of false alarms, below which a p-value is called an anomaly; `None` to call nothing one.
    """
    columns = dict(identity)
    columns |= {"score": scores.score, "reconstruction": scores.reconstruction, "kl": scores.kl}
    if scores.p_value is not None:
        columns["p_value"] = scores.p_value
        if rate is not None:
            columns["anomaly"] = scores.p_value <= rate
    return columns
