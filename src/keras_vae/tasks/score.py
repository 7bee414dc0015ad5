"""How strange is an example: anomaly scores that are the same every time."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from keras_vae.calibration import Calibration
from keras_vae.code_density import CodeDensity
from keras_vae.data import count
from keras_vae.tasks.scorer import METHODS, NUM_SAMPLES, Scorer, Scores
from keras_vae.vae import VAE


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
    return Scorer(model, method, num_samples, seed, with_map, density, total=count(x))(x)


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
