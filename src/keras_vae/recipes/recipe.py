"""What a recipe is."""

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import keras

from keras_vae import specs
from keras_vae.data import Dataset, TableData, batch_size_for
from keras_vae.errors import DataError
from keras_vae.likelihoods import Likelihood
from keras_vae.objectives import Objective
from keras_vae.posteriors import Posterior
from keras_vae.priors import Prior
from keras_vae.recipes.conditioning import conditions_for
from keras_vae.recipes.preprocessing import preprocessing_for
from keras_vae.seeds import child_seeds
from keras_vae.vae import VAE

# So many examples bear larger steps.
_MANY = 20_000

Body = Callable[[Any, int | None], keras.layers.Layer]


@dataclass(frozen=True)
class Recipe:
    """A model by name, with the settings it is trained with unless others are given.

    Args:
        name: what it is called.
        summary: one line on what it is.
        encoder: `encoder(data, seed)` → the body of the encoder.
        decoder: `decoder(data, seed)` → the body of the decoder.
        latent_dim: the number of latent units.
        likelihood: the name of the likelihood; likewise the other parts.
        beta: the weight of the KL.
        epochs: passes over the training data.
        batch_size: examples a step.
        learning_rate: of Adam.
        learning_rate_schedule: "constant", or "cosine", as `callbacks.LearningRate` moves it.
        learning_rate_of_many: the same from 20,000 training examples on; the same as of few if left out.
        most_steps: bounds the passes over many examples; see `sized_for`.
        is_for_tables: whether it models rows of tables, and not images.
    """

    name: str
    summary: str
    encoder: Body
    decoder: Body
    latent_dim: int = 2
    likelihood: str = "bernoulli"
    posterior: str = "diagonal_normal"
    prior: str = "standard_normal"
    objective: str = "elbo"
    beta: float = 1.0
    epochs: int = 30
    batch_size: int = 128
    learning_rate: float = 1e-3
    learning_rate_of_many: float | None = None
    learning_rate_schedule: str = "constant"
    most_steps: int | None = None
    is_for_tables: bool = False

    def sized_for(self, num_train: int, batch_size: int | None = None) -> "Recipe":
        """The same as it suits so many training examples.

        Recipes with `most_steps` take as many examples a step, and passes over them; those with a
        `learning_rate_of_many` that rate.

        Example:
            >>> from keras_vae import recipes
            >>> sized = [recipes.get("table").sized_for(rows) for rows in (150, 1_000_000)]
            >>> [(each.batch_size, each.epochs) for each in sized]
            [(16, 100), (256, 1)]
        """
        if self.learning_rate_of_many is not None and num_train >= _MANY:
            return dataclasses.replace(self, learning_rate=self.learning_rate_of_many)
        if self.most_steps is None:
            return self
        batch_size = batch_size or batch_size_for(num_train).value
        epochs = max(1, round(self.most_steps * batch_size / num_train))
        return dataclasses.replace(self, batch_size=batch_size, epochs=min(self.epochs, epochs))

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
        if isinstance(data, TableData) != self.is_for_tables:
            found, wanted = ("a table", "images") if self.is_for_tables is False else ("images", "tables")
            raise DataError(
                f"{data.name} holds {found}, and the recipe {self.name!r} is for {wanted}. "
                f"Use another: {'table' if wanted == 'images' else 'article, conv, residual or dense'}."
            )
        given = conditions_for(data, conditions)
        data = data.conditioned_on(conditions)
        if beta is None and objective is None:
            beta = self.beta
        weight: dict[str, Any] = {} if beta is None else {"beta": beta}
        latent_dim = self.latent_dim if latent_dim is None else latent_dim
        seeds = child_seeds(seed)
        p_x = specs.build(likelihood or self.likelihood, Likelihood, **data.part_options, seed=next(seeds))
        return VAE(
            encoder=self.encoder(data, next(seeds)),
            posterior=specs.build(
                posterior or self.posterior, Posterior, latent_dim=latent_dim, seed=next(seeds)
            ),
            decoder=self.decoder(data, next(seeds)),
            likelihood=p_x,
            prior=specs.build(prior or self.prior, Prior, latent_dim=latent_dim, seed=next(seeds)),
            objective=specs.build(
                objective or self.objective,
                Objective,
                dataset_size=len(data.x_train),
                seed=next(seeds),
                **weight,
            ),
            conditions=given or None,
            preprocessing=preprocessing_for(data, p_x),
            seed=seed,
        )
