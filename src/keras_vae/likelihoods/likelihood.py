"""The contract of a likelihood."""

import abc
import math
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
import numpy as np

from keras_vae.distributions import Distribution, Tensor
from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods.measure import DENSITY, Measure
from keras_vae.likelihoods.projection import Projection


class Likelihood(keras.layers.Layer, abc.ABC):
    """A layer from the decoder's features to the parameters of p(x|z).

    `call(features)` returns a dict of float32 tensors, each `(batch, *event_shape)`, or `(batch, 1, …)`
    where all elements share a parameter, or with a last axis of its own where an element has several;
    `distribution(parameters)` turns such a dict into a distribution over events.

    Args:
        event_shape: the shape of one example, without the batch. `VAE` fills it in from the data
            where it is left out.
        seed: of the projection's initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.
    """

    #: Whether the data are classes, as numbers, of which no average makes sense.
    is_class = False
    #: Whether data may have missing entries, NaN, which then cost nothing.
    takes_missing = False
    #: What `log_prob` is of, unless that depends on the data; see `measure_of`.
    measure: ClassVar[Measure] = DENSITY

    def __init__(
        self,
        event_shape: Sequence[int] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.event_shape = None if event_shape is None else tuple(event_shape)
        self.seed = seed

    @property
    def support(self) -> tuple[float, float]:
        """The interval in which the data must lie; the whole line unless a likelihood says otherwise."""
        return -math.inf, math.inf

    @property
    def rescalable(self) -> bool:
        """Whether data may be rescaled to the support; not where they are counts or classes."""
        return True

    def measure_of(self, x: np.ndarray) -> Measure:
        """What `log_prob` is of for data as the model sees them, `(n, *event_shape)`, NaN for missing."""
        del x
        return self.measure

    @property
    def num_parameters(self) -> int | None:
        """How many numbers `projection` gives for each element; `None` for one, without an axis."""
        return None

    @property
    def event_ndim(self) -> int:
        """How many axes an event has."""
        return len(self._known_event_shape())

    def build(self, input_shape: Sequence[int]) -> None:
        self.projection = Projection(
            self._known_event_shape(), self.seed, self.num_parameters, dtype=self.dtype_policy
        )
        self.projection.build(input_shape)

    @abc.abstractmethod
    def call(self, features: Tensor) -> dict[str, Tensor]:
        """The parameters of p(x|z) for each row of features."""

    @abc.abstractmethod
    def distribution(self, parameters: dict[str, Tensor]) -> Distribution:
        """p(x|z) with these parameters, whose axes before the event's are the batch."""

    def get_config(self) -> dict:
        """The arguments that rebuild this layer."""
        return {**super().get_config(), "event_shape": self.event_shape, "seed": self.seed}

    def _known_event_shape(self) -> tuple[int, ...]:
        if self.event_shape is None:
            raise InvalidArgumentError(
                f"{type(self).__name__} does not know the shape of an event yet: give event_shape, or "
                "let a VAE build it."
            )
        return self.event_shape
