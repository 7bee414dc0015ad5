"""How well latent units keep known factors apart, by six metrics of codes and factors."""

from keras_vae.tasks.disentanglement.beta_vae import beta_vae
from keras_vae.tasks.disentanglement.dci import dci
from keras_vae.tasks.disentanglement.disentangle import METRICS, Disentanglement, disentangle
from keras_vae.tasks.disentanglement.factor_vae import factor_vae
from keras_vae.tasks.disentanglement.labelled_codes import LabelledCodes
from keras_vae.tasks.disentanglement.measurement import Measurement
from keras_vae.tasks.disentanglement.mig import mig
from keras_vae.tasks.disentanglement.modularity import modularity
from keras_vae.tasks.disentanglement.resampling import Metric, Score, measure_all
from keras_vae.tasks.disentanglement.sap import sap

__all__ = [
    "METRICS",
    "Disentanglement",
    "LabelledCodes",
    "Measurement",
    "Metric",
    "Score",
    "beta_vae",
    "dci",
    "disentangle",
    "factor_vae",
    "measure_all",
    "mig",
    "modularity",
    "sap",
]
