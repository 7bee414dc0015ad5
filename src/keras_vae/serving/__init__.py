"""A run as a service of the Open Inference Protocol: ONNX Runtime inside, and no Keras."""

from keras_vae.serving.app import Limits, Service
from keras_vae.serving.exported import DESCRIPTION, Exported
from keras_vae.serving.served import Served
from keras_vae.serving.server import HOST, PORT, Server

__all__ = ["DESCRIPTION", "HOST", "PORT", "Exported", "Limits", "Served", "Server", "Service"]
