"""A model on its way out of Keras: formats that other programs run."""

from keras_vae.exporting.checking import TOLERANCE
from keras_vae.exporting.endpoint import Endpoint, Port
from keras_vae.exporting.endpoints import ENDPOINTS, endpoints_of
from keras_vae.exporting.export import DESCRIPTION, FORMS, Export, export
from keras_vae.exporting.export_page import PAGE, export_page

__all__ = [
    "DESCRIPTION",
    "ENDPOINTS",
    "FORMS",
    "PAGE",
    "TOLERANCE",
    "Endpoint",
    "Export",
    "Port",
    "endpoints_of",
    "export",
    "export_page",
]
