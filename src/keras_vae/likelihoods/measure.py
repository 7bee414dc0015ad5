"""What the figure of a likelihood is of: a probability mass, a density, both, or neither."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

# So far from a level, in levels, a value lies because of float32 and not because it was rounded.
_TOLERANCE = 1e-2


@dataclass(frozen=True)
class Measure:
    """What log p(x) is of. Figures compare with each other where all three of these are the same.

    Args:
        word: "mass", "density", "mixed" or "cross-entropy".
        sentence: what that is, and with what it can be compared.
        units: of the values of which it is, where the figure depends on them; none for a mass.
    """

    word: str
    sentence: str
    units: str = ""


MASS = Measure(
    "mass",
    "A probability mass of the values: comparable between all likelihoods of the same discrete values.",
)
DENSITY = Measure(
    "density",
    "A probability density of the rescaled values: comparable with densities of values rescaled alike.",
)
MIXED = Measure(
    "mixed",
    "A density of the real columns times a probability mass of the others: comparable where columns are "
    "the same and rescaled alike.",
)
CROSS_ENTROPY = Measure(
    "cross-entropy",
    "The Bernoulli cross-entropy of grey values, and no likelihood of the data: comparable with itself "
    "alone.",
)


def mass_of_levels(x: np.ndarray, num_levels: int) -> Measure:
    """The mass that a likelihood over the levels 0, 1/(K−1), …, 1 gives, which rounds others to them.

    Args:
        x: data as the model sees them, NaN for what is missing.
        num_levels: K.

    Example:
        >>> mass_of_levels(np.array([0.0, 0.4, 1.0]), num_levels=3).units
        'rounded to 3 levels'
    """
    scaled = np.asarray(x, "float64") * (num_levels - 1)
    if not (np.abs(scaled - np.rint(scaled)) > _TOLERANCE).any():
        return MASS
    return Measure(
        "mass",
        f"A probability mass of the values rounded to {num_levels} levels: comparable where they are "
        "rounded alike.",
        f"rounded to {num_levels} levels",
    )


def combined(measures: Iterable[Measure]) -> Measure:
    """What a product is of whose factors are of these.

    Example:
        >>> combined([MASS, MASS]).word, combined([MASS, DENSITY]).word
        ('mass', 'mixed')
    """
    found = set(measures)
    if CROSS_ENTROPY in found:
        return CROSS_ENTROPY
    words = {each.word for each in found}
    if len(words) > 1:
        return MIXED
    return max(found, key=lambda each: each.units)
