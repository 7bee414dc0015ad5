"""Arrays → matplotlib figures. Save one with `figure.savefig(path)`."""

from keras_vae.plots.correlations import plot_correlations
from keras_vae.plots.curves import plot_history
from keras_vae.plots.images import plot_images, plot_reconstructions, plot_rows
from keras_vae.plots.information import plot_information
from keras_vae.plots.inspection import plot_inspection
from keras_vae.plots.latent import plot_latent_grid, plot_latent_map, plot_latent_space
from keras_vae.plots.scores import plot_scores
from keras_vae.plots.tables import plot_columns, plot_marginals
from keras_vae.plots.traversal import plot_traversal

__all__ = [
    "plot_columns",
    "plot_correlations",
    "plot_history",
    "plot_images",
    "plot_information",
    "plot_inspection",
    "plot_latent_grid",
    "plot_latent_map",
    "plot_latent_space",
    "plot_marginals",
    "plot_reconstructions",
    "plot_rows",
    "plot_scores",
    "plot_traversal",
]
