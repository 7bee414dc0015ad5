"""Callbacks: schedules for the weights of an objective and for the learning rate, and a guard against bad
batches and steps.
"""

from keras_vae.callbacks.guard import Guard
from keras_vae.callbacks.learning_rate import LearningRate
from keras_vae.callbacks.schedule import SHAPES, Schedule
from keras_vae.callbacks.snapshot import Snapshot

__all__ = ["SHAPES", "Guard", "LearningRate", "Schedule", "Snapshot"]
