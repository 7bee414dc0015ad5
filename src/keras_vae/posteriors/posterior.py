"""The contract of a posterior."""

import abc

import keras

from keras_vae.distributions import Distribution, Tensor
from keras_vae.errors import InvalidArgumentError


class Posterior(keras.layers.Layer, abc.ABC):
    """A layer from features to the parameters of q(z|x).

    `call(features)` returns a dict of float32 tensors, each `(batch, …)`; `distribution(parameters)`
    turns such a dict into a distribution over `(batch, latent_dim)`.

    Args:
        latent_dim: the number of latent units.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if `latent_dim` is no positive integer.
    """

    #: Where z lives, "euclidean" or "sphere". Posterior and prior have to agree.
    space = "euclidean"

    def __init__(self, latent_dim: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        if isinstance(latent_dim, bool) or not isinstance(latent_dim, int) or latent_dim < 1:
            raise InvalidArgumentError(
                "A posterior needs at least one latent unit: latent_dim must be a positive integer. "
                f"Received: latent_dim={latent_dim!r}"
            )
        self.latent_dim = latent_dim

    @abc.abstractmethod
    def call(self, features: Tensor) -> dict[str, Tensor]:
        """The parameters of q(z|x) for each row of features."""

    @abc.abstractmethod
    def distribution(self, parameters: dict[str, Tensor]) -> Distribution:
        """q(z|x) with these parameters."""

    def get_config(self) -> dict:
        """The arguments that rebuild this layer."""
        return {**super().get_config(), "latent_dim": self.latent_dim}
