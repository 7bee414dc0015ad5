"""The contract of an objective."""

import abc
import math
from dataclasses import dataclass
from typing import Any

import keras

from keras_vae.arguments import positive_integer
from keras_vae.distributions import Distribution, Tensor, kl
from keras_vae.errors import InvalidArgumentError


@dataclass(frozen=True)
class Batch:
    """What the model computed for a batch, with K samples of z an example.

    Args:
        log_likelihood: log p(x|z) in nats, summed over the event: `(K, batch)`.
        log_posterior: log q(z|x), `(K, batch)`.
        log_prior: log p(z), `(K, batch)`.
        z: `(K, batch, latent_dim)`, drawn from the posterior.
        posterior: q(z|x).
        prior: p(z).
        detached_log_likelihood: as `log_likelihood`, with z held fixed for the gradient; only for
            objectives that ask for it.
    """

    log_likelihood: Tensor
    log_posterior: Tensor
    log_prior: Tensor
    z: Tensor
    posterior: Distribution
    prior: Distribution
    detached_log_likelihood: Tensor | None = None

    @property
    def reconstruction(self) -> Tensor:
        """−E_q[log p(x|z)], `(batch,)`."""
        return -keras.ops.mean(self.log_likelihood, axis=0)

    @property
    def kl(self) -> Tensor:
        """KL(q ‖ p), exact where a closed form is known, `(batch,)`."""
        return kl(self.posterior, self.prior, self.log_posterior - self.log_prior)


class Objective(keras.layers.Layer, abc.ABC):
    """Turns what the model computed for a batch into terms, each `(batch,)` and in nats.

    It is a layer so that Keras saves what it holds; it is used through `terms`, never called.

    Args:
        num_samples: how many samples of z an example it wants.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if `num_samples` is no positive integer.
    """

    #: Whether the model has to decode the samples a second time, held fixed for the gradient.
    needs_detached = False

    def __init__(self, num_samples: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_samples = positive_integer("num_samples", num_samples)
        self.built = True

    @abc.abstractmethod
    def terms(self, batch: Batch) -> dict[str, Tensor]:
        """At least `loss` (what is minimised), `reconstruction` (−log p(x|z)) and `kl`, `(batch,)` each."""

    def check(self, posterior: Distribution, prior: Distribution) -> None:
        """Refuse distributions that the objective cannot be computed for.

        Raises:
            IncompatiblePartsError: which names the two and the remedy.
        """

    def add_knob(self, name: str, value: float, least: float = 0.0) -> keras.Variable:
        """A number that a schedule may change while training, without retracing; saved with the model.

        Raises:
            InvalidArgumentError: if `value` is below `least` or not finite.
        """
        if isinstance(value, str) or not (math.isfinite(value) and value >= least):
            raise InvalidArgumentError(
                f"{name} must be a finite number, {least:g} or more. Received: {name}={value}"
            )
        return self.add_weight(
            name=name, shape=(), dtype="float32", trainable=False,
            initializer=keras.initializers.Constant(float(value)),
        )  # fmt: skip
