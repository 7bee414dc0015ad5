"""A finished run as one page that explains itself, `report.html`, and as a model card."""

from keras_vae.report.card import card
from keras_vae.report.page import Trained, report

__all__ = ["Trained", "card", "report"]
