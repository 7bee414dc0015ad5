"""The levels of 8-bit images, by several logistics for each element."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.distributions import DiscretizedLogisticMixture as DiscretizedLogisticMixtureDistribution
from keras_vae.distributions import Tensor
from keras_vae.likelihoods.bounds import softly_bounded
from keras_vae.likelihoods.counting import checked_count
from keras_vae.likelihoods.likelihood import Likelihood
from keras_vae.likelihoods.measure import Measure, mass_of_levels


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class DiscretizedLogisticMixture(Likelihood):
    """p(x|z) over the levels 0, 1/(K−1), …, 1: each element a mixture of rounded logistics.

    Like `DiscretizedLogistic`, for elements whose values have several peaks. Elements are independent
    given z; colours are not coupled.

    Args:
        event_shape: the shape of one example, without the batch.
        num_components: of the mixture, whose locations begin spread over [0, 1].
        num_levels: K, 256 for 8-bit data.
        seed: of the projection's initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `num_components` is less than 1 or `num_levels` less than 2.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `logits`, `mu` and `log_scale`, which lies in (−8, 2), each
        `(batch, *event_shape, num_components)`, in float32.

    References:
        Salimans et al., 2017, "PixelCNN++".

    Example:
        >>> import numpy as np
        >>> likelihood = DiscretizedLogisticMixture(event_shape=(6,), num_components=3)
        >>> tuple(likelihood(np.zeros((5, 16), "float32"))["mu"].shape)
        (5, 6, 3)
    """

    def __init__(
        self,
        event_shape: Sequence[int] | None = None,
        num_components: int = 5,
        num_levels: int = 256,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(event_shape, seed=seed, **kwargs)
        self.num_components = checked_count("num_components", num_components, least=1)
        self.num_levels = checked_count("num_levels", num_levels, least=2)

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    def measure_of(self, x: np.ndarray) -> Measure:
        return mass_of_levels(x, self.num_levels)

    @property
    def num_parameters(self) -> int:
        return 3 * self.num_components

    def call(self, features: Tensor) -> dict[str, Tensor]:
        logits, mu, log_scale = ops.split(self.projection(features), 3, axis=-1)
        centres = (ops.arange(self.num_components, dtype="float32") + 0.5) / self.num_components
        return {
            "logits": logits,
            "mu": centres + mu,
            "log_scale": softly_bounded(log_scale - 2.0, -8.0, 2.0),
        }

    def distribution(self, parameters: dict[str, Tensor]) -> DiscretizedLogisticMixtureDistribution:
        return DiscretizedLogisticMixtureDistribution(
            parameters["logits"],
            parameters["mu"],
            parameters["log_scale"],
            self.num_levels,
            event_ndim=self.event_ndim,
        )

    def get_config(self) -> dict:
        own = {"num_components": self.num_components, "num_levels": self.num_levels}
        return {**super().get_config(), **own}
