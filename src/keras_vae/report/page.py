"""The page: what it is made of, in which order."""

import dataclasses
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

from keras_vae.data import Dataset, TableData
from keras_vae.plots.svg import line_chart
from keras_vae.report import images, sentences, tables
from keras_vae.report.section import Section, facts, latent_map, legend
from keras_vae.vae import VAE


@dataclasses.dataclass(frozen=True)
class Trained:
    """What a report is about.

    Args:
        model: the trained model.
        data: what it was trained and tested on.
        history: the columns of `history.csv`.
        metrics: as in `metrics.json`.
        description: as in `run.json`.
    """

    model: VAE
    data: Dataset
    history: Mapping[str, list[float]]
    metrics: Mapping[str, Any]
    description: Mapping[str, Any]


def report(trained: Trained, title: str, seed: int = 0) -> str:
    """A page of HTML that needs nothing else: no network, no script.

    Args:
        trained: the run.
        title: what it is called.
        seed: of samples.
    """
    is_table = isinstance(trained.data, TableData)
    frechet = None if is_table else images.frechet_of(trained.model, trained.data, seed)
    verdict = sentences.verdict(trained.metrics, trained.history, frechet)
    body = [_head(trained, title), _verdict(trained, verdict)]
    own = tables.sections if is_table else images.sections
    sections = [
        _training(trained.history),
        *own(trained.model, trained.data, seed),
        latent_map(trained.model, trained.data),
    ]
    body += [each.html() for each in sections]
    body.append(_foot(trained))
    style = files("keras_vae.report").joinpath("style.css").read_text("utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _head(trained: Trained, title: str) -> str:
    text = sentences.training(trained.description, trained.model.count_params())
    return f"<header><h1>{escape(title)}</h1><p>{escape(text)}</p></header>"


def _verdict(trained: Trained, verdict: list[str]) -> str:
    figures = sentences.figures(trained.metrics, trained.model.latent_dim)
    text = "".join(f"<li>{escape(each)}</li>" for each in verdict)
    return Section(
        f"Verdict: {trained.metrics['diagnosis']['state']}", facts(figures, "figures") + f"<ul>{text}</ul>"
    ).html()


def _training(history: Mapping[str, list[float]]) -> Section:
    charts = {
        "Loss": ("loss", "val_loss"),
        "Reconstruction": ("reconstruction_loss", "val_reconstruction_loss"),
        "KL": ("kl_loss", "val_kl_loss"),
    }
    drawn = "".join(
        f"<figure>{_chart(history, title, *columns)}<figcaption>{title}, nats per example</figcaption>"
        "</figure>"
        for title, columns in charts.items()
    )
    text = (
        "A training figure is the mean over its epoch, while the weights move; a test figure is of its end."
    )
    return Section("Training", f'{legend(["training", "test"])}<div class="charts">{drawn}</div>', text)


def _chart(history: Mapping[str, list[float]], title: str, train: str, test: str) -> str:
    first, last = history[test][0], history[test][-1]
    label = f"{title} over {len(history[test])} epochs: on test data from {first:.1f} to {last:.1f} nats"
    return line_chart({"training": history[train], "test": history[test]}, "epoch", label)


def _foot(trained: Trained) -> str:
    description = trained.description
    settings = {name: each for name, each in description["settings"].items() if each not in (None, (), [])}
    found = {
        "data": f"{description['data']['name']} ({description['data']['fingerprint'][:12]})",
        "measure": trained.metrics["test"]["measure_sentence"],
        **{name.replace("_", " "): str(each) for name, each in settings.items()},
        "precision": description["dtype_policy"],
        "versions": ", ".join(f"{name} {each}" for name, each in description["versions"].items()),
    }
    if "seconds" in description:
        found["time"] = sentences.duration(description["seconds"])
    return Section("How it was made", facts(found, "facts")).html()
