"""The evidence lower bound, β, free bits and a capacity."""

from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Normal, Tensor, element_kl
from keras_vae.errors import InvalidArgumentError
from keras_vae.objectives.objective import Batch, Objective


@keras.saving.register_keras_serializable(package="keras_vae.objectives")
class ELBO(Objective):
    r"""loss = −E_q[log p(x|z)] + β·KL(q(z|x) ‖ p(z)), in nats per example.

    With β = 1 it is minus the evidence lower bound (Kingma & Welling, 2014, eq. 3), whatever the size
    of the image or of the batch; other β give the β-VAE (Higgins et al., 2017). The KL is exact where
    a closed form is known.

    Free bits λ spare each latent its first λ nats: the KL becomes Σⱼ max(λ, KLⱼ), with KLⱼ the mean over
    the batch (Kingma et al., 2016, section 5.1); where it does not split by latent, max(dλ, KL). A
    capacity C makes the penalty β·|KL − C| (Burgess et al., 2018). `reconstruction` and `kl` are reported
    as they are; free bits and capacity change the loss alone.

    Args:
        beta: the weight of the KL, zero or more.
        free_bits: λ, in nats a latent; 0 is off.
        capacity: C in nats, for all the latents together; `None` is off.
        num_samples: samples of z an example.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if a number is negative or not finite.

    Example:
        >>> float(ELBO(beta=4.0).beta)
        4.0
    """

    def __init__(
        self,
        beta: float = 1.0,
        free_bits: float = 0.0,
        capacity: float | None = None,
        num_samples: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_samples, **kwargs)
        self.beta = self.add_knob("beta", beta)
        if not free_bits >= 0:
            raise InvalidArgumentError(f"free_bits must be zero or more. Received: free_bits={free_bits}")
        self.free_bits = float(free_bits)
        self.capacity = None if capacity is None else self.add_knob("capacity", capacity)

    def terms(self, batch: Batch) -> dict[str, Tensor]:
        kl = batch.kl
        penalty = self._spare(batch, kl) if self.free_bits > 0 else kl
        if self.capacity is not None:
            penalty = ops.abs(penalty - self.capacity)
        return {
            "loss": batch.reconstruction + self.beta * penalty,
            "reconstruction": batch.reconstruction,
            "kl": kl,
        }

    def _spare(self, batch: Batch, kl: Tensor) -> Tensor:
        """Σⱼ max(λ, mean KLⱼ), in terms whose mean over the batch it is."""
        q, p = batch.posterior, batch.prior
        latents = batch.z.shape[-1]
        if isinstance(q, Normal) and isinstance(p, Normal):
            each, least = element_kl(q.mu, q.log_var, p.mu, p.log_var), self.free_bits
        else:
            each, least = ops.expand_dims(kl, -1), self.free_bits * latents
        above = ops.mean(each, axis=0, keepdims=True) > least
        return ops.sum(ops.where(above, each, least), axis=-1)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "beta": float(self.beta),
            "free_bits": self.free_bits,
            "capacity": None if self.capacity is None else float(self.capacity),
            "num_samples": self.num_samples,
        }
