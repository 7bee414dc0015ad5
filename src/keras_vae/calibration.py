"""The scores of ordinary examples, by which the score of another one is judged."""

import math
from typing import Any

import keras
import numpy as np

from keras_vae.code_density import CodeDensity
from keras_vae.errors import InvalidArgumentError


@keras.saving.register_keras_serializable(package="keras_vae")
class Calibration:
    r"""The scores of ordinary examples that a model was not trained on; part of its `model.keras`.

    The conformal p-value of an example with the score s is p = (1 + #{i: sᵢ ≥ s}) / (n + 1), over the n
    scores sᵢ kept here. If the example is as ordinary as those, P(p ≤ α) ≤ α, whatever the model and the
    data (Vovk, Gammerman & Shafer, 2005, proposition 2.8; Bates et al., 2023, "Testing for outliers with
    conformal p-values"): who calls an anomaly what has p ≤ α raises false alarms at the rate α, and no
    anomaly needs ever to have been seen.

    Args:
        scores: `(n,)`, the higher the stranger, at least one.
        density: of the codes of ordinary examples, for scores that need one.
        **settings: how they were computed: arguments of `tasks.score`.

    Raises:
        InvalidArgumentError: if there is no score, or one is NaN.

    Example:
        >>> calibration = Calibration(np.arange(99.0))
        >>> calibration.p_values(np.array([-1.0, 49.5, 1000.0])).tolist()
        [1.0, 0.5, 0.01]
        >>> calibration.threshold(0.05)
        94.0
    """

    def __init__(self, scores: Any, density: CodeDensity | None = None, **settings: Any) -> None:
        self.scores = np.sort(np.asarray(scores, "float32").ravel())
        self.density = density
        self.settings = settings
        if not len(self.scores) or np.isnan(self.scores).any():
            raise InvalidArgumentError(
                "A calibration needs the scores of at least one ordinary example. Received: "
                f"{len(self.scores)} scores, {int(np.isnan(self.scores).sum())} of them NaN"
            )

    def __len__(self) -> int:
        return len(self.scores)

    def p_values(self, scores: Any) -> np.ndarray:
        """The conformal p-value of each score, `(n,)` → `(n,)`, float64; that of NaN is NaN."""
        scores = np.asarray(scores, "float32")
        at_least = len(self) - np.searchsorted(self.scores, scores, side="left")
        return np.where(np.isnan(scores), np.nan, (1.0 + at_least) / (len(self) + 1.0))

    def threshold(self, false_alarm_rate: float) -> float:
        """The score above which p ≤ `false_alarm_rate`.

        Raises:
            InvalidArgumentError: if the rate does not lie in (0, 1), or so few scores cannot tell it.
        """
        if not 0.0 < false_alarm_rate < 1.0:
            raise InvalidArgumentError(
                f"A rate of false alarms lies between 0 and 1. Received: {false_alarm_rate}"
            )
        # Divided as in `p_values`: α (n + 1) may fall short of a whole number by rounding.
        possible = np.arange(1, len(self) + 2) / (len(self) + 1.0)
        allowed = int(np.searchsorted(possible, false_alarm_rate, side="right"))
        if allowed < 1:
            raise InvalidArgumentError(
                f"A false-alarm rate of {false_alarm_rate:g} takes {math.ceil(1 / false_alarm_rate) - 1:,} "
                f"ordinary examples to calibrate with, and this model was calibrated with {len(self):,}: "
                "calibrate with more, or allow more false alarms."
            )
        return float(self.scores[len(self) - allowed])

    def get_config(self) -> dict:
        """The arguments that rebuild this object."""
        density = keras.saving.serialize_keras_object(self.density)
        return {"scores": self.scores.tolist(), "density": density, **self.settings}

    @classmethod
    def from_config(cls, config: dict) -> "Calibration":
        """The object that `get_config` describes."""
        density = keras.saving.deserialize_keras_object(config.get("density"))
        return cls(**{**config, "density": density})
