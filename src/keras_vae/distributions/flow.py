"""The contract of a flow: a normal distribution, bent by invertible maps."""

import abc
import copy
from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Distribution
from keras_vae.distributions.normal import Normal
from keras_vae.distributions.precision import Tensor


class Flow(Distribution):
    """The distribution of z = f(ε), ε normal, for an invertible f: log p(z) = log N(ε) − log |det ∂f/∂ε|.

    (Rezende & Mohamed, 2015, eq. 5.)

    Args:
        base: the distribution of ε, over `(batch, dim)`.
    """

    def __init__(self, base: Normal) -> None:
        self.base = base

    @abc.abstractmethod
    def forward(self, epsilon: Tensor) -> tuple[Tensor, Tensor]:
        """f(ε), `(…, batch, dim)`, and log |det ∂f/∂ε|, `(…, batch)`."""

    @abc.abstractmethod
    def inverse(self, value: Tensor) -> tuple[Tensor, Tensor]:
        """ε with f(ε) = value, `(…, batch, dim)`, and log |det ∂f/∂ε| there, `(…, batch)`."""

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        return self.forward(self.base.sample(num_samples, seed))[0]

    def log_prob(self, value: Tensor) -> Tensor:
        epsilon, log_determinant = self.inverse(value)
        return self.base.log_prob(epsilon) - log_determinant

    def sample_and_log_prob(
        self, num_samples: int | None = None, seed: Any = None
    ) -> tuple[Tensor, Tensor]:
        epsilon = self.base.sample(num_samples, seed)
        value, log_determinant = self.forward(epsilon)
        return value, self.base.log_prob(epsilon) - log_determinant

    def stop_gradient(self) -> "Flow":
        stopped: Any = super().stop_gradient()
        stopped.base = self.base.stop_gradient()
        return stopped

    @property
    def mean(self) -> Tensor:
        """f(E[ε]), `(batch, dim)`, always the same, near the middle; E[z] itself has no formula."""
        return self.forward(self.base.mean)[0]

    def entropy(self, num_samples: int = 1000, seed: Any = 0) -> Tensor:
        """H[ε] + E[log-determinant], the latter by Monte Carlo: `(batch,)`, in nats.

        The default seed makes it the same each time.

        Args:
            num_samples: how many ε are drawn.
            seed: an integer or a `keras.random.SeedGenerator`.
        """
        _, log_determinants = self.forward(self.base.sample(num_samples, seed))
        return self.base.entropy() + ops.mean(log_determinants, axis=0)

    def _tempered(self, temperature: float) -> "Flow":
        tempered: Any = copy.copy(self)
        tempered.base = self.base.tempered(temperature)
        return tempered
