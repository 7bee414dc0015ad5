"""The total correlation, weighed by itself."""

from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Distribution, Factorized, Tensor
from keras_vae.errors import IncompatiblePartsError, InvalidArgumentError
from keras_vae.objectives.objective import Batch, Objective


@keras.saving.register_keras_serializable(package="keras_vae.objectives")
class BetaTC(Objective):
    r"""loss = −E_q[log p(x|z)] + α·I(x; z) + β·TC(z) + γ·Σⱼ KL(q(zⱼ) ‖ p(zⱼ)) (Chen et al., 2018, eq. 4).

    The KL, taken apart: how much z tells of x, how far the latents are from independent (the total
    correlation), and how far each is from the prior. Weights all 1 are the ELBO in expectation. The
    aggregate posterior q(z) is estimated within the batch, by minibatch weighted or stratified sampling
    (appendix C).

    Args:
        beta: β, the weight of the total correlation.
        mutual_information: α.
        dimension_kl: γ.
        dataset_size: how many training examples there are; if `None`, q(z) is that of the batch alone,
            which shifts the terms by constants and changes no gradient of the weighted estimator.
        estimator: "weighted", or "stratified", which needs `dataset_size`.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if a number is out of its range, or there is no such estimator.

    Example:
        >>> float(BetaTC(beta=6.0).beta)
        6.0
    """

    def __init__(
        self,
        beta: float = 6.0,
        mutual_information: float = 1.0,
        dimension_kl: float = 1.0,
        dataset_size: int | None = None,
        estimator: str = "weighted",
        **kwargs: Any,
    ) -> None:
        super().__init__(1, **kwargs)
        if estimator not in ("weighted", "stratified") or (estimator == "stratified" and not dataset_size):
            raise InvalidArgumentError(
                "estimator must be 'weighted', or 'stratified' with a dataset_size. "
                f"Received: estimator={estimator!r}, dataset_size={dataset_size}"
            )
        self.beta = self.add_knob("beta", beta)
        self.mutual_information = self.add_knob("mutual_information", mutual_information)
        self.dimension_kl = self.add_knob("dimension_kl", dimension_kl)
        self.dataset_size = dataset_size
        self.estimator = estimator

    def check(self, posterior: Distribution, prior: Distribution) -> None:
        for part, each in (("posterior", posterior), ("prior", prior)):
            if not isinstance(each, Factorized):
                raise IncompatiblePartsError(
                    f"The total correlation looks at each latent by itself, and the {part} "
                    f"{type(each).__name__} does not split into latents. Use posterior='diagonal_normal' "
                    "and prior='standard_normal', or another objective."
                )

    def terms(self, batch: Batch) -> dict[str, Tensor]:
        z = batch.z[0]
        # log q(zᵢⱼ|xₖ), for every sample i, example k and latent j
        each = batch.posterior.element_log_prob(ops.expand_dims(z, 1))  # type: ignore[attr-defined]
        weights = self._log_importance(ops.shape(z)[0])
        log_q = ops.logsumexp(weights + ops.sum(each, axis=-1), axis=1)
        log_product = ops.sum(ops.logsumexp(ops.expand_dims(weights, -1) + each, axis=1), axis=-1)
        log_prior, log_conditional = batch.log_prior[0], batch.log_posterior[0]
        loss = (
            batch.reconstruction
            + self.mutual_information * (log_conditional - log_q)
            + self.beta * (log_q - log_product)
            + self.dimension_kl * (log_product - log_prior)
        )
        return {"loss": loss, "reconstruction": batch.reconstruction, "kl": batch.kl}

    def _log_importance(self, size: Any) -> Tensor:
        """log of the weight with which example k stands for q(z) at sample i: `(batch, batch)`."""
        count = ops.cast(size, "float32")
        if self.estimator == "weighted" or self.dataset_size is None:
            return -ops.log((self.dataset_size or 1.0) * count) + ops.zeros((size, size))
        # Appendix C.2: the sample's own example with 1/N; one other stands for those not in the batch.
        total, others = float(self.dataset_size), ops.maximum(count - 1.0, 1.0)
        own = ops.eye(size)
        stratified = (total - others) / (total * others)
        following = ops.roll(own, 1, axis=1)
        weights = ops.where(own > 0, 1.0 / total, ops.where(following > 0, stratified, 1.0 / others))
        return ops.log(weights)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "beta": float(self.beta),
            "mutual_information": float(self.mutual_information),
            "dimension_kl": float(self.dimension_kl),
            "dataset_size": self.dataset_size,
            "estimator": self.estimator,
        }
