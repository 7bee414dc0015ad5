"""Absolute error as a likelihood."""

import keras

from keras_vae.distributions import Laplace as LaplaceDistribution
from keras_vae.distributions import Tensor
from keras_vae.likelihoods.location_scale import LocationScale


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class Laplace(LocationScale):
    """p(x|z) = Laplace(x; μ(z), b): the mean absolute error, in nats.

    −log p(x|z) = Σ |x − μ| / b + n log 2b. An error twice as large costs twice as much and not four
    times: less blur, and less heed of outliers, than `Normal`. The best one b is the mean absolute error.

    Args:
        event_shape: the shape of one example, without the batch.
        scale: b, a positive number; or "learned", for one that all elements share; "learned_each",
            for one for each element; or "per_element", for one that the decoder gives for each element.
            Learned ones lie between e⁻⁶ and e¹⁰.
        activation: of μ: "linear" for unbounded data, "tanh" for data in [−1, 1], "sigmoid" for data
            in [0, 1].
        seed: of the projections' initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `scale` is none of these, or the activation none of the three.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `mu`, `(batch, *event_shape)`, in float32; and, where the scale is learned,
        `log_scale`, of the same shape or `(batch, 1, …)`.

    Example:
        >>> import numpy as np
        >>> likelihood = Laplace(event_shape=(3,), scale="per_element")
        >>> p = likelihood.distribution(likelihood(np.zeros((5, 8), "float32")))
        >>> tuple(p.variance.shape)
        (5, 3)
    """

    def distribution(self, parameters: dict[str, Tensor]) -> LaplaceDistribution:
        return LaplaceDistribution(
            parameters["mu"], self._log_scale(parameters), event_ndim=self.event_ndim
        )
