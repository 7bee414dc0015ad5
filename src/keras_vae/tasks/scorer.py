"""Scores of examples that come piece by piece."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops, tree

from keras_vae.arguments import positive_integer
from keras_vae.code_density import CodeDensity
from keras_vae.data import count
from keras_vae.distributions import Factorized, FixedNoise, Tensor
from keras_vae.errors import InvalidArgumentError, UnknownNameError
from keras_vae.latent_variable_model import split_inputs
from keras_vae.tasks.batching import as_graph, is_graph, iterate_batches, padded
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


class Scorer:
    """`score_batches` for one piece of data after another: all of them run as one graph.

    Args:
        model: a trained model; it, and the next five, are as for `score`.
        method: likewise.
        num_samples: likewise.
        seed: likewise.
        with_map: likewise.
        density: likewise.
        total: how many examples there will be, if that is known: a graph is not worth its making for few.

    Raises:
        UnknownNameError: as `score` does.
        InvalidArgumentError: likewise.
    """

    def __init__(
        self,
        model: VAE,
        method: str | None = None,
        num_samples: int | None = None,
        seed: int | None = None,
        with_map: bool = False,
        density: CodeDensity | None = None,
        total: int | None = None,
    ) -> None:
        self.settings = score_settings(model, method=method, num_samples=num_samples, seed=seed)
        calibration = model.calibration
        if density is None and calibration is not None:
            density = calibration.density
        if self.settings["method"] == "density" and density is None:
            raise InvalidArgumentError(
                "There is no density of ordinary codes to score by. Fit one, with tasks.fit_density(model, "
                "x_train), and give it here, or to tasks.calibrate."
            )
        if calibration is not None and (calibration.settings, calibration.density) != (
            self.settings,
            density,
        ):
            calibration = None
        self.model = model
        self.calibration = calibration
        self._density = density
        self._with_map = with_map
        self._total = total
        self._measure: Callable[[Any], Any] | None = None

    def batch_size(self, event_shape: tuple[int, ...]) -> int:
        """How many examples of that shape are scored at a time.

        Always the same for examples of a kind: what is multiplied in batches of another size is rounded
        otherwise.
        """
        elements = self.settings["num_samples"] * math.prod(event_shape)
        return min(max(1, _MOST_ELEMENTS // elements), _MOST_EXAMPLES)

    def __call__(self, x: Any) -> Iterator[Scores]:
        """The scores of examples, `(n, *event)` or a dict, some hundred at a time."""
        size = self.batch_size(split_inputs(x)[0].shape[1:])
        measure = self._measure = self._measure or self._made(size)

        def terms(batch: Any) -> dict[str, Any]:
            measured = tree.map_structure(ops.convert_to_numpy, measure(padded(batch, size)))
            found = _terms(measured, self._with_map, self._density, self.settings["method"])
            return {name: each[: count(batch)] for name, each in found.items()}

        for each in iterate_batches(terms, x, size, at_once=is_graph(measure)):
            p_value = None if self.calibration is None else self.calibration.p_values(each["score"])
            yield Scores(**({"p_value": p_value, "map": None} | each), settings=self.settings)

    def of_none(self) -> Scores:
        """The scores of no example at all."""
        none, kl = np.empty(0), np.empty(0, "float32")
        return Scores(none, none, kl, None if self.calibration is None else none, None, self.settings)

    def _made(self, size: int) -> Callable[[Any], Any]:
        def measure(batch: Any) -> Any:
            return measure_for_score(self.model, batch, self._with_map, **self.settings)

        if not self.model.built:
            return measure
        return as_graph(measure, None if self._total is None else self._total // size)


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
