"""Objectives: what is minimised, as terms per example in nats."""

from keras_vae.objectives.elbo import ELBO
from keras_vae.objectives.objective import Objective

__all__ = ["ELBO", "Objective"]
