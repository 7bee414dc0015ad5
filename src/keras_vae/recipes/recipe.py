"""What a recipe is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import keras

from keras_vae import specs
from keras_vae.data import Dataset
from keras_vae.likelihoods import Likelihood
from keras_vae.objectives import Objective
from keras_vae.posteriors import Posterior
from keras_vae.priors import Prior
from keras_vae.recipes.conditioning import conditions_for
from keras_vae.recipes.preprocessing import preprocessing_for
from keras_vae.seeds import child_seeds
from keras_vae.vae import VAE

EncoderBody = Callable[[int | None], keras.layers.Layer]
DecoderBody = Callable[[tuple[int, ...], int | None], keras.layers.Layer]


@dataclass(frozen=True)
class Recipe:
    """A model by name, with the settings it is trained with unless others are given.

    Args:
        name: what it is called.
        summary: one line on what it is.
        encoder: `encoder(seed)` → the body of the encoder.
        decoder: `decoder(event_shape, seed)` → the body of the decoder.
        latent_dim: the number of latent units.
        likelihood: the name of the likelihood; likewise the other parts.
        beta: the weight of the KL.
        epochs: passes over the training data.
        batch_size: examples a step.
        learning_rate: of Adam.
    """

    name: str
    summary: str
    encoder: EncoderBody
    decoder: DecoderBody
    latent_dim: int = 2
    likelihood: str = "bernoulli"
    posterior: str = "diagonal_normal"
    prior: str = "standard_normal"
    objective: str = "elbo"
    beta: float = 1.0
    epochs: int = 30
    batch_size: int = 128
    learning_rate: float = 1e-3

    def model(
        self,
        data: Dataset,
        *,
        latent_dim: int | None = None,
        likelihood: str | None = None,
        posterior: str | None = None,
        prior: str | None = None,
        objective: str | None = None,
        beta: float | None = None,
        conditions: Iterable[str] = (),
        seed: int | None = 0,
    ) -> VAE:
        """An untrained model for `data`; what is left out is the recipe's own.

        `conditions` are columns of the data, as `conditions_for` takes them. β is the recipe's only for
        the recipe's objective: another one has a default of its own.

        Example:
            >>> from keras_vae import data, recipes
            >>> vae = recipes.get("article").model(data.load("mnist-5k"), latent_dim=10)
            >>> vae.latent_dim
            10
        """
        if beta is None and objective is None:
            beta = self.beta
        weight: dict[str, Any] = {} if beta is None else {"beta": beta}
        latent_dim = self.latent_dim if latent_dim is None else latent_dim
        seeds = child_seeds(seed)
        p_x = specs.build(
            likelihood or self.likelihood, Likelihood, event_shape=data.event_shape, seed=next(seeds)
        )
        return VAE(
            encoder=self.encoder(next(seeds)),
            posterior=specs.build(
                posterior or self.posterior, Posterior, latent_dim=latent_dim, seed=next(seeds)
            ),
            decoder=self.decoder(data.event_shape, next(seeds)),
            likelihood=p_x,
            prior=specs.build(prior or self.prior, Prior, latent_dim=latent_dim, seed=next(seeds)),
            objective=specs.build(
                objective or self.objective,
                Objective,
                dataset_size=len(data.x_train),
                seed=next(seeds),
                **weight,
            ),
            conditions=conditions_for(data, conditions) or None,
            preprocessing=preprocessing_for(data, p_x),
            seed=seed,
        )
