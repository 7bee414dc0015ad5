"""Distributions: pure mathematics on `keras.ops`, without weights."""

from keras_vae.distributions.bernoulli import Bernoulli
from keras_vae.distributions.bounds import bounded_log_var
from keras_vae.distributions.categorical import Categorical
from keras_vae.distributions.continuous_bernoulli import ContinuousBernoulli
from keras_vae.distributions.discretized_logistic import DiscretizedLogistic
from keras_vae.distributions.discretized_logistic_mixture import DiscretizedLogisticMixture
from keras_vae.distributions.distribution import Distribution, Factorized
from keras_vae.distributions.divergence import kl, register_kl
from keras_vae.distributions.flow import Flow
from keras_vae.distributions.full_normal import FullNormal
from keras_vae.distributions.inverse_autoregressive_flow import InverseAutoregressiveFlow
from keras_vae.distributions.laplace import Laplace
from keras_vae.distributions.log_gamma import log_gamma
from keras_vae.distributions.mixed import Mixed
from keras_vae.distributions.mixture import Mixture
from keras_vae.distributions.negative_binomial import NegativeBinomial
from keras_vae.distributions.noise import FixedNoise, GivenNoise, normal_noise
from keras_vae.distributions.normal import Normal, element_kl, kl_divergence
from keras_vae.distributions.planar_flow import PlanarFlow
from keras_vae.distributions.poisson import Poisson
from keras_vae.distributions.precision import Tensor, as_float
from keras_vae.distributions.real_nvp import RealNVP
from keras_vae.distributions.student_t import StudentT
from keras_vae.distributions.uniform_sphere import UniformSphere, log_area, sphere_dim, unit_vector
from keras_vae.distributions.von_mises_fisher import VonMisesFisher
from keras_vae.distributions.zero_inflated_negative_binomial import ZeroInflatedNegativeBinomial

__all__ = [
    "Bernoulli",
    "Categorical",
    "ContinuousBernoulli",
    "DiscretizedLogistic",
    "DiscretizedLogisticMixture",
    "Distribution",
    "Factorized",
    "FixedNoise",
    "Flow",
    "FullNormal",
    "GivenNoise",
    "InverseAutoregressiveFlow",
    "Laplace",
    "Mixed",
    "Mixture",
    "NegativeBinomial",
    "Normal",
    "PlanarFlow",
    "Poisson",
    "RealNVP",
    "StudentT",
    "Tensor",
    "UniformSphere",
    "VonMisesFisher",
    "ZeroInflatedNegativeBinomial",
    "as_float",
    "bounded_log_var",
    "element_kl",
    "kl",
    "kl_divergence",
    "log_area",
    "log_gamma",
    "normal_noise",
    "register_kl",
    "sphere_dim",
    "unit_vector",
]
