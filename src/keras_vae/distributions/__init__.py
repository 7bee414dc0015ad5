"""Distributions: pure mathematics on `keras.ops`, without weights."""

from keras_vae.distributions.bernoulli import Bernoulli
from keras_vae.distributions.distribution import Distribution, Factorized
from keras_vae.distributions.divergence import kl, register_kl
from keras_vae.distributions.normal import Normal, element_kl, kl_divergence
from keras_vae.distributions.precision import Tensor, as_float

__all__ = [
    "Bernoulli",
    "Distribution",
    "Factorized",
    "Normal",
    "Tensor",
    "as_float",
    "element_kl",
    "kl",
    "kl_divergence",
    "register_kl",
]
