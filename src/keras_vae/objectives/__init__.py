"""Objectives: what is minimised, as terms per example in nats."""

from keras_vae.objectives.beta_tc import BetaTC
from keras_vae.objectives.dip import DIP
from keras_vae.objectives.elbo import ELBO
from keras_vae.objectives.iwae import IWAE
from keras_vae.objectives.mmd import MMD
from keras_vae.objectives.objective import Batch, Objective
from keras_vae.objectives.renyi import Renyi
from keras_vae.objectives.weighted import ImportanceWeighted

__all__ = [
    "DIP",
    "ELBO",
    "IWAE",
    "MMD",
    "Batch",
    "BetaTC",
    "ImportanceWeighted",
    "Objective",
    "Renyi",
]
