"""The figures of a model on a data set, each with how it was measured."""

import dataclasses
from typing import Any

import numpy as np

from keras_vae.data import Dataset, spread
from keras_vae.data.chosen import choose
from keras_vae.runs.protocol import Protocol
from keras_vae.tasks import Evaluation
from keras_vae.tasks.evaluate import ExampleFigures, evaluate_examples
from keras_vae.tasks.measure import measure_of
from keras_vae.vae import VAE

_MOST_OF_TRAINING = 10_000


@dataclasses.dataclass(frozen=True)
class Figures:
    """Averages, how they were measured, and the same figures of each example.

    Args:
        evaluation: the averages.
        protocol: how they were measured.
        examples: of each example.
    """

    evaluation: Evaluation
    protocol: Protocol
    examples: ExampleFigures

    def as_dict(self) -> dict[str, Any]:
        """The averages, with the protocol as one more entry: what `metrics.json` holds."""
        return {**dataclasses.asdict(self.evaluation), "protocol": dataclasses.asdict(self.protocol)}


def figures_of(
    model: VAE,
    data: Dataset,
    split: str = "test",
    rows: np.ndarray | None = None,
    num_samples: int = 0,
    seed: int = 0,
) -> Figures:
    """Evaluate a model on a split of a data set.

    Args:
        model: a trained model.
        data: the data set.
        split: "train" or "test".
        rows: the numbers of those to evaluate; all by default.
        num_samples: as for `tasks.evaluate`.
        seed: likewise.
    """
    inputs = data.inputs(split, model.condition_names)
    if rows is not None:
        inputs = choose(inputs, rows)
    examples = evaluate_examples(model, inputs, num_samples, seed)
    evaluation = examples.averages(*measure_of(model, inputs))
    return Figures(evaluation, Protocol.of(data, split, inputs, evaluation, seed), examples)


def measured(
    model: VAE, data: Dataset, num_samples: int = 0, seed: int = 0, with_training: bool = True
) -> dict[str, Any]:
    """The figures as `metrics.json` holds them: `test`, and `train` and `gap` beside it.

    `train` is the bound on as many training examples, spread evenly, at most 10,000. `gap` is the training
    ELBO − the test ELBO, in nats per example: what was learned of the training examples alone.

    Args:
        model: a trained model.
        data: the data set.
        num_samples: as for `tasks.evaluate`, on the test examples.
        seed: likewise, on both.
        with_training: whether the model was trained on these data, and there is a gap.
    """
    test = figures_of(model, data, num_samples=num_samples, seed=seed)
    if not with_training:
        return {"test": test.as_dict()}
    rows = spread(len(data.x_train), min(len(data.x_test), _MOST_OF_TRAINING))
    train = figures_of(model, data, "train", rows, seed=seed)
    gap = train.evaluation.elbo - test.evaluation.elbo
    return {"test": test.as_dict(), "train": train.as_dict(), "gap": gap}
