"""The course of a training."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from keras_vae.plots.canvas import ACCENTS, INK, new_figure, tidy

_TERMS = {"loss": "loss", "reconstruction_loss": "reconstruction", "kl_loss": "KL"}


def plot_history(history: Mapping[str, Sequence[float]]) -> Figure:
    """The loss and its two terms, a panel each, over the epochs: training and test.

    Args:
        history: `epoch` and the columns `loss`, `reconstruction_loss`, `kl_loss` and, if there are
            any, their `val_` twins; in nats per example.
    """
    figure = new_figure(10.5, 3.2)
    for axes, (column, title) in zip(figure.subplots(1, 3), _TERMS.items(), strict=True):
        for prefix, label, colour in (("", "training", ACCENTS[0]), ("val_", "test", ACCENTS[1])):
            if prefix + column in history:
                axes.plot(
                    history["epoch"],
                    history[prefix + column],
                    color=colour,
                    label=label,
                    marker=".",
                    markersize=4,
                    linewidth=1.5,
                )
        axes.set_title(title, color=INK, fontsize=11)
        axes.set_xlabel("epoch", color=INK)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y", alpha=0.25)
        tidy(axes)
    figure.axes[0].set_ylabel("nats per example", color=INK)
    figure.axes[0].legend(frameon=False, labelcolor=INK)
    return figure
