"""Settings that depend on how many examples there are."""

import pytest

from keras_vae import recipes
from keras_vae.runs import Settings


@pytest.mark.parametrize(
    ("num_train", "rate"), [(600, 4e-3), (19_999, 4e-3), (20_000, 6e-3), (60_000, 6e-3)]
)
def test_many_images_are_learned_with_larger_steps(num_train, rate):
    assert Settings("conv").resolved(num_train).learning_rate == rate
    assert Settings("conv", learning_rate=1e-3).resolved(num_train).learning_rate == 1e-3


@pytest.mark.parametrize("recipe", ["article", "residual", "dense"])
def test_other_recipes_have_one_rate(recipe):
    rate = recipes.get(recipe).learning_rate
    assert Settings(recipe).resolved(1_000_000).learning_rate == rate
