"""The importance-weighted bound."""

from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Distribution, Tensor
from keras_vae.errors import IncompatiblePartsError
from keras_vae.objectives.objective import Batch
from keras_vae.objectives.weighted import ImportanceWeighted, log_mean_exp


@keras.saving.register_keras_serializable(package="keras_vae.objectives")
class IWAE(ImportanceWeighted):
    r"""loss = −log 1/K Σₖ wₖ, wₖ = p(x|zₖ) p(zₖ) / q(zₖ|x) (Burda et al., 2016, eq. 8).

    It rises with K to log p(x); K = 1 is the ELBO. The gradient of the encoder gets noisier as K grows
    (Rainforth et al., 2018); the doubly reparameterised estimator (Tucker et al., 2019) has the same
    expectation without that flaw, for a second pass through the decoder. What is reported is the bound,
    whichever estimator its gradient comes from.

    Args:
        num_samples: K.
        beta: the weight of log p(z) − log q(z|x); 1 is the bound.
        doubly_reparameterized: whether to use that estimator.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if a number is out of its range.

    Example:
        >>> IWAE(num_samples=50).num_samples
        50
    """

    def __init__(
        self,
        num_samples: int = 5,
        beta: float = 1.0,
        doubly_reparameterized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_samples, beta, **kwargs)
        self.doubly_reparameterized = doubly_reparameterized
        self.needs_detached = doubly_reparameterized

    def bound(self, log_weights: Tensor) -> Tensor:
        return log_mean_exp(log_weights)

    def check(self, posterior: Distribution, prior: Distribution) -> None:
        del prior
        if self.doubly_reparameterized and not posterior.has_explicit_parameters:
            raise IncompatiblePartsError(
                f"The doubly reparameterised gradient needs a posterior whose density is given by its "
                f"parameters alone, and {type(posterior).__name__} has networks of its own. "
                "Use diagonal_normal or full_normal, or doubly_reparameterized=False."
            )

    def terms(self, batch: Batch) -> dict[str, Tensor]:
        terms = super().terms(batch)
        if self.doubly_reparameterized:
            value = ops.stop_gradient(terms["loss"])
            surrogate = self._surrogate(batch)
            terms["loss"] = value + surrogate - ops.stop_gradient(surrogate)
        return terms

    def _surrogate(self, batch: Batch) -> Tensor:
        """Its gradient is Σ w̃ ∇θ log w for the model and Σ w̃² ∇z log w · ∇φ z for the encoder."""
        weights = ops.stop_gradient(ops.softmax(self.log_weights(batch), axis=0))
        fixed_z = ops.stop_gradient(batch.z)
        q = batch.posterior.stop_gradient()
        through_z = batch.log_likelihood + self.beta * (batch.prior.log_prob(batch.z) - q.log_prob(batch.z))
        past_z = batch.detached_log_likelihood + self.beta * batch.prior.log_prob(fixed_z)
        squares = ops.square(weights)
        return -ops.sum(squares * through_z + (weights - squares) * past_z, axis=0)

    def get_config(self) -> dict:
        return {**super().get_config(), "doubly_reparameterized": self.doubly_reparameterized}
