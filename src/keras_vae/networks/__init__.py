"""Bodies of encoders and decoders: inputs → features, latents → features.

They are plain Keras models, and any other Keras model fits in their place.
"""

from keras_vae.networks.convolutional import convolutional_decoder, convolutional_encoder
from keras_vae.networks.dense import dense_decoder, dense_encoder
from keras_vae.networks.residual import ResidualBlock, residual_decoder, residual_encoder
from keras_vae.networks.table import TableFeatures, table_encoder

__all__ = [
    "ResidualBlock",
    "TableFeatures",
    "convolutional_decoder",
    "convolutional_encoder",
    "dense_decoder",
    "dense_encoder",
    "residual_decoder",
    "residual_encoder",
    "table_encoder",
]
