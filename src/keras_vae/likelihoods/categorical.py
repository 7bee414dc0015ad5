"""Classes as numbers."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_vae.distributions import Categorical as CategoricalDistribution
from keras_vae.distributions import Tensor
from keras_vae.likelihoods.counting import checked_count
from keras_vae.likelihoods.likelihood import Likelihood
from keras_vae.likelihoods.measure import MASS


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class Categorical(Likelihood):
    """p(x|z) = softmax(ℓ(z))ₓ for x in {0, …, K − 1}: the cross-entropy of classes, in nats.

    x holds the classes as numbers. `distribution(parameters)` has their `probabilities` and `mode`
    besides the mean, which says something only where the classes are ordered.

    Args:
        event_shape: the shape of one example, without the batch.
        num_categories: K, the same for all elements.
        seed: of the projection's initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `num_categories` is less than 2.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `logits`, `(batch, *event_shape, num_categories)`, in float32.

    Example:
        >>> import numpy as np
        >>> likelihood = Categorical(event_shape=(3,), num_categories=4)
        >>> p = likelihood.distribution(likelihood(np.zeros((5, 16), "float32")))
        >>> tuple(p.probabilities.shape), tuple(p.mode.shape)
        ((5, 3, 4), (5, 3))
    """

    is_class = True
    measure = MASS

    def __init__(
        self,
        event_shape: Sequence[int] | None = None,
        num_categories: int = 2,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(event_shape, seed=seed, **kwargs)
        self.num_categories = checked_count("num_categories", num_categories, least=2)

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, self.num_categories - 1.0

    @property
    def rescalable(self) -> bool:
        return False

    @property
    def num_parameters(self) -> int:
        return self.num_categories

    def call(self, features: Tensor) -> dict[str, Tensor]:
        return {"logits": self.projection(features)}

    def distribution(self, parameters: dict[str, Tensor]) -> CategoricalDistribution:
        return CategoricalDistribution(parameters["logits"], event_ndim=self.event_ndim)

    def get_config(self) -> dict:
        return {**super().get_config(), "num_categories": self.num_categories}
