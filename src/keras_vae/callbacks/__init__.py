"""Callbacks: schedules for the weights of an objective, and a guard against bad batches and steps."""

from keras_vae.callbacks.guard import Guard
from keras_vae.callbacks.schedule import SHAPES, Schedule
from keras_vae.callbacks.snapshot import Snapshot

__all__ = ["SHAPES", "Guard", "Schedule", "Snapshot"]
