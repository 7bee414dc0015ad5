"""The scores of `tasks.score` as one function of tensors."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from keras_vae.code_density import CodeDensity
from keras_vae.distributions import Tensor
from keras_vae.tasks import measure_for_score, score_settings
from keras_vae.vae import VAE


def strangeness(model: VAE) -> tuple[Callable[[Any], dict[str, Tensor]], dict[str, Any]]:
    """A batch as the model takes it → `score`, `reconstruction`, `kl` and `p_value`, `(batch,)` each.

    They are those of `tasks.score`, as the model was calibrated, summed in float32; there is no `p_value`
    for a model that never was.

    Returns:
        The function, and how it scores: arguments of `tasks.score`.
    """
    settings = score_settings(model)
    calibration = model.calibration
    density = calibration.density if calibration else None

    def function(batch: Any) -> dict[str, Tensor]:
        found = measure_for_score(model, batch, with_map=False, **settings)
        log_likelihood = _log_likelihood(found)
        terms = {"reconstruction": -ops.mean(log_likelihood, axis=0), "kl": found["kl"]}
        terms["score"] = _score(settings["method"], found, log_likelihood, terms, density)
        if calibration is not None:
            terms["p_value"] = _p_value(terms["score"], calibration.scores)
        return terms

    return function, settings


def _log_likelihood(found: dict[str, Tensor]) -> Tensor:
    """log p(x|z), `(K, batch)`."""
    if "log_likelihood" in found:
        return found["log_likelihood"]
    elements = found["elements"]
    return ops.sum(elements, axis=tuple(range(2, len(elements.shape))))


def _score(
    method: str,
    found: dict[str, Tensor],
    log_likelihood: Tensor,
    terms: dict[str, Tensor],
    density: CodeDensity | None,
) -> Tensor:
    if method == "bound":
        return terms["reconstruction"] + terms["kl"]
    if method == "importance":
        weights = log_likelihood + found["log_ratio"]
        return math.log(weights.shape[0]) - ops.logsumexp(weights, axis=0)
    if method == "unexplained":
        return _unexplained(found["target"], found["mean"])
    assert density is not None
    return -_log_density(density, found["code"])


def _unexplained(x: Tensor, mean: Tensor) -> Tensor:
    left = x - ops.mean(mean, axis=0)
    variation = x - ops.mean(x, axis=(1, 2), keepdims=True)
    least = math.prod(x.shape[1:]) * 1e-6
    squares = [ops.sum(ops.square(each), axis=(1, 2, 3)) for each in (left, variation)]
    return squares[0] / (squares[1] + least)


def _log_density(density: CodeDensity, z: Tensor) -> Tensor:
    of_components = []
    for weight, mean, covariance in zip(density.weights, density.means, density.covariances, strict=True):
        if not weight:
            continue
        whitening = np.linalg.inv(np.linalg.cholesky(covariance))
        noise = ops.matmul(z - mean.astype("float32"), whitening.T.astype("float32"))
        constant = math.log(weight) + np.log(np.diagonal(whitening)).sum()
        of_components.append(float(constant) - 0.5 * ops.sum(ops.square(noise), axis=-1))
    normaliser = 0.5 * density.latent_dim * math.log(2.0 * math.pi)
    return ops.logsumexp(ops.stack(of_components), axis=0) - normaliser


def _p_value(score: Tensor, ordinary: np.ndarray) -> Tensor:
    at_least = ops.sum(ops.cast(ordinary >= score[:, None], "float32"), axis=-1)
    return ops.where(ops.isnan(score), score, (1.0 + at_least) / (len(ordinary) + 1.0))
