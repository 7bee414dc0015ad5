"""Conditions: layers from what is known about an example to a vector that every part can use."""

from keras_vae.conditions.category import Category
from keras_vae.conditions.condition import Condition
from keras_vae.conditions.conditions import Conditions
from keras_vae.conditions.fusion import Fusion
from keras_vae.conditions.real import Real

__all__ = ["Category", "Condition", "Conditions", "Fusion", "Real"]
