"""scikit-learn's estimators: a VAE in a pipeline, a search over parameters, or a detector of anomalies."""

from keras_vae.estimators.outlier_detector import VAEOutlierDetector
from keras_vae.estimators.transformer import VAETransformer

__all__ = ["VAEOutlierDetector", "VAETransformer"]
