"""A part of the page, and those that images and tables have in common."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from keras_vae import tasks
from keras_vae.data import Dataset, spread
from keras_vae.data.chosen import choose
from keras_vae.plots.latent import MOST_CLASSES, texts_of_labels
from keras_vae.plots.svg import COLOURS, scatter
from keras_vae.tasks.evaluate import evaluate_examples
from keras_vae.vae import VAE

_POINTS, _MEASURED = 4000, 2000


@dataclasses.dataclass(frozen=True)
class Section:
    """A heading, what is seen, and a sentence on how to read it.

    Args:
        title: the heading.
        content: HTML.
        text: plain text.
    """

    title: str
    content: str
    text: str = ""

    def html(self) -> str:
        """As it stands on the page."""
        name = re.sub(r"\W+", "-", self.title.lower())
        text = f"<p>{escape(self.text)}</p>" if self.text else ""
        return (
            f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(self.title)}</h2>'
            f"{text}{self.content}</section>"
        )


def facts(pairs: Mapping[str, str], kind: str) -> str:
    """Names and what belongs to them; `kind` is how they are laid out: "figures" or "facts"."""
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(each)}</dd></div>" for name, each in pairs.items()
    )
    return f'<dl class="{kind}">{rows}</dl>'


def legend(names: Sequence[str]) -> str:
    """Names beside their colours, `.c0`, `.c1`, …"""
    items = "".join(
        f'<li><i class="c{i % COLOURS}"></i>{escape(name)}</li>' for i, name in enumerate(names)
    )
    return f'<ul class="legend">{items}</ul>'


def extremes(
    model: VAE, data: Dataset, count: int, seed: int
) -> tuple[int, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """How many test examples were looked at, and the rows and bounds of the most and the least likely."""
    rows = spread(len(data.x_test), _MEASURED)
    figures = evaluate_examples(model, choose(data.inputs("test", model.condition_names), rows), 0, seed)
    order = np.argsort(-figures.elbo, kind="stable")
    ends = {"Most likely": order[:count], "Least likely": order[::-1][:count]}
    return len(rows), {title: (rows[chosen], figures.elbo[chosen]) for title, chosen in ends.items()}


def latent_map(model: VAE, data: Dataset) -> Section:
    """Test examples on a plane, coloured by class where there are some."""
    rows = spread(len(data.x_test), _POINTS)
    plane = tasks.latent_map(model, choose(data.inputs("test", model.condition_names), rows))
    labels = np.asarray(data.y_test)[rows]
    known = np.unique(labels)
    has_classes = 1 < len(known) <= MOST_CLASSES
    classes = np.searchsorted(known, labels) if has_classes else np.zeros(len(rows), int)
    drawn = scatter(plane.points, classes, plane.axes, f"{len(rows):,} test examples by their codes")
    text = (
        f"{len(rows):,} test examples, each where its code lies. What the model finds alike lies together."
    )
    content = f'<figure class="wide">{drawn}</figure>' + (
        legend(texts_of_labels(known, data.label_names)) if has_classes else ""
    )
    return Section("The latent map", content, text)
