"""The evidence lower bound, and β."""

import math
from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Distribution, Tensor, kl
from keras_vae.errors import InvalidArgumentError
from keras_vae.objectives.objective import Objective


@keras.saving.register_keras_serializable(package="keras_vae.objectives")
class ELBO(Objective):
    """loss = −E_q[log p(x|z)] + β·KL(q(z|x) ‖ p(z)), in nats per example.

    With β = 1 it is minus the evidence lower bound (Kingma & Welling, 2014, eq. 3), whatever the size
    of the image or of the batch; other β give the β-VAE (Higgins et al., 2017). The KL is exact where
    a closed form is known.

    Args:
        beta: the weight of the KL, zero or more.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if `beta` is negative or not finite.

    Example:
        >>> ELBO(beta=4.0).beta
        4.0
    """

    def __init__(self, beta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(num_samples=1, **kwargs)
        if not (math.isfinite(beta) and beta >= 0):
            raise InvalidArgumentError(
                "beta weighs the KL and must be a finite number, zero or more (1 is the ELBO). "
                f"Received: beta={beta}"
            )
        self.beta = float(beta)

    def terms(
        self,
        *,
        log_likelihood: Tensor,
        log_posterior: Tensor,
        log_prior: Tensor,
        z: Tensor,
        posterior: Distribution,
        prior: Distribution,
    ) -> dict[str, Tensor]:
        del z
        reconstruction = -ops.mean(log_likelihood, axis=0)
        divergence = kl(posterior, prior, log_posterior - log_prior)
        return {
            "loss": reconstruction + self.beta * divergence,
            "reconstruction": reconstruction,
            "kl": divergence,
        }

    def get_config(self) -> dict:
        return {**super().get_config(), "beta": self.beta}
