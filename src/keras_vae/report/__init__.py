"""A finished run as one page that explains itself: `report.html`."""

from keras_vae.report.page import Trained, report

__all__ = ["Trained", "report"]
