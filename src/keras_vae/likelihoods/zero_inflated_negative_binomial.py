"""Scattered counts with more zeros than they account for."""

import keras

from keras_vae.distributions import Factorized, Tensor
from keras_vae.distributions import ZeroInflatedNegativeBinomial as ZeroInflatedNegativeBinomialDistribution
from keras_vae.likelihoods.bounds import softly_bounded
from keras_vae.likelihoods.negative_binomial import NegativeBinomial


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class ZeroInflatedNegativeBinomial(NegativeBinomial):
    """p(x|z) = π(z) [x = 0] + (1 − π(z)) NB(x; μ(z), r): counts that may also be missed altogether.

    As `NegativeBinomial`, of which it has the arguments, with the log-odds of π from the decoder too.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `log_mean` and `zero_logits`, `(batch, *event_shape)`, and `log_total_count`, of the
        same shape or `(batch, 1, …)`, in float32.

    References:
        Lopez et al., 2018, "Deep generative modeling for single-cell transcriptomics".

    Example:
        >>> import numpy as np
        >>> likelihood = ZeroInflatedNegativeBinomial(event_shape=(3,), total_count=2)
        >>> p = likelihood.distribution(likelihood(np.zeros((1, 16), "float32")))
        >>> print(np.round(keras.ops.convert_to_numpy(p.mean), 3))
        [[0.5 0.5 0.5]]
    """

    @property
    def num_parameters(self) -> int:
        return 2

    def call(self, features: Tensor) -> dict[str, Tensor]:
        numbers = self.projection(features)
        return {
            "log_mean": softly_bounded(numbers[..., 0], -15.0, 15.0),
            "zero_logits": numbers[..., 1],
            "log_total_count": self.log_total_count(features),
        }

    def distribution(self, parameters: dict[str, Tensor]) -> Factorized:
        return ZeroInflatedNegativeBinomialDistribution(
            parameters["log_mean"],
            parameters["log_total_count"],
            parameters["zero_logits"],
            event_ndim=self.event_ndim,
        )
