"""Priors: layers for p(z)."""

from keras_vae.priors.conditional_normal import ConditionalNormal
from keras_vae.priors.mixture_of_normals import MixtureOfNormals
from keras_vae.priors.prior import Prior
from keras_vae.priors.real_nvp import RealNVP
from keras_vae.priors.standard_normal import StandardNormal
from keras_vae.priors.uniform_sphere import UniformSphere
from keras_vae.priors.vamp import VampPrior

__all__ = [
    "ConditionalNormal",
    "MixtureOfNormals",
    "Prior",
    "RealNVP",
    "StandardNormal",
    "UniformSphere",
    "VampPrior",
]
