"""The `vae` command. Nothing here imports Keras before a command needs it."""

from keras_vae.cli.app import main

__all__ = ["main"]
