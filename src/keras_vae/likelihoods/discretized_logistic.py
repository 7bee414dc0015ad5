"""The levels of 8-bit images, by one logistic for each element."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import keras
import numpy as np

from keras_vae.distributions import DiscretizedLogistic as DiscretizedLogisticDistribution
from keras_vae.distributions import Tensor
from keras_vae.likelihoods.counting import checked_count
from keras_vae.likelihoods.likelihood import Likelihood
from keras_vae.likelihoods.measure import Measure, mass_of_levels
from keras_vae.likelihoods.positive_parameter import PositiveParameter, checked_positive
from keras_vae.seeds import child_seeds


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class DiscretizedLogistic(Likelihood):
    """p(x|z) over the levels 0, 1/(K−1), …, 1: a logistic with location μ(z), rounded to the nearest.

    A true probability of the 8-bit image: −log p(x|z) / (n log 2) is in bits per dimension, comparable
    with those of autoregressive models and of compressors. x is rounded to its level.

    Args:
        event_shape: the shape of one example, without the batch.
        num_levels: K, 256 for 8-bit data.
        scale: of the logistic, in units of the data in [0, 1]: a positive number; "learned", for one that
            all elements share; "learned_each", for one for each; or "per_element", for one that the decoder
            gives for each. Learned ones lie between e⁻⁸ and e² and begin at e⁻².
        seed: of the projections' initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `num_levels` is less than 2, or `scale` none of these.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `mu`, `(batch, *event_shape)`, and `log_scale`, of the same shape or `(batch, 1, …)`,
        in float32.

    References:
        Kingma et al., 2016, "Improved variational inference with inverse autoregressive flow"; Salimans
        et al., 2017, "PixelCNN++".

    Example:
        >>> import numpy as np
        >>> likelihood = DiscretizedLogistic(event_shape=(28, 28, 1))
        >>> p = likelihood.distribution(likelihood(np.zeros((5, 28, 28, 32), "float32")))
        >>> tuple(p.log_prob(np.zeros((5, 28, 28, 1))).shape)
        (5,)
    """

    def __init__(
        self,
        event_shape: Sequence[int] | None = None,
        num_levels: int = 256,
        scale: float | str = "learned",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(event_shape, seed=seed, **kwargs)
        self.num_levels = checked_count("num_levels", num_levels, least=2)
        self.scale = checked_positive("scale", scale)

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    def measure_of(self, x: np.ndarray) -> Measure:
        return mass_of_levels(x, self.num_levels)

    def build(self, input_shape: Sequence[int]) -> None:
        super().build(input_shape)
        second = next(islice(child_seeds(self.seed), 1, None))
        self.log_scale = PositiveParameter(
            self._known_event_shape(),
            self.scale,
            low=-8.0,
            high=2.0,
            initial=-2.0,
            seed=second,
            dtype=self.dtype_policy,
        )
        self.log_scale.build(input_shape)

    def call(self, features: Tensor) -> dict[str, Tensor]:
        return {"mu": 0.5 + self.projection(features), "log_scale": self.log_scale(features)}

    def distribution(self, parameters: dict[str, Tensor]) -> DiscretizedLogisticDistribution:
        return DiscretizedLogisticDistribution(
            parameters["mu"], parameters["log_scale"], self.num_levels, event_ndim=self.event_ndim
        )

    def get_config(self) -> dict:
        return {**super().get_config(), "num_levels": self.num_levels, "scale": self.scale}
