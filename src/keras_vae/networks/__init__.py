"""Bodies of encoders and decoders: inputs → features, latents → features.

They are plain Keras models, and any other Keras model fits in their place.
"""

from keras_vae.networks.convolutional import convolutional_decoder, convolutional_encoder

__all__ = ["convolutional_decoder", "convolutional_encoder"]
