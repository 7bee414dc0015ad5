"""What one does with a trained model: each verb takes a model and arrays, and returns arrays."""

from keras_vae.tasks.batching import report, reporting, reporting_within
from keras_vae.tasks.code_density import CodeDensity, fit_density
from keras_vae.tasks.diagnose import Diagnosis, diagnose
from keras_vae.tasks.disentanglement import Disentanglement, disentangle
from keras_vae.tasks.embed import Embedder, embed, embed_batches
from keras_vae.tasks.evaluate import Evaluation, evaluate
from keras_vae.tasks.frechet import Frechet, frechet, frechet_distance
from keras_vae.tasks.image_features import image_features
from keras_vae.tasks.importance import ImportanceEstimate, importance_estimate
from keras_vae.tasks.impute import Imputation, impute
from keras_vae.tasks.interpolate import interpolate, interpolate_inputs, shared_conditions
from keras_vae.tasks.latent_grid import latent_grid
from keras_vae.tasks.latent_map import LatentMap, latent_map
from keras_vae.tasks.reconstruct import reconstruct
from keras_vae.tasks.sample import decode, decoder, sample
from keras_vae.tasks.score import calibrate, joined_scores, score, score_batches
from keras_vae.tasks.scorer import Scorer, Scores, measure_for_score, score_settings
from keras_vae.tasks.traverse import Traversal, traverse

__all__ = [
    "CodeDensity",
    "Diagnosis",
    "Disentanglement",
    "Embedder",
    "Evaluation",
    "Frechet",
    "ImportanceEstimate",
    "Imputation",
    "LatentMap",
    "Scorer",
    "Scores",
    "Traversal",
    "calibrate",
    "decode",
    "decoder",
    "diagnose",
    "disentangle",
    "embed",
    "embed_batches",
    "evaluate",
    "fit_density",
    "frechet",
    "frechet_distance",
    "image_features",
    "importance_estimate",
    "impute",
    "interpolate",
    "interpolate_inputs",
    "joined_scores",
    "latent_grid",
    "latent_map",
    "measure_for_score",
    "reconstruct",
    "report",
    "reporting",
    "reporting_within",
    "sample",
    "score",
    "score_batches",
    "score_settings",
    "shared_conditions",
    "traverse",
]
