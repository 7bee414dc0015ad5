"""What a metric returns."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Measurement:
    """The scores of a metric, and what they are made of.

    Args:
        scores: by name, each from 0 to 1.
        per_factor: by name of a score, what it is of each factor, `(factors,)`.
        importance: what each unit is worth in predicting each factor, `(units, factors)`.
    """

    scores: dict[str, float]
    per_factor: dict[str, np.ndarray] = field(default_factory=dict)
    importance: np.ndarray | None = None
