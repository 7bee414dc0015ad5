"""A VAE as a detector of anomalies, at a rate of false alarms that is asked for."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import OutlierMixin

from keras_vae import tasks
from keras_vae.calibration import Calibration
from keras_vae.errors import InvalidArgumentError
from keras_vae.estimators.base import VAEEstimator, new_seed
from keras_vae.estimators.composition import encoded

_STRANGEST = float(np.finfo("float32").max)


class VAEOutlierDetector(OutlierMixin, VAEEstimator):
    r"""A detector of scikit-learn's: rows that are unlike the ordinary ones it was trained on.

    A model is trained on a share of the rows and scores the others, which it has not seen. A new row is an
    anomaly, −1, if its conformal p-value among those scores is `false_alarm_rate` or less, see
    `calibration.Calibration`. So ordinary rows raise false alarms at that rate or less, on average over the
    draw of the training rows, whatever the model and the data. With n rows held out, no two of which score
    alike, the rate of one fitted detector is distributed as Beta(k, n + 1 − k), k = ⌊α (n + 1)⌋, where α is
    `false_alarm_rate` (Vovk, 2012, "Conditional validity of inductive conformal predictors"). There is no
    `contamination`: anomalies among the training rows make the detector blind to their like.

    The score of a row does not depend on those beside it. Missing entries, NaN, are left out of it, so that
    a row with gaps seems more ordinary; the rate holds if ordinary rows have gaps as those in training do.

    Args:
        false_alarm_rate: the share of ordinary rows that may be called anomalies, between 0 and 1.
        calibration_share: the share of the training rows that is held out; more if it takes more to tell
            the rate, 1/`false_alarm_rate` − 1 rows.
        method: of the scores, "bound" or "importance", see `tasks.score`.
        num_samples: K, of z, a score.
        latent_dim: as for `VAETransformer`; so all that follow.
        hidden_units: likewise.
        likelihood: likewise.
        stretch: likewise.
        beta: likewise.
        epochs: likewise.
        batch_size: likewise.
        learning_rate: likewise.
        random_state: likewise; it also decides which rows are held out.

    Attributes:
        offset_: what `score_samples` is compared with: below it, a row is an anomaly.
        model_: the trained and calibrated `keras_vae.VAE`.
        n_iter_: passes over the rows.
        n_features_in_: the number of columns.
        feature_names_in_: what they are called, where they came with names.

    Raises:
        InvalidArgumentError: by `fit`, if a number is out of its range, or there are too few rows to tell
            the rate of false alarms. Other errors are those of `VAETransformer`.

    Example:
        >>> ordinary = np.random.default_rng(0).normal(size=(200, 3))
        >>> detector = VAEOutlierDetector(0.05, epochs=1, batch_size=32, random_state=0).fit(ordinary)
        >>> detector.predict([[0, 0, 0], [0, 50, 0]]).tolist()
        [1, -1]
        >>> detector.p_values([[0, 50, 0]]).round(3).tolist()  # 1/41: stranger than all 40 held out
        [0.024]
    """

    def __init__(
        self,
        false_alarm_rate: float = 0.1,
        *,
        calibration_share: float = 0.2,
        method: str = "bound",
        num_samples: int = 16,
        latent_dim: int = 8,
        hidden_units: Sequence[int] = (64,),
        likelihood: str = "normal:scale=learned_each",
        stretch: str | None = "standardize",
        beta: float = 1.0,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float = 1e-3,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            latent_dim,
            hidden_units=hidden_units,
            likelihood=likelihood,
            stretch=stretch,
            beta=beta,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            random_state=random_state,
        )
        self.false_alarm_rate = false_alarm_rate
        self.calibration_share = calibration_share
        self.method = method
        self.num_samples = num_samples

    def fit(self, X: Any, y: Any = None) -> "VAEOutlierDetector":
        """Train on ordinary rows, `(n, num_columns)`, and calibrate; `y` is not looked at."""
        X = self._training_rows(X)
        num_held_out = self._num_held_out(len(X))
        seed = new_seed(self.random_state)
        order = np.random.default_rng(seed).permutation(len(X))
        self._train(X[order[num_held_out:]], seed)
        held_out = encoded(X[order[:num_held_out]], self.model_.preprocessing.schema)
        calibration = tasks.calibrate(self.model_, held_out, self.method, self.num_samples)
        self.offset_ = -calibration.threshold(self.false_alarm_rate)
        return self

    def score_samples(self, X: Any) -> np.ndarray:
        """How ordinary each row is, `(n,)`, in nats: the negative of `tasks.score`."""
        return -self._strangeness(X)

    def decision_function(self, X: Any) -> np.ndarray:
        """`score_samples` minus `offset_`, `(n,)`, in nats: negative for anomalies."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> np.ndarray:
        """−1 for anomalies and 1 for ordinary rows, `(n,)`."""
        return np.where(self.decision_function(X) < 0, -1, 1)

    def p_values(self, X: Any) -> np.ndarray:
        """The conformal p-value of each row, `(n,)`: how likely an ordinary one is to be as strange."""
        strangeness = self._strangeness(X)
        assert self.model_.calibration is not None
        return self.model_.calibration.p_values(strangeness)

    def _strangeness(self, X: Any) -> np.ndarray:
        """In the precision of the calibration, and finite: what overflows is as strange as can be."""
        x = self._rows(X)
        score = tasks.score(self.model_, x).score.astype("float32")
        return np.nan_to_num(score.astype("float64"), nan=_STRANGEST, posinf=_STRANGEST)

    def _num_held_out(self, num_rows: int) -> int:
        if not 0.0 < self.calibration_share < 1.0:
            raise InvalidArgumentError(
                "calibration_share is the share of the rows that is held out, and lies between 0 and 1. "
                f"Received: calibration_share={self.calibration_share!r}"
            )
        # Refuses a rate that all rows but one would be too few to tell.
        Calibration(np.zeros(num_rows - 1)).threshold(self.false_alarm_rate)
        fewest = math.ceil(1.0 / self.false_alarm_rate) - 1
        return min(num_rows - 1, max(fewest, round(self.calibration_share * num_rows)))
