"""Likelihoods: layers from the decoder's features to p(x|z). They own the last projection."""

from keras_vae.likelihoods.bernoulli import Bernoulli
from keras_vae.likelihoods.categorical import Categorical
from keras_vae.likelihoods.continuous_bernoulli import ContinuousBernoulli
from keras_vae.likelihoods.discretized_logistic import DiscretizedLogistic
from keras_vae.likelihoods.discretized_logistic_mixture import DiscretizedLogisticMixture
from keras_vae.likelihoods.laplace import Laplace
from keras_vae.likelihoods.likelihood import Likelihood
from keras_vae.likelihoods.mixed import Mixed
from keras_vae.likelihoods.negative_binomial import NegativeBinomial
from keras_vae.likelihoods.normal import Normal
from keras_vae.likelihoods.poisson import Poisson
from keras_vae.likelihoods.projection import Projection
from keras_vae.likelihoods.student_t import StudentT
from keras_vae.likelihoods.zero_inflated_negative_binomial import ZeroInflatedNegativeBinomial

__all__ = [
    "Bernoulli",
    "Categorical",
    "ContinuousBernoulli",
    "DiscretizedLogistic",
    "DiscretizedLogisticMixture",
    "Laplace",
    "Likelihood",
    "Mixed",
    "NegativeBinomial",
    "Normal",
    "Poisson",
    "Projection",
    "StudentT",
    "ZeroInflatedNegativeBinomial",
]
