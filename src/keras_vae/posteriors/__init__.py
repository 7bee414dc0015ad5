"""Posteriors: layers from the encoder's features to q(z|x)."""

from keras_vae.posteriors.diagonal_normal import DiagonalNormal
from keras_vae.posteriors.full_normal import FullNormal
from keras_vae.posteriors.inverse_autoregressive_flow import InverseAutoregressiveFlow
from keras_vae.posteriors.planar_flow import PlanarFlow
from keras_vae.posteriors.posterior import Posterior
from keras_vae.posteriors.sampling import Sampling
from keras_vae.posteriors.von_mises_fisher import VonMisesFisher

__all__ = [
    "DiagonalNormal",
    "FullNormal",
    "InverseAutoregressiveFlow",
    "PlanarFlow",
    "Posterior",
    "Sampling",
    "VonMisesFisher",
]
