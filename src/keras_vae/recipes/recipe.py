"""What a recipe is."""

from collections.abc import Callable
from dataclasses import dataclass

from keras_vae.data import Dataset
from keras_vae.vae import VAE


@dataclass(frozen=True)
class Recipe:
    """A model by name, with the settings it is trained with unless others are given.

    Args:
        name: what it is called.
        summary: one line on what it is.
        build: `build(data, latent_dim=…, beta=…, likelihood=…, seed=…)` → an untrained model.
        latent_dim: the number of latent units.
        beta: the weight of the KL.
        likelihood: the name of the likelihood.
        epochs: passes over the training data.
        batch_size: examples a step.
        learning_rate: of Adam.
    """

    name: str
    summary: str
    build: Callable[..., VAE]
    latent_dim: int = 2
    beta: float = 1.0
    likelihood: str = "bernoulli"
    epochs: int = 30
    batch_size: int = 128
    learning_rate: float = 1e-3

    def model(
        self,
        data: Dataset,
        *,
        latent_dim: int | None = None,
        beta: float | None = None,
        likelihood: str | None = None,
        seed: int | None = 0,
    ) -> VAE:
        """An untrained model for `data`; what is left out is the recipe's own.

        Example:
            >>> from keras_vae import data, recipes
            >>> vae = recipes.ARTICLE.model(data.load("mnist-5k"), latent_dim=10)
            >>> vae.latent_dim
            10
        """
        return self.build(
            data,
            latent_dim=self.latent_dim if latent_dim is None else latent_dim,
            beta=self.beta if beta is None else beta,
            likelihood=self.likelihood if likelihood is None else likelihood,
            seed=seed,
        )
