"""Likelihoods: layers from the decoder's features to p(x|z). They own the last projection."""

from keras_vae.likelihoods.bernoulli import Bernoulli
from keras_vae.likelihoods.likelihood import Likelihood
from keras_vae.likelihoods.normal import Normal
from keras_vae.likelihoods.projection import Projection

__all__ = ["Bernoulli", "Likelihood", "Normal", "Projection"]
