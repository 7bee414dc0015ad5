"""Codes beside the factors of the same examples, as the metrics take them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from keras_vae.errors import DataError
from keras_vae.tasks.disentanglement.discretize import NUM_BINS, equal_frequency, equal_width
from keras_vae.tasks.disentanglement.information import entropy, mutual_information

#: What is fewer is refused: most of what is measured would be noise.
FEWEST_ROWS = 200
#: So many examples at least must have another value of a factor than the most frequent one.
FEWEST_OTHERS = 10


@dataclass(frozen=True, eq=False)
class LabelledCodes:
    """Codes and factors of the same examples, checked and binned by `of`.

    Args:
        codes: `(n, units)`, float64.
        bins: `(n, units)`, the bin of each code, from 0 to 19; see `discretize.equal_width`.
        classes: `(n, factors)`, the class of each factor, 0, 1, …; see `discretize.equal_frequency`.
        names: of the factors.
    """

    codes: np.ndarray
    bins: np.ndarray
    classes: np.ndarray
    names: tuple[str, ...]

    @classmethod
    def of(cls, codes: Any, factors: Any, names: Sequence[str] | None = None) -> "LabelledCodes":
        """Check codes `(n, units)` and factors `(n, factors)`, numbers, and bin them.

        The bins come from all examples, also where later only some of them are looked at.

        Raises:
            DataError: if the shapes do not fit, a number is not finite, there are fewer than 200 examples
                or 2 factors, or a factor has hardly more than one value.

        Example:
            >>> factors = np.stack([np.arange(300) % 2, np.arange(300) % 3], axis=1)
            >>> LabelledCodes.of(np.linspace(0, 1, 300)[:, None], factors).num_classes
            [2, 3]
        """
        codes, factors = np.asarray(codes, "float64"), np.asarray(factors, "float64")
        if codes.ndim != 2 or factors.ndim != 2 or len(codes) != len(factors) or not codes.shape[1]:
            raise DataError(
                "Codes must be (n, units) and factors (n, factors), of the same n examples. "
                f"Found shapes {codes.shape} and {factors.shape}."
            )
        names = tuple(names or (f"factor {i + 1}" for i in range(factors.shape[1])))
        if len(names) != factors.shape[1]:
            raise DataError(
                f"{len(names)} names were given for {factors.shape[1]} factors: {', '.join(names)}."
            )
        if len(names) < 2:
            raise DataError(
                "Disentanglement is about telling factors apart, and needs at least 2 of them. "
                f"Found {len(names)}: {', '.join(names) or 'none'}."
            )
        if len(codes) < FEWEST_ROWS:
            raise DataError(
                f"At least {FEWEST_ROWS} examples are needed to measure disentanglement. "
                f"Found {len(codes)}."
            )
        odd = int((~np.isfinite(codes).all(axis=1)).sum())
        if odd:
            raise DataError(f"Codes must be finite. Found NaN or infinity in {odd} of {len(codes)}.")
        for name, factor in zip(names, factors.T, strict=True):
            _check_factor(name, factor)
        return cls(
            codes,
            np.stack([equal_width(code) for code in codes.T], axis=1),
            np.stack([equal_frequency(factor) for factor in factors.T], axis=1),
            names,
        )

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def num_classes(self) -> list[int]:
        """How many classes each factor has."""
        return [int(most) + 1 for most in self.classes.max(axis=0)]

    @property
    def varies(self) -> np.ndarray:
        """Which units have more than one code, `(units,)`."""
        return self.codes.max(axis=0) > self.codes.min(axis=0)

    @cached_property
    def counts(self) -> list[np.ndarray]:
        """For each factor how often each bin of each unit meets each class, `(units, 20, classes)`."""
        return [
            np.stack(
                [
                    np.bincount(bins * width + factor, minlength=NUM_BINS * width).reshape(NUM_BINS, width)
                    for bins in self.bins.T
                ]
            )
            for factor, width in zip(self.classes.T, self.num_classes, strict=True)
        ]

    @property
    def mutual_information(self) -> np.ndarray:
        """I(zᵢ; vⱼ) in nats, `(units, factors)`."""
        return np.stack([mutual_information(each) for each in self.counts], axis=1)

    @property
    def entropies(self) -> np.ndarray:
        """H(vⱼ) in nats, `(factors,)`."""
        return np.array([entropy(each[0].sum(axis=0)) for each in self.counts])

    def rows(self, chosen: np.ndarray) -> "LabelledCodes":
        """Some of the examples."""
        return LabelledCodes(self.codes[chosen], self.bins[chosen], self.classes[chosen], self.names)

    def units(self, chosen: np.ndarray) -> "LabelledCodes":
        """Some of the units."""
        return LabelledCodes(self.codes[:, chosen], self.bins[:, chosen], self.classes, self.names)

    def half(self, generator: np.random.Generator) -> "LabelledCodes":
        """Half of the examples, drawn without replacement."""
        return self.rows(generator.permutation(len(self))[: len(self) // 2])

    def shuffled(self, generator: np.random.Generator) -> "LabelledCodes":
        """The codes of some examples beside the factors of others: what they say of them is chance."""
        order = generator.permutation(len(self))
        return LabelledCodes(self.codes[order], self.bins[order], self.classes, self.names)


def _check_factor(name: str, factor: np.ndarray) -> None:
    unknown = int((~np.isfinite(factor)).sum())
    if unknown:
        raise DataError(
            f"The factor {name!r} is NaN or infinite in {unknown} of {len(factor)} examples: leave those "
            "examples out."
        )
    others = len(factor) - int(np.unique(factor, return_counts=True)[1].max())
    if others < FEWEST_OTHERS:
        raise DataError(
            f"The factor {name!r} has the same value in {len(factor) - others} of {len(factor)} examples, "
            f"and at least {FEWEST_OTHERS} must have another: leave it out."
        )
