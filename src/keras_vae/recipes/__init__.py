"""Named, frozen descriptions of whole models."""

from keras_vae.recipes.conditioning import conditions_for
from keras_vae.recipes.preprocessing import preprocessing_for
from keras_vae.recipes.recipe import Recipe
from keras_vae.recipes.registry import RECIPES, get

__all__ = ["RECIPES", "Recipe", "conditions_for", "get", "preprocessing_for"]
