"""Mixtures of distributions."""

from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Distribution
from keras_vae.distributions.noise import choice_noise
from keras_vae.distributions.precision import Tensor, as_float
from keras_vae.distributions.seeding import independent_seeds


class Mixture(Distribution):
    r"""A mixture of K components of one family, Σₖ πₖ pₖ(z), with π = softmax(logits).

    log p(z) = logsumexpₖ [log πₖ + log pₖ(z)]. It is over `(1, dim)`, one distribution that broadcasts
    over any batch of values `(…, dim)`. A sample is reparameterised through the component it comes from,
    and not through the choice of that component.

    Args:
        logits: of the weights of the components, `(num_components,)`.
        components: a distribution over `(num_components, dim)`, whose `log_prob` broadcasts.

    Example:
        >>> import numpy as np
        >>> from keras_vae.distributions import Normal
        >>> two = Normal(np.array([[-1.0, 0.0], [1.0, 0.0]]), np.zeros((2, 2)))
        >>> mixture = Mixture(np.zeros(2), two)
        >>> print(np.round(ops.convert_to_numpy(mixture.log_prob(np.zeros((3, 2)))), 4))
        [-2.3379 -2.3379 -2.3379]
        >>> tuple(mixture.sample(5, seed=0).shape)
        (5, 1, 2)
    """

    def __init__(self, logits: Tensor, components: Distribution) -> None:
        self.logits = as_float(logits)
        self.components = components
        self.has_explicit_parameters = components.has_explicit_parameters

    def stop_gradient(self) -> "Mixture":
        return Mixture(ops.stop_gradient(self.logits), self.components.stop_gradient())

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        seeds = independent_seeds(seed)
        count = 1 if num_samples is None else num_samples
        choice = choice_noise(self.logits, count, next(seeds))
        draws = self.components.sample(count, seed=next(seeds))
        chosen = ops.take_along_axis(draws, choice[:, None, None], axis=1)
        return chosen[0] if num_samples is None else chosen

    def log_prob(self, value: Tensor) -> Tensor:
        of_components = self.components.log_prob(ops.expand_dims(as_float(value), -2))
        log_weights = ops.cast(ops.log_softmax(self.logits), of_components.dtype)
        return ops.logsumexp(log_weights + of_components, axis=-1)

    @property
    def mean(self) -> Tensor:
        """Σₖ πₖ E[zₖ], `(1, dim)`."""
        means = self.components.mean
        # Not softmax: Keras warns of one over a single component.
        weights = ops.cast(ops.exp(ops.log_softmax(self.logits)), means.dtype)
        return ops.sum(weights[:, None] * means, axis=0, keepdims=True)

    def entropy(self, num_samples: int = 1000, seed: Any = 0) -> Tensor:
        """The Monte Carlo estimate of the entropy, −mean over z of log p(z): `(1,)`, in nats.

        It has no closed form. The default seed makes it the same each time.

        Args:
            num_samples: how many z are drawn.
            seed: an integer or a `keras.random.SeedGenerator`.
        """
        return -ops.mean(self.log_prob(self.sample(num_samples, seed)), axis=0)

    def _tempered(self, temperature: float) -> "Mixture":
        return Mixture(self.logits, self.components.tempered(temperature))
