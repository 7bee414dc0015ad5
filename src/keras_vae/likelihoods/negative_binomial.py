"""Counts that scatter more than their mean."""

import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

import keras

from keras_vae.distributions import Factorized, Tensor
from keras_vae.distributions import NegativeBinomial as NegativeBinomialDistribution
from keras_vae.likelihoods.bounds import softly_bounded
from keras_vae.likelihoods.likelihood import Likelihood
from keras_vae.likelihoods.measure import MASS
from keras_vae.likelihoods.positive_parameter import PositiveParameter, checked_positive
from keras_vae.seeds import child_seeds


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class NegativeBinomial(Likelihood):
    """p(x|z) = NB(x; μ(z), r) for counts x = 0, 1, 2, … with mean μ and variance μ + μ²/r.

    The decoder gives log μ, softly bounded to (−15, 15). r, the total count, is the inverse of the
    dispersion: as it grows, the distribution becomes `Poisson`.

    Args:
        event_shape: the shape of one example, without the batch.
        total_count: r, a positive number; "learned", for one that all elements share; "learned_each",
            for one for each; or "per_element", for one that the decoder gives for each element. Learned
            ones lie between e⁻⁸ and e¹².
        seed: of the projections' initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `total_count` is none of these.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `log_mean`, `(batch, *event_shape)`, and `log_total_count`, of the same shape or
        `(batch, 1, …)`, in float32.

    References:
        Lopez et al., 2018, "Deep generative modeling for single-cell transcriptomics".

    Example:
        >>> import numpy as np
        >>> likelihood = NegativeBinomial(event_shape=(3,), total_count="learned")
        >>> parameters = likelihood(np.zeros((5, 16), "float32"))
        >>> {name: tuple(each.shape) for name, each in parameters.items()}
        {'log_mean': (5, 3), 'log_total_count': (5, 1)}
    """

    measure = MASS

    def __init__(
        self,
        event_shape: Sequence[int] | None = None,
        total_count: float | str = "per_element",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(event_shape, seed=seed, **kwargs)
        self.total_count = checked_positive("total_count", total_count)

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, math.inf

    @property
    def rescalable(self) -> bool:
        return False

    def build(self, input_shape: Sequence[int]) -> None:
        super().build(input_shape)
        second = next(islice(child_seeds(self.seed), 1, None))
        self.log_total_count = PositiveParameter(
            self._known_event_shape(),
            self.total_count,
            low=-8.0,
            high=12.0,
            seed=second,
            dtype=self.dtype_policy,
        )
        self.log_total_count.build(input_shape)

    def call(self, features: Tensor) -> dict[str, Tensor]:
        return {
            "log_mean": softly_bounded(self.projection(features), -15.0, 15.0),
            "log_total_count": self.log_total_count(features),
        }

    def distribution(self, parameters: dict[str, Tensor]) -> Factorized:
        return NegativeBinomialDistribution(
            parameters["log_mean"], parameters["log_total_count"], event_ndim=self.event_ndim
        )

    def get_config(self) -> dict:
        return {**super().get_config(), "total_count": self.total_count}
