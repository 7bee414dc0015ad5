"""How strange is an example: anomaly scores that are the same every time."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops, tree

from keras_vae.arguments import positive_integer
from keras_vae.calibration import Calibration
from keras_vae.code_density import CodeDensity
from keras_vae.data import count
from keras_vae.distributions import Factorized, FixedNoise, Tensor
from keras_vae.errors import InvalidArgumentError, UnknownNameError
from keras_vae.latent_variable_model import split_inputs
from keras_vae.tasks.batching import as_graph, iterate_batches, padded
from keras_vae.vae import VAE

METHODS = ("bound", "importance", "unexplained", "density")
NUM_SAMPLES = 16
_MOST_ELEMENTS, _MOST_EXAMPLES = 2**18, 4096


@dataclass(frozen=True)
class Scores:
    """What `score` found, for each example; all in nats, but for the score of "unexplained".

    Args:
        score: `(n,)`, the higher the stranger.
        reconstruction: −E_q[log p(x|z)], `(n,)`.
        kl: KL(q(z|x) ‖ p(z)), `(n,)`.
        p_value: `(n,)`: how likely an ordinary example is to be at least as strange, see `Calibration`;
            `None` where the model was not calibrated, or for scores of another kind.
        map: the share of each element in the reconstruction part, `(n, *event)`; `None` unless asked for.
        settings: how they were computed: arguments of `score`.
    """

    score: np.ndarray
    reconstruction: np.ndarray
    kl: np.ndarray
    p_value: np.ndarray | None
    map: np.ndarray | None
    settings: dict[str, Any]


def score(
    model: VAE,
    x: Any,
    method: str | None = None,
    num_samples: int | None = None,
    seed: int | None = None,
    with_map: bool = False,
    density: CodeDensity | None = None,
) -> Scores:
    r"""How strange each example is: in nats, and the same every time.

    "bound" is the negative evidence lower bound, −E_q[log p(x|z)] + KL(q(z|x) ‖ p(z)), its expectation a
    mean over K fixed quasi-random points, which are the same for every example; "importance" the tighter
    −log 1/K Σₖ p(x|zₖ) p(zₖ) / q(zₖ|x) over them (Burda et al., 2016). Both judge what has little in it,
    such as a one among digits, less strange than what has much. "unexplained", for images, does not: it is
    the share of an image's variation that its reconstruction leaves, Σ(x − E_q[x̂])² / Σ(x − x̄)², with x̂ the
    mean of p(x|z) and x̄ the image's mean in each channel, which is 1 − R². "density" looks at codes alone:
    −log p̂(E_q[z]), with p̂ a mixture of normals fitted to those of ordinary examples, see `fit_density`. It
    is for models with many latents, whose decoders make good images of what they never saw, too (Denouden
    et al., 2018, who take one normal). No score depends on what else is scored, in which order, or in which
    process.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions.
        method: "bound", "importance", "unexplained" or "density". What is left out is as the model was
            calibrated; else "bound".
        num_samples: K; else 16.
        seed: of the points; else 0.
        with_map: whether to tell each element's share in the reconstruction part: which pixel, or column,
            is strange.
        density: of ordinary codes, for "density"; else the one that the model was calibrated with.

    Raises:
        UnknownNameError: if there is no such method.
        InvalidArgumentError: if `num_samples` is not positive, elements have no shares, or there is no
            density.
    """
    return joined_scores(list(score_batches(model, x, method, num_samples, seed, with_map, density)))


def joined_scores(batches: Sequence[Scores]) -> Scores:
    """Scores of batches, at least one, as those of all."""
    joined: dict[str, Any] = {
        field.name: np.concatenate([getattr(each, field.name) for each in batches])
        for field in dataclasses.fields(Scores)
        if isinstance(getattr(batches[0], field.name), np.ndarray)
    }
    return dataclasses.replace(batches[0], **joined)


def score_batches(
    model: VAE,
    x: Any,
    method: str | None = None,
    num_samples: int | None = None,
    seed: int | None = None,
    with_map: bool = False,
    density: CodeDensity | None = None,
) -> Iterator[Scores]:
    """What `score` gives, some hundred examples at a time; the arguments are the same."""
    settings = score_settings(model, method=method, num_samples=num_samples, seed=seed)
    calibration = model.calibration
    if density is None and calibration is not None:
        density = calibration.density
    if settings["method"] == "density" and density is None:
        raise InvalidArgumentError(
            "There is no density of ordinary codes to score by. Fit one, with tasks.fit_density(model, "
            "x_train), and give it here, or to tasks.calibrate."
        )
    if calibration is not None and (calibration.settings, calibration.density) != (settings, density):
        calibration = None
    size = _batch_size(x, settings["num_samples"])
    measure = as_graph(
        lambda batch: measure_for_score(model, batch, with_map, **settings),
        count(x) // size if model.built else 1,
    )

    def terms(batch: Any) -> dict[str, Any]:
        measured = tree.map_structure(ops.convert_to_numpy, measure(padded(batch, size)))
        found = _terms(measured, with_map, density, settings["method"])
        return {name: each[: count(batch)] for name, each in found.items()}

    for each in iterate_batches(terms, x, size):
        p_value = None if calibration is None else calibration.p_values(each["score"])
        yield Scores(**({"p_value": p_value, "map": None} | each), settings=settings)


def calibrate(
    model: VAE,
    x: Any,
    method: str = METHODS[0],
    num_samples: int = NUM_SAMPLES,
    seed: int = 0,
    density: CodeDensity | None = None,
) -> Calibration:
    """Keep the scores of ordinary examples in the model, for p-values from then on.

    Args:
        model: a trained model; its `calibration` is set.
        x: ordinary examples that it was not trained on: raw data, as for `score`.
        method: of the scores, as for `score`; so the next three.
        num_samples: K.
        seed: of the points.
        density: of the codes that the model was trained on, for "density".

    Returns:
        The model's calibration.
    """
    found = score(model, x, method, num_samples, seed, density=density)
    # What is no number is as strange as can be.
    scores = np.nan_to_num(found.score, nan=np.inf, posinf=np.inf)
    model.calibration = Calibration(scores, density, **found.settings)
    return model.calibration


def score_settings(model: VAE, **asked: Any) -> dict[str, Any]:
    """How to score: what was asked for; what was not is as the model was calibrated.

    Raises:
        UnknownNameError: if there is no such method.
        InvalidArgumentError: if `num_samples` is not positive.
    """
    settings: dict[str, Any] = {"method": METHODS[0], "num_samples": NUM_SAMPLES, "seed": 0}
    settings |= model.calibration.settings if model.calibration else {}
    settings |= {name: each for name, each in asked.items() if each is not None}
    if settings["method"] not in METHODS:
        raise UnknownNameError("method of scoring", settings["method"], METHODS)
    positive_integer("num_samples", settings["num_samples"])
    return settings


def measure_for_score(
    model: VAE, batch: Any, with_map: bool, method: str, num_samples: int, seed: int
) -> dict[str, Tensor]:
    """What the model finds for a batch that a method needs, `(K, batch, …)` for K samples of z."""
    found = model.infer(batch, num_samples, FixedNoise(seed))
    measured = {"kl": found.kl}
    if isinstance(found.likelihood, Factorized):
        measured["elements"] = found.likelihood.element_log_prob(found.target)
    elif with_map:
        raise InvalidArgumentError(
            f"{type(found.likelihood).__name__} does not split into elements, so none has a share of its "
            "own: score without a map."
        )
    else:
        measured["log_likelihood"] = found.likelihood.log_prob(found.target)
    if method == "importance":
        measured["log_ratio"] = found.log_prior - found.log_posterior
    elif method == "unexplained":
        measured |= {"target": found.target, "mean": found.likelihood.mean}
    elif method == "density":
        measured["code"] = found.posterior.mean
    return measured


def _terms(
    measured: dict[str, np.ndarray], with_map: bool, density: CodeDensity | None, method: str
) -> dict[str, np.ndarray]:
    log_likelihood, shares = _log_likelihood(measured)
    reconstruction, divergence = -log_likelihood.mean(axis=0), measured["kl"]
    if method == "bound":
        strangeness = reconstruction + divergence
    elif method == "unexplained":
        strangeness = _unexplained(measured["target"], measured["mean"])
    elif method == "density":
        assert density is not None
        strangeness = -density.log_prob(measured["code"])
    else:
        weights = log_likelihood + measured["log_ratio"]
        strangeness = math.log(len(weights)) - np.logaddexp.reduce(weights, axis=0)
    terms = {"score": strangeness, "reconstruction": reconstruction, "kl": divergence}
    return terms | ({"map": shares} if with_map else {})


def _log_likelihood(measured: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray | None]:
    """log p(x|z), `(K, batch)`, and −E_q of what each element adds to it, `(batch, *event)`.

    Summed in float64: the rounding of long sums in float32 depends on how they are cut into pieces.
    """
    if "log_likelihood" in measured:
        return measured["log_likelihood"].astype("float64"), None
    elements = measured["elements"]
    event = tuple(range(2, elements.ndim))
    return elements.sum(axis=event, dtype="float64"), -elements.mean(axis=0)


def _unexplained(target: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Σ(x − E_q[x̂])² / Σ(x − x̄)², `(batch,)`."""
    x = target.astype("float64")
    if x.ndim != 4:
        raise InvalidArgumentError(
            "How much is unexplained can be told of images, and not of rows of a table: score by the bound "
            "or by importance."
        )
    left = x - mean.mean(axis=0, dtype="float64")
    variation = x - x.mean(axis=(1, 2), keepdims=True)
    # A blank image has none; a thousandth of the whole range in each pixel is none either.
    least = math.prod(x.shape[1:]) * 1e-6
    return (left**2).sum(axis=(1, 2, 3)) / ((variation**2).sum(axis=(1, 2, 3)) + least)


def _batch_size(x: Any, num_samples: int) -> int:
    """Always the same for examples of a kind: what is multiplied in batches of another size is rounded
    otherwise.
    """
    elements = num_samples * math.prod(split_inputs(x)[0].shape[1:])
    return min(max(1, _MOST_ELEMENTS // elements), _MOST_EXAMPLES)
