"""Posteriors: layers from the encoder's features to q(z|x)."""

from keras_vae.posteriors.diagonal_normal import DiagonalNormal
from keras_vae.posteriors.posterior import Posterior
from keras_vae.posteriors.sampling import Sampling

__all__ = ["DiagonalNormal", "Posterior", "Sampling"]
