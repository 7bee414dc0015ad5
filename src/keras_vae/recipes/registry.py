"""The recipes there are."""

from keras_vae.errors import UnknownNameError
from keras_vae.networks import (
    convolutional_decoder,
    convolutional_encoder,
    dense_decoder,
    dense_encoder,
    residual_decoder,
    residual_encoder,
)
from keras_vae.recipes.recipe import Recipe

ARTICLE = Recipe(
    name="article",
    summary="the article's: convolutions of 32 and 64 filters, a dense layer of 256, and their mirror",
    encoder=lambda seed: convolutional_encoder((32, 64), 256, seed=seed),
    decoder=lambda shape, seed: convolutional_decoder(shape, (64, 32), seed=seed),
)
CONV = Recipe(
    name="conv",
    summary="convolutions of 32, 64 and 128 filters and a dense layer of 256, then transposed ones of 64, "
    "32 and 16; 16 latents",
    encoder=lambda seed: convolutional_encoder((32, 64, 128), 256, seed=seed),
    decoder=lambda shape, seed: convolutional_decoder(shape, (64, 32, 16), seed=seed),
    latent_dim=16,
)
RESIDUAL = Recipe(
    name="residual",
    summary="residual blocks with normalisation between convolutions of 32 and 64 filters; 16 latents",
    encoder=lambda seed: residual_encoder((32, 64), seed=seed),
    decoder=lambda shape, seed: residual_decoder(shape, (64, 32), seed=seed),
    latent_dim=16,
)
DENSE = Recipe(
    name="dense",
    summary="dense layers of 512 and 256, and their mirror; 16 latents",
    encoder=lambda seed: dense_encoder((512, 256), seed=seed),
    decoder=lambda _shape, seed: dense_decoder((256, 512), seed=seed),
    latent_dim=16,
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (ARTICLE, CONV, RESIDUAL, DENSE)}


def get(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        UnknownNameError: if there is none.

    Example:
        >>> get("article").epochs
        30
    """
    if name not in RECIPES:
        raise UnknownNameError("recipe", name, RECIPES)
    return RECIPES[name]
