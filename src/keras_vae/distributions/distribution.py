"""The contract of a distribution."""

import abc
import copy
from typing import Any

import keras
from keras import ops

from keras_vae.arguments import positive_number
from keras_vae.distributions.precision import Tensor
from keras_vae.errors import InvalidArgumentError


class Distribution(abc.ABC):
    """A distribution for each example of a batch: pure mathematics, without weights.

    Shapes: parameters are `(batch, *event)`; a value is `(batch, *event)` or, sampled several times,
    `(num_samples, batch, *event)`. Probabilities are of the whole event: `(batch,)` or
    `(num_samples, batch)`, in nats.
    """

    #: Whether the density depends on nothing but tensors that this object holds as attributes.
    has_explicit_parameters = True

    @abc.abstractmethod
    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        """Draw from it; reparameterised (differentiable in the parameters) where that exists.

        Args:
            num_samples: how many draws an example; `None` for one, without an axis of its own.
            seed: an integer or a `keras.random.SeedGenerator`.

        Returns:
            `(num_samples, batch, *event)`, or `(batch, *event)`.
        """

    @abc.abstractmethod
    def log_prob(self, value: Tensor) -> Tensor:
        """The log-density, or log-mass, of `value` in nats, summed over the event."""

    def sample_and_log_prob(
        self, num_samples: int | None = None, seed: Any = None
    ) -> tuple[Tensor, Tensor]:
        """`sample`, and the log-density of what it drew: for flows, far cheaper than asking after."""
        value = self.sample(num_samples, seed)
        return value, self.log_prob(value)

    @property
    def typical(self) -> Tensor:
        """What stands for it where one value must: the mean; of classes, which have none, the likeliest."""
        return self.mean

    def stop_gradient(self) -> "Distribution":
        """The same distribution, through whose parameters no gradient flows.

        Example:
            >>> from keras_vae.distributions import Normal
            >>> type(Normal(mu=ops.zeros((1, 2)), log_var=ops.zeros((1, 2))).stop_gradient()).__name__
            'Normal'
        """
        stopped = copy.copy(self)
        for name, value in vars(self).items():
            if keras.ops.is_tensor(value):
                setattr(stopped, name, ops.stop_gradient(value))
        return stopped

    def tempered(self, temperature: float) -> "Distribution":
        """The same distribution with the standard deviation of its normal noise multiplied by T.

        1 is the distribution itself; towards 0, samples gather where there is no noise: at the mean of a
        normal, for a mixture at those of its components, for a flow at what it makes of its base's mean.
        A normal becomes p(z)^(1/T²), normalised; with mixtures and flows that holds of the normals that
        they are made of (Kingma & Dhariwal, 2018, "Glow", as reduced temperature).

        Args:
            temperature: T, a positive number.

        Raises:
            InvalidArgumentError: if `temperature` is no positive number; or is not 1, where there is no
                normal noise.

        Example:
            >>> from keras_vae.distributions import Normal
            >>> p = Normal(mu=ops.zeros((1, 1)), log_var=ops.zeros((1, 1)))
            >>> print(ops.convert_to_numpy(p.tempered(0.5).variance))
            [[0.25]]
        """
        temperature = positive_number("temperature", temperature)
        return self if temperature == 1.0 else self._tempered(temperature)

    def _tempered(self, temperature: float) -> "Distribution":
        raise InvalidArgumentError(
            f"A temperature scales the spread of normal noise, and {type(self).__name__} has none: leave "
            f"temperature at 1. Received: temperature={temperature}"
        )

    @property
    @abc.abstractmethod
    def mean(self) -> Tensor:
        """The expectation, `(batch, *event)`."""

    @abc.abstractmethod
    def entropy(self) -> Tensor:
        """The entropy in nats, summed over the event: `(batch,)`."""


class Factorized(Distribution):
    """A distribution whose elements are independent: what is said of one is summed over the event.

    Args:
        event_ndim: how many of the last axes make one event.
    """

    def __init__(self, event_ndim: int) -> None:
        self.event_ndim = event_ndim

    @abc.abstractmethod
    def element_log_prob(self, value: Tensor) -> Tensor:
        """The log-density, or log-mass, of each element in nats, in the shape of `value`."""

    @abc.abstractmethod
    def element_entropy(self) -> Tensor:
        """The entropy of each element in nats: `(batch, *event)`."""

    def log_prob(self, value: Tensor) -> Tensor:
        return self._sum_event(self.element_log_prob(value))

    def entropy(self) -> Tensor:
        return self._sum_event(self.element_entropy())

    def _sum_event(self, elements: Tensor) -> Tensor:
        return ops.sum(elements, axis=tuple(range(-self.event_ndim, 0)))


def sample_shape(num_samples: int | None, shape: tuple) -> tuple:
    """`(num_samples, *shape)`, or `shape` itself for `None`."""
    return tuple(shape) if num_samples is None else (num_samples, *shape)
