"""Grey values as a density on [0, 1]."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_vae.distributions import ContinuousBernoulli as ContinuousBernoulliDistribution
from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods.likelihood import Likelihood


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class ContinuousBernoulli(Likelihood):
    """The binary cross-entropy of x in [0, 1], with the constant that makes it a density of grey values.

    Unlike `Bernoulli`'s, its figures can be compared with those of other densities on [0, 1]. Its mean
    is not the sigmoid of the logits, but nearer one half.

    A value that is always the same, such as the black of a margin, pulls its logit towards infinity and
    the density with it. Grey values are no finer than their levels, and the density need not be: logits
    are bent into (−1/resolution, 1/resolution), as tanh(resolution · logit) / resolution.

    Args:
        event_shape: the shape of one example, without the batch.
        resolution: the smallest difference between values, in (0, 1]: 1/255 for 8-bit data.
        seed: of the projection's initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `resolution` is out of its range.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `logits`, `(batch, *event_shape)`, in float32.

    References:
        Loaiza-Ganem & Cunningham, 2019, "The continuous Bernoulli: fixing a pervasive error in
        variational autoencoders".

    Example:
        >>> import numpy as np
        >>> likelihood = ContinuousBernoulli(event_shape=(28, 28, 1))
        >>> p = likelihood.distribution(likelihood(np.zeros((5, 28, 28, 32), "float32")))
        >>> tuple(p.mean.shape)
        (5, 28, 28, 1)
    """

    def __init__(
        self,
        event_shape: Sequence[int] | None = None,
        resolution: float = 1 / 255,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(event_shape, seed=seed, **kwargs)
        if not 0.0 < resolution <= 1.0:
            raise InvalidArgumentError(
                f"resolution must lie in (0, 1], as 1/255 does. Received: resolution={resolution!r}"
            )
        self.resolution = float(resolution)

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, 1.0

    def call(self, features: Tensor) -> dict[str, Tensor]:
        return {"logits": ops.tanh(self.resolution * self.projection(features)) / self.resolution}

    def distribution(self, parameters: dict[str, Tensor]) -> ContinuousBernoulliDistribution:
        return ContinuousBernoulliDistribution(parameters["logits"], event_ndim=self.event_ndim)

    def get_config(self) -> dict:
        return {**super().get_config(), "resolution": self.resolution}
