"""The recipes there are."""

from keras_vae.errors import UnknownNameError
from keras_vae.recipes.article import ARTICLE
from keras_vae.recipes.recipe import Recipe

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (ARTICLE,)}


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
