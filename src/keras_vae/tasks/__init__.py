"""What one does with a trained model: each verb takes a model and arrays, and returns arrays."""

from keras_vae.tasks.batching import reporting
from keras_vae.tasks.diagnose import Diagnosis, diagnose
from keras_vae.tasks.embed import embed
from keras_vae.tasks.evaluate import Evaluation, evaluate
from keras_vae.tasks.impute import Imputation, impute
from keras_vae.tasks.interpolate import interpolate, interpolate_inputs, shared_conditions
from keras_vae.tasks.latent_grid import latent_grid
from keras_vae.tasks.latent_map import LatentMap, latent_map
from keras_vae.tasks.reconstruct import reconstruct
from keras_vae.tasks.sample import decode, sample

__all__ = [
    "Diagnosis",
    "Evaluation",
    "Imputation",
    "LatentMap",
    "decode",
    "diagnose",
    "embed",
    "evaluate",
    "impute",
    "interpolate",
    "interpolate_inputs",
    "latent_grid",
    "latent_map",
    "reconstruct",
    "reporting",
    "sample",
    "shared_conditions",
]
