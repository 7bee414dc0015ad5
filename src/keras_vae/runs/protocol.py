"""How a figure was measured: what has to be alike for two figures to be compared."""

import dataclasses
import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from keras_vae.data import Dataset, count
from keras_vae.data.binarize import SEED
from keras_vae.data.split import content_digest
from keras_vae.errors import RunError
from keras_vae.tasks import Evaluation

#: What must be alike for figures to be compared, and how a message calls it.
ALIKE = {
    "split": "split",
    "num_examples": "number of examples",
    "binarization": "binarisation",
    "fingerprint": "examples, by their fingerprint",
    "conditions": "conditions",
    "measure": "measure of the likelihood",
    "units": "units of the density",
}
_SHOWN_OF_FINGERPRINT = 12


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What was evaluated, and how.

    Args:
        data: the name of the data.
        split: "train" or "test".
        num_examples: how many were evaluated.
        fingerprint: a SHA-256 over exactly those, in their order, and over what is known of them that the
            model is conditional on.
        conditions: the names of that.
        binarization: "none", "threshold" or "sampled, seed 0".
        measure: what the figures are of, see `tasks.Evaluation`.
        units: of a density, likewise.
        num_samples: importance samples an example, or 0.
        seed: of the samples of z.
        version: of the package.
    """

    data: str
    split: str
    num_examples: int
    fingerprint: str
    conditions: list[str]
    binarization: str
    measure: str
    units: str
    num_samples: int
    seed: int
    version: str

    @classmethod
    def of(cls, data: Dataset, split: str, inputs: Any, evaluation: Evaluation, seed: int) -> "Protocol":
        """The protocol of an evaluation of `inputs`, examples of a split of `data`."""
        way = data.reading.get("binarize")
        return cls(
            data=data.name,
            split=split,
            num_examples=count(inputs),
            fingerprint=fingerprint(inputs),
            conditions=sorted(set(inputs) - {"x"}) if isinstance(inputs, Mapping) else [],
            binarization={None: "none", "sampled": f"sampled, seed {SEED}"}.get(way, str(way)),
            measure=evaluation.measure,
            units=evaluation.units,
            num_samples=evaluation.num_samples,
            seed=seed,
            version=version("keras-vae"),
        )


def fingerprint(inputs: Any) -> str:
    """A SHA-256 over examples in their order: an array, or a dict with `x` and conditions.

    Example:
        >>> import numpy as np
        >>> digits = np.zeros((3, 8, 8, 1), "uint8")
        >>> [fingerprint(each) == fingerprint(digits) for each in ({"x": digits}, digits[1:])]
        [True, False]
    """
    columns = inputs if isinstance(inputs, Mapping) else {"x": inputs}
    digest = hashlib.sha256()
    for example in columns["x"]:
        digest.update(content_digest(example))
    for name in sorted(set(columns) - {"x"}):
        digest.update(name.encode())
        digest.update(content_digest(columns[name][:]))
    return digest.hexdigest()


def check_alike(protocols: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse protocols, by the name of their run, whose figures cannot be compared.

    Raises:
        RunError: which names what differs, run by run.

    Example:
        >>> check_alike({"a": {"split": "test"}, "b": {"split": "train"}})
        Traceback (most recent call last):
        keras_vae.errors.RunError: These runs were not measured alike. Compare those that agree in:
          split: test (a), train (b)
    """
    lines = []
    for field, called in ALIKE.items():
        if len({str(protocol.get(field)) for protocol in protocols.values()}) > 1:
            texts = (f"{_text(field, each.get(field))} ({run})" for run, each in protocols.items())
            lines.append(f"  {called}: {', '.join(texts)}")
    if lines:
        raise RunError(
            "\n".join(["These runs were not measured alike. Compare those that agree in:", *lines])
        )


def _text(field: str, value: Any) -> str:
    text = ", ".join(value) if isinstance(value, list) else str(value or "none")
    return text[:_SHOWN_OF_FINGERPRINT] if field == "fingerprint" else text or "none"
