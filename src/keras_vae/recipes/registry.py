"""The recipes there are."""

from typing import Any

from keras_vae.errors import UnknownNameError
from keras_vae.networks import (
    convolutional_decoder,
    convolutional_encoder,
    dense_decoder,
    dense_encoder,
    residual_decoder,
    residual_encoder,
    table_encoder,
)
from keras_vae.recipes.recipe import Recipe

ARTICLE = Recipe(
    name="article",
    summary="the article's: convolutions of 32 and 64 filters, a dense layer of 256, and their mirror",
    encoder=lambda _data, seed: convolutional_encoder((32, 64), 256, seed=seed),
    decoder=lambda data, seed: convolutional_decoder(data.event_shape, (64, 32), seed=seed),
)
# Found on MNIST, for the bound that is reached in a given time: docs/benchmarks.md.
_GOOD_TRAINING: dict[str, Any] = {
    "batch_size": 64,
    "learning_rate": 4e-3,
    "learning_rate_schedule": "cosine",
}
CONV = Recipe(
    name="conv",
    summary="convolutions of 32, 64 and 128 filters and a dense layer of 256, then transposed ones of 64, "
    "32 and 16; 16 latents with a learned prior",
    encoder=lambda _data, seed: convolutional_encoder((32, 64, 128), 256, seed=seed),
    decoder=lambda data, seed: convolutional_decoder(data.event_shape, (64, 32, 16), seed=seed),
    latent_dim=16,
    prior="real_nvp",
    learning_rate_of_many=6e-3,
    **_GOOD_TRAINING,
)
RESIDUAL = Recipe(
    name="residual",
    summary="residual blocks with normalisation between convolutions of 32 and 64 filters; 16 latents with "
    "a learned prior",
    encoder=lambda _data, seed: residual_encoder((32, 64), seed=seed),
    decoder=lambda data, seed: residual_decoder(data.event_shape, (64, 32), seed=seed),
    latent_dim=16,
    prior="real_nvp",
    **_GOOD_TRAINING,
)
DENSE = Recipe(
    name="dense",
    summary="dense layers of 512 and 256, and their mirror; 16 latents",
    encoder=lambda _data, seed: dense_encoder((512, 256), seed=seed),
    decoder=lambda _data, seed: dense_decoder((256, 512), seed=seed),
    latent_dim=16,
    **_GOOD_TRAINING,
)
TABLE = Recipe(
    name="table",
    summary="rows of a table with gaps: dense layers of 128 and 64, and their mirror; 8 latents; each "
    "column has its own likelihood",
    encoder=lambda data, seed: table_encoder(data.schema.num_categories, (128, 64), seed=seed),
    decoder=lambda _data, seed: dense_decoder((64, 128), seed=seed),
    latent_dim=8,
    likelihood="mixed",
    epochs=100,
    batch_size=32,
    most_steps=4000,
    is_for_tables=True,
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (ARTICLE, CONV, RESIDUAL, DENSE, TABLE)}


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
