"""Disentangled inferred priors."""

from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Distribution, Normal, Tensor
from keras_vae.errors import IncompatiblePartsError, InvalidArgumentError
from keras_vae.objectives.objective import Batch, Objective


@keras.saving.register_keras_serializable(package="keras_vae.objectives")
class DIP(Objective):
    r"""The β-ELBO, with a penalty that draws the covariance of the codes to the identity.

    loss = −ELBO_β + λ_od Σ_{i≠j} Cᵢⱼ² + λ_d Σᵢ (Cᵢᵢ − 1)² (Kumar et al., 2018, eq. 6 and 7). C is the
    covariance over the batch of the posterior means (kind 1), or of z itself: that plus the mean
    posterior variance (kind 2). A batch of one has no covariance, and no penalty.

    Args:
        kind: 1 or 2.
        off_diagonal: λ_od.
        diagonal: λ_d; 10·λ_od for kind 1 and λ_od for kind 2 if `None`, as in the paper.
        beta: the weight of the KL.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if a number is out of its range.

    Example:
        >>> DIP(kind=1, off_diagonal=10.0).diagonal
        100.0
    """

    def __init__(
        self,
        kind: int = 2,
        off_diagonal: float = 10.0,
        diagonal: float | None = None,
        beta: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(1, **kwargs)
        if kind not in (1, 2):
            raise InvalidArgumentError(f"kind must be 1 or 2. Received: kind={kind!r}")
        diagonal = off_diagonal * (10.0 if kind == 1 else 1.0) if diagonal is None else diagonal
        if not (off_diagonal >= 0 and diagonal >= 0):
            raise InvalidArgumentError(
                "The weights of the penalty must be zero or more. "
                f"Received: off_diagonal={off_diagonal}, diagonal={diagonal}"
            )
        self.kind = kind
        self.off_diagonal = float(off_diagonal)
        self.diagonal = float(diagonal)
        self.beta = self.add_knob("beta", beta)

    def check(self, posterior: Distribution, prior: Distribution) -> None:
        del prior
        if not isinstance(posterior, Normal):
            raise IncompatiblePartsError(
                "DIP wants the means and variances of independent normal latents, and the posterior is "
                f"{type(posterior).__name__}. Use posterior='diagonal_normal', or another objective."
            )

    def terms(self, batch: Batch) -> dict[str, Tensor]:
        q: Normal = batch.posterior  # type: ignore[assignment]
        count = ops.shape(q.mu)[0]
        centred = q.mu - ops.mean(q.mu, axis=0, keepdims=True)
        covariance = ops.matmul(ops.transpose(centred), centred) / ops.cast(count, "float32")
        identity = ops.eye(q.mu.shape[-1])
        if self.kind == 2:
            covariance = covariance + identity * ops.mean(q.variance, axis=0)
        off_diagonal = ops.sum(ops.square(covariance * (1.0 - identity)))
        diagonal = ops.sum(ops.square((covariance - 1.0) * identity))
        penalty = self.off_diagonal * off_diagonal + self.diagonal * diagonal
        penalty = ops.where(count > 1, penalty, ops.zeros_like(penalty))
        loss = batch.reconstruction + self.beta * batch.kl + penalty
        return {"loss": loss, "reconstruction": batch.reconstruction, "kl": batch.kl}

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "kind": self.kind,
            "off_diagonal": self.off_diagonal,
            "diagonal": self.diagonal,
            "beta": float(self.beta),
        }
