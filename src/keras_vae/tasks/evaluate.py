"""How good is the model: its bound on held-out data, in nats."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_vae.data import count
from keras_vae.errors import InvalidArgumentError
from keras_vae.tasks.batching import BATCH_SIZE, map_batches
from keras_vae.vae import VAE


@dataclass(frozen=True)
class Evaluation:
    """Averages over the examples, in nats per example.

    Args:
        num_examples: how many examples the averages are over.
        elbo: the evidence lower bound, −(reconstruction + kl), whatever β the model was trained with.
        elbo_standard_error: of that mean over the examples.
        reconstruction: −E_q[log p(x|z)], with one sample of z.
        kl: KL(q(z|x) ‖ p(z)).
        num_samples: importance samples an example, or 0.
        log_likelihood: the importance-weighted estimate of log p(x), or `None` for no samples.
        log_likelihood_standard_error: of that mean over the examples.
    """

    num_examples: int
    elbo: float
    elbo_standard_error: float
    reconstruction: float
    kl: float
    num_samples: int = 0
    log_likelihood: float | None = None
    log_likelihood_standard_error: float | None = None


def evaluate(model: VAE, x: Any, num_samples: int = 0, seed: int = 0) -> Evaluation:
    """The evidence lower bound on `x`, its two terms, and on demand the tighter bound.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions.
        num_samples: of the importance-weighted estimate of log p(x); 0 leaves it out.
        seed: of the samples of z: the same seed gives the same figures.

    Raises:
        InvalidArgumentError: if `num_samples` is negative.
    """
    if num_samples < 0:
        raise InvalidArgumentError(f"num_samples must be zero or more. Received: num_samples={num_samples}")
    generator = keras.random.SeedGenerator(seed)

    def terms(batch: Any) -> dict[str, Any]:
        weights = model.log_weights(batch, 1, seed=generator)
        return {"reconstruction": -weights["log_likelihood"][0], "kl": weights["kl"]}

    each = map_batches(terms, x)
    elbo = -(each["reconstruction"] + each["kl"]).astype("float64")
    figures: dict[str, Any] = {
        "num_examples": count(x),
        "elbo": float(elbo.mean()),
        "elbo_standard_error": _standard_error(elbo),
        "reconstruction": float(each["reconstruction"].mean(dtype="float64")),
        "kl": float(each["kl"].mean(dtype="float64")),
    }
    if num_samples:
        estimates = map_batches(
            lambda batch: model.log_likelihood(batch, num_samples, seed=generator),
            x,
            batch_size=max(1, BATCH_SIZE // num_samples),
        ).astype("float64")
        figures |= {
            "num_samples": num_samples,
            "log_likelihood": float(estimates.mean()),
            "log_likelihood_standard_error": _standard_error(estimates),
        }
    return Evaluation(**figures)


def _standard_error(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
