"""How good is the model: its bound on held-out data, and log p(x), in nats."""

import math
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods.measure import Measure
from keras_vae.tasks.batching import BATCH_SIZE, map_batches
from keras_vae.tasks.importance import ImportanceEstimate, importance_estimate
from keras_vae.tasks.measure import measure_of
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
        num_dimensions: numbers in an example; the mean of those that are known, where some are missing.
        bits_per_dimension: −log p(x) / (num_dimensions · log 2), by `log_likelihood`, or by `elbo`, which
            makes it an upper bound, where there is none.
        measure: what these are of, in a word: "mass", "density", "mixed" or "cross-entropy".
        measure_sentence: what that is, and with what it can be compared.
        units: in which the values are of which a density is; empty where that does not matter.
        num_samples: importance samples an example, or 0.
        log_likelihood: the importance-weighted estimate of log p(x), or `None` for no samples.
        log_likelihood_standard_error: of that mean over the examples: other examples would change it so.
        log_likelihood_monte_carlo_error: of that mean over the draws: other samples of z would change it
            so; see `ImportanceEstimate`. `None` for fewer than 2 samples.
        effective_sample_size: how many draws from p(z|x) the samples are worth, the mean over the examples.
        effective_sample_size_lowest_decile: a tenth of the examples has fewer.
    """

    num_examples: int
    elbo: float
    elbo_standard_error: float
    reconstruction: float
    kl: float
    num_dimensions: float
    bits_per_dimension: float
    measure: str
    measure_sentence: str
    units: str = ""
    num_samples: int = 0
    log_likelihood: float | None = None
    log_likelihood_standard_error: float | None = None
    log_likelihood_monte_carlo_error: float | None = None
    effective_sample_size: float | None = None
    effective_sample_size_lowest_decile: float | None = None


@dataclass(frozen=True)
class ExampleFigures:
    """The same for each example, in nats.

    Args:
        reconstruction: −log p(x|z), with one sample of z, `(n,)`.
        kl: KL(q(z|x) ‖ p(z)), `(n,)`.
        importance: the estimate of log p(x); `None` where it was not asked for.
    """

    reconstruction: np.ndarray
    kl: np.ndarray
    importance: ImportanceEstimate | None = None

    @property
    def elbo(self) -> np.ndarray:
        """The evidence lower bound of each example, `(n,)`."""
        return -(self.reconstruction + self.kl).astype("float64")

    @property
    def best(self) -> np.ndarray:
        """The tightest figure there is of log p(x), `(n,)`: the estimate, or the bound."""
        return self.elbo if self.importance is None else self.importance.log_likelihood

    def averages(self, measure: Measure, num_dimensions: float) -> Evaluation:
        """Their averages; the arguments are what `measure_of` returns."""
        figures: dict[str, Any] = {}
        if self.importance is not None:
            error = self.importance.monte_carlo_error
            effective = self.importance.effective_sample_size
            figures = {
                "num_samples": self.importance.num_samples,
                "log_likelihood": float(self.importance.log_likelihood.mean()),
                "log_likelihood_standard_error": standard_error(self.importance.log_likelihood),
                "log_likelihood_monte_carlo_error": None if math.isnan(error) else error,
                "effective_sample_size": float(effective.mean()),
                "effective_sample_size_lowest_decile": float(np.quantile(effective, 0.1)),
            }
        return Evaluation(
            num_examples=len(self.kl),
            elbo=float(self.elbo.mean()),
            elbo_standard_error=standard_error(self.elbo),
            reconstruction=float(self.reconstruction.mean(dtype="float64")),
            kl=float(self.kl.mean(dtype="float64")),
            num_dimensions=num_dimensions,
            bits_per_dimension=float(-self.best.mean() / (num_dimensions * math.log(2.0))),
            measure=measure.word,
            measure_sentence=measure.sentence,
            units=measure.units,
            **figures,
        )


def evaluate(
    model: VAE, x: Any, num_samples: int = 0, seed: int = 0, batch_size: int = BATCH_SIZE
) -> Evaluation:
    """The evidence lower bound on `x`, its two terms, and on demand the tighter estimate of log p(x).

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions.
        num_samples: of the importance-weighted estimate of log p(x), exactly as many for each example; 0
            leaves it out.
        seed: of the samples of z: the same seed gives the same figures.
        batch_size: latents decoded at a time. The draws, and not the figures, depend on it.

    Raises:
        InvalidArgumentError: if `num_samples` is negative, or `batch_size` not positive.

    Example:
        >>> from keras_vae import data, recipes
        >>> digits = data.load("mnist-5k")
        >>> untrained = recipes.get("dense").model(digits)
        >>> evaluation = evaluate(untrained, digits.x_test[:8], num_samples=5)
        >>> evaluation.measure, evaluation.num_samples, evaluation.num_dimensions
        ('cross-entropy', 5, 784.0)
    """
    figures = evaluate_examples(model, x, num_samples, seed, batch_size)
    return figures.averages(*measure_of(model, x))


def evaluate_examples(
    model: VAE, x: Any, num_samples: int = 0, seed: int = 0, batch_size: int = BATCH_SIZE
) -> ExampleFigures:
    """The figures of each example, for comparisons pair by pair; the arguments are those of `evaluate`."""
    if num_samples < 0 or batch_size < 1:
        raise InvalidArgumentError(
            "num_samples must be zero or more, and batch_size one or more. "
            f"Received: num_samples={num_samples}, batch_size={batch_size}"
        )
    generator = keras.random.SeedGenerator(seed)

    def terms(batch: Any) -> dict[str, Any]:
        weights = model.log_weights(batch, 1, seed=generator)
        return {"reconstruction": -weights["log_likelihood"][0], "kl": weights["kl"]}

    each = map_batches(terms, x, batch_size, in_graph=model.built)
    importance = importance_estimate(model, x, num_samples, generator, batch_size) if num_samples else None
    return ExampleFigures(each["reconstruction"], each["kl"], importance)


def standard_error(values: np.ndarray) -> float:
    """The standard error of the mean of independent values, `(n,)`; NaN for a single one.

    Example:
        >>> standard_error(np.array([1.0, 3.0]))
        1.0
    """
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
