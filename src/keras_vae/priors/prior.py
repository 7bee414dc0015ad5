"""The contract of a prior."""

import abc
from collections.abc import Callable

import keras

from keras_vae.distributions import Distribution, Tensor

Encode = Callable[[Tensor], Distribution]


class Prior(keras.layers.Layer, abc.ABC):
    """A layer for p(z) or p(z|c).

    Without a condition its distribution is over `(1, latent_dim)`, which broadcasts over any batch;
    with one it is over `(batch, latent_dim)`.

    Args:
        latent_dim: the number of latent units.
        **kwargs: arguments of `keras.layers.Layer`.
    """

    #: Where z lives, "euclidean" or "sphere". Posterior and prior have to agree.
    space = "euclidean"
    #: Whether it is p(z|c), and means nothing without a condition.
    needs_condition = False

    def __init__(self, latent_dim: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.latent_dim = latent_dim

    def build(self, event_shape: tuple[int, ...]) -> None:
        """Make the weights, for preprocessed examples of this shape; the model calls it once."""
        del event_shape

    @abc.abstractmethod
    def distribution(self, condition: Tensor | None = None, encode: Encode | None = None) -> Distribution:
        """p(z), or p(z|c).

        Args:
            condition: the embedded condition, `(batch, width)`, if the model has one.
            encode: q(z|x) for preprocessed examples `(n, *event)`, for priors made of posteriors.
        """

    def get_config(self) -> dict:
        """The arguments that rebuild this layer."""
        return {**super().get_config(), "latent_dim": self.latent_dim}
