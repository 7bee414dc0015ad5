"""Maximum mean discrepancy between the codes and the prior."""

from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError
from keras_vae.objectives.objective import Batch, Objective
from keras_vae.seeds import SeededLayer

# Widths of the kernels, as multiples of what two samples of N(0, I) are apart.
_SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@keras.saving.register_keras_serializable(package="keras_vae.objectives")
class MMD(SeededLayer, Objective):
    r"""loss = −E_q[log p(x|z)] + β·KL + λ·MMD²(q(z), p(z)).

    InfoVAE (Zhao et al., 2019, eq. 6) with their α and λ is `beta=1 − α`, `weight=α + λ − 1`;
    the Wasserstein autoencoder (WAE-MMD; Tolstikhin et al., 2018) is `beta=0`. MMD² is the unbiased
    estimate between the batch's codes and as many samples of the prior (Gretton et al., 2012, eq. 3), which
    may be slightly negative; a batch of one has none. The kernel is a sum over seven widths.

    Args:
        weight: λ.
        beta: the weight of the KL.
        kernel: "imq" (inverse multiquadratic, heavy-tailed, as in WAE) or "rbf".
        seed: of the prior's samples.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if a number is out of its range or the kernel unknown.

    Example:
        >>> MMD(weight=100.0, beta=0.0).kernel
        'imq'
    """

    def __init__(
        self,
        weight: float = 10.0,
        beta: float = 0.0,
        kernel: str = "imq",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, num_samples=1, **kwargs)
        if kernel not in ("imq", "rbf"):
            raise InvalidArgumentError(f"kernel must be 'imq' or 'rbf'. Received: kernel={kernel!r}")
        self.weight = self.add_knob("weight", weight)
        self.beta = self.add_knob("beta", beta)
        self.kernel = kernel

    def terms(self, batch: Batch) -> dict[str, Tensor]:
        codes = batch.z[0]
        count = ops.shape(codes)[0]
        fresh = self._prior_samples(batch, count)
        loss = batch.reconstruction + self.beta * batch.kl + self.weight * self.discrepancy(codes, fresh)
        return {"loss": loss, "reconstruction": batch.reconstruction, "kl": batch.kl}

    def discrepancy(self, first: Tensor, second: Tensor) -> Tensor:
        """The unbiased estimate of MMD² between two samples of one size, each `(n, latent_dim)`."""
        count = ops.cast(ops.shape(first)[0], "float32")
        pairs = count * ops.maximum(count - 1.0, 1.0)
        within = self._kernel_sum(first, first) + self._kernel_sum(second, second)
        # Each sample with itself has a kernel of 1 at every width.
        within = within - 2.0 * count * len(_SCALES)
        across = self._kernel_sum(first, second)
        estimate = within / pairs - 2.0 * across / ops.square(count)
        return ops.where(count > 1.0, estimate, ops.zeros_like(estimate))

    def _kernel_sum(self, first: Tensor, second: Tensor) -> Tensor:
        squares = ops.sum(ops.square(ops.expand_dims(first, 1) - ops.expand_dims(second, 0)), axis=-1)
        total = ops.zeros_like(squares)
        for scale in _SCALES:
            ratio = squares / (2.0 * first.shape[-1] * scale)
            total = total + (1.0 / (1.0 + ratio) if self.kernel == "imq" else ops.exp(-ratio))
        return ops.sum(total)

    def _prior_samples(self, batch: Batch, count: Any) -> Tensor:
        """As many samples of p(z) as there are codes; one for each condition where it has one."""
        drawn = batch.prior.sample(count, seed=self.seed_generator)
        return drawn[:, 0] if drawn.shape[1] == 1 else batch.prior.sample(seed=self.seed_generator)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "weight": float(self.weight),
            "beta": float(self.beta),
            "kernel": self.kernel,
        }
