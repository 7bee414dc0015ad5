"""A trained model as a page one can touch: `vae explore`."""

from keras_vae.explorer.app import create_app
from keras_vae.explorer.serving import Page
from keras_vae.explorer.workspace import Workspace

__all__ = ["Page", "Workspace", "create_app"]
