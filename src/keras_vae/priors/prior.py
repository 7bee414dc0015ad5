"""The contract of a prior."""

import abc

import keras

from keras_vae.distributions import Distribution


class Prior(keras.layers.Layer, abc.ABC):
    """A layer for p(z): `distribution()` is over `(1, latent_dim)`, which broadcasts over any batch.

    Args:
        latent_dim: the number of latent units.
        **kwargs: arguments of `keras.layers.Layer`.
    """

    def __init__(self, latent_dim: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.latent_dim = latent_dim
        self.built = True

    @abc.abstractmethod
    def distribution(self) -> Distribution:
        """p(z)."""

    def get_config(self) -> dict:
        """The arguments that rebuild this layer."""
        return {**super().get_config(), "latent_dim": self.latent_dim}
