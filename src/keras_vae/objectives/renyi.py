"""The Rényi bound."""

from typing import Any

import keras
from keras import ops

from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError
from keras_vae.objectives.weighted import ImportanceWeighted, log_mean_exp

# Nearer to 1 than this, float32 loses more in 1 / (1 − α) than the limit is away.
_LIMIT = 1e-3


@keras.saving.register_keras_serializable(package="keras_vae.objectives")
class Renyi(ImportanceWeighted):
    r"""loss = −1/(1 − α) · log 1/K Σₖ wₖ^(1 − α) (Li & Turner, 2016, eq. 16).

    α → 1 is the ELBO, α = 0 the importance-weighted bound, α → −∞ the largest weight (VR-max).

    Args:
        alpha: α, any finite number.
        num_samples: K.
        beta: the weight of log p(z) − log q(z|x) in log w; 1 is the bound.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if a number is out of its range.

    Example:
        >>> Renyi(alpha=0.5, num_samples=10).alpha
        0.5
    """

    def __init__(self, alpha: float = 0.5, num_samples: int = 5, beta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(num_samples, beta, **kwargs)
        if isinstance(alpha, str) or not abs(alpha) < float("inf"):
            raise InvalidArgumentError(f"alpha must be a finite number. Received: alpha={alpha}")
        self.alpha = float(alpha)

    def bound(self, log_weights: Tensor) -> Tensor:
        rest = 1.0 - self.alpha
        if abs(rest) < _LIMIT:
            return ops.mean(log_weights, axis=0)
        return log_mean_exp(rest * log_weights) / rest

    def get_config(self) -> dict:
        return {**super().get_config(), "alpha": self.alpha}
