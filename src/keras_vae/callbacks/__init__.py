"""Callbacks: schedules for the weights of an objective."""

from keras_vae.callbacks.schedule import SHAPES, Schedule

__all__ = ["SHAPES", "Schedule"]
