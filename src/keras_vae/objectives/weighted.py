"""Bounds made of importance weights."""

import abc
from typing import Any

from keras import ops

from keras_vae.distributions import Tensor
from keras_vae.objectives.objective import Batch, Objective


class ImportanceWeighted(Objective, abc.ABC):
    """An objective of log wₖ = log p(x|zₖ) + β·(log p(zₖ) − log q(zₖ|x)), with K samples of z.

    Args:
        num_samples: K.
        beta: the weight of the log-ratio; 1 is the bound.
        **kwargs: arguments of `keras.layers.Layer`.
    """

    def __init__(self, num_samples: int, beta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(num_samples, **kwargs)
        self.beta = self.add_knob("beta", beta)

    @abc.abstractmethod
    def bound(self, log_weights: Tensor) -> Tensor:
        """The bound, `(batch,)`, from log w, `(num_samples, batch)`."""

    def log_weights(self, batch: Batch) -> Tensor:
        """log w, `(num_samples, batch)`."""
        return batch.log_likelihood + self.beta * (batch.log_prior - batch.log_posterior)

    def terms(self, batch: Batch) -> dict[str, Tensor]:
        """Minus the bound, and the two terms of the ELBO beside it."""
        return {
            "loss": -self.bound(self.log_weights(batch)),
            "reconstruction": batch.reconstruction,
            "kl": batch.kl,
        }

    def get_config(self) -> dict:
        """The arguments that rebuild this objective."""
        return {**super().get_config(), "num_samples": self.num_samples, "beta": float(self.beta)}


def log_mean_exp(values: Tensor) -> Tensor:
    """log of the mean of exp over the first axis."""
    return ops.logsumexp(values, axis=0) - ops.log(ops.cast(values.shape[0], values.dtype))
