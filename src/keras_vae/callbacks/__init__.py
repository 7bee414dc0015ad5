"""Callbacks: schedules for the weights of an objective and for the learning rate, a guard against bad
batches and steps, and trackers: TensorBoard, MLflow, Weights & Biases.
"""

from keras_vae.callbacks.guard import Guard
from keras_vae.callbacks.learning_rate import LearningRate
from keras_vae.callbacks.mlflow import MLflow
from keras_vae.callbacks.schedule import SHAPES, Schedule
from keras_vae.callbacks.snapshot import Snapshot
from keras_vae.callbacks.tensorboard import TensorBoard
from keras_vae.callbacks.tracker import Tracker
from keras_vae.callbacks.weights_and_biases import WeightsAndBiases

__all__ = [
    "SHAPES",
    "Guard",
    "LearningRate",
    "MLflow",
    "Schedule",
    "Snapshot",
    "TensorBoard",
    "Tracker",
    "WeightsAndBiases",
]
