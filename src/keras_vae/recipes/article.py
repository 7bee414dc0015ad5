"""The article's model."""

from keras_vae import specs
from keras_vae.data import Dataset
from keras_vae.likelihoods import Likelihood
from keras_vae.networks import convolutional_decoder, convolutional_encoder
from keras_vae.posteriors import DiagonalNormal
from keras_vae.recipes.preprocessing import preprocessing_for
from keras_vae.recipes.recipe import Recipe
from keras_vae.seeds import child_seeds
from keras_vae.vae import VAE


def _build(data: Dataset, *, latent_dim: int, beta: float, likelihood: str, seed: int | None) -> VAE:
    seeds = child_seeds(seed)
    part = specs.build(likelihood, Likelihood, event_shape=data.event_shape, seed=next(seeds))
    return VAE(
        encoder=convolutional_encoder(filters=(32, 64), units=256, seed=next(seeds)),
        posterior=DiagonalNormal(latent_dim, seed=next(seeds)),
        decoder=convolutional_decoder(data.event_shape, filters=(64, 32), seed=next(seeds)),
        likelihood=part,
        beta=beta,
        preprocessing=preprocessing_for(data, part),
        seed=seed,
    )


ARTICLE = Recipe(
    name="article",
    summary="convolutions of 32 and 64 filters, a dense layer of 256, and their mirror",
    build=_build,
)
