"""What a page must know beside the decoder: a run, as JSON."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae import tasks
from keras_vae.conditions import Category
from keras_vae.data import Dataset, spread
from keras_vae.data.chosen import choose
from keras_vae.exporting.page_columns import column_for_page
from keras_vae.plots.latent import MOST_CLASSES, texts_of_labels
from keras_vae.priors import StandardNormal
from keras_vae.report import sentences
from keras_vae.runs import Run
from keras_vae.tasks.latent_map import principal_directions
from keras_vae.vae import VAE

_CODES, _MEASURED, _DRAWS, _CHECKS = 3000, 2000, 512, 8


def describe(run: Run, model: VAE, data: Dataset, with_codes: bool = True, seed: int = 0) -> dict[str, Any]:
    """All that a page shows of a run, in types that JSON knows; arrays are float32 in base64.

    Args:
        run: what it is called, and its figures.
        model: that of the run, in float32: what it decodes is what the page is compared with.
        data: whose test examples say which latent units are active, and where they range.
        with_codes: whether the page holds the codes and labels of at most 3,000 test examples.
        seed: of the codes that are drawn.
    """
    rows = spread(len(data.x_test), _CODES)
    inputs = choose(data.inputs("test", model.condition_names), rows)
    codes = tasks.embed(model, inputs)
    labels, names = _labels(data, rows)
    held = {"count": len(codes), "values": _packed(codes), "labels": labels.tolist(), "names": names}
    return {
        "title": f"{run.folder.name}: {run.description['settings']['recipe']} on {Path(data.name).name}",
        "text": sentences.training(run.description, model.count_params()),
        "figures": sentences.figures(run.metrics, model.latent_dim),
        **_face(run, data),
        "latent_dim": model.latent_dim,
        "space": model.posterior.space,
        "conditions": model.conditions.described() if model.conditions else [],
        "mean": codes.mean(axis=0, dtype="float64").tolist(),
        **_units(model, choose(inputs, spread(len(rows), _MEASURED))),
        "components": _components(codes),
        "codes": held if with_codes else None,
        "draws": _draws(model, seed),
        "checks": _checks(model, data, seed),
    }


def _face(run: Run, data: Dataset) -> dict[str, Any]:
    """What an example looks like."""
    if run.schema is not None:
        return {"kind": "table", "columns": [column_for_page(each) for each in run.schema.columns]}
    height, width, channels = data.event_shape
    low, high = data.value_range
    return {
        "kind": "images",
        "height": height,
        "width": width,
        "channels": channels,
        "range": [low, high],
    }


def _units(model: VAE, x: Any) -> dict[str, Any]:
    """The latent units, the most active first, and by what."""
    found = tasks.traverse(model, x, steps=2)
    by = found.variance_of_means if found.kl is None else found.kl
    every = zip(found.units, by, found.active, found.values, strict=True)
    return {
        "units": [
            {"unit": int(unit), "measure": float(measure), "alive": bool(alive), "range": ends.tolist()}
            for unit, measure, alive, ends in every
        ],
        "measure": "variance of means" if found.kl is None else "KL, nats",
    }


def _components(codes: np.ndarray) -> dict[str, Any] | None:
    """The principal plane of codes, and where they lie on it; `None` where one or two units are one."""
    if codes.shape[1] <= 2:
        return None
    axes, shares = principal_directions(codes)
    points = (codes - codes.mean(axis=0)) @ axes
    return {
        "axes": axes.T.tolist(),
        "names": [f"component {i + 1} ({share:.0%} of variance)" for i, share in enumerate(shares)],
        "low": points.min(axis=0).tolist(),
        "high": points.max(axis=0).tolist(),
    }


def _labels(data: Dataset, rows: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The class of each example by number, −1 for none, and what the numbers are called."""
    labels = np.asarray(data.y_test)[rows]
    known = np.unique(labels[labels >= 0])
    if not 1 < len(known) <= MOST_CLASSES:
        return np.full(len(rows), -1), []
    classes = np.where(labels >= 0, np.searchsorted(known, labels), -1)
    return classes, texts_of_labels(known, data.label_names)


def _draws(model: VAE, seed: int) -> list[dict[str, Any]] | None:
    """Codes from the prior, where the page cannot draw them; for each class, where they depend on it."""
    if isinstance(model.prior, StandardNormal):
        return None
    given: list[dict[str, int]] = [{}]
    if model.prior.needs_condition and model.conditions:
        columns = model.conditions.columns.items()
        name, category = next(
            ((name, each) for name, each in columns if isinstance(each, Category)), (None, None)
        )
        if name is not None and category is not None:
            given += [{name: value} for value in range(category.num_categories)]
    return [{"given": each, "values": _packed(_drawn(model, _DRAWS, seed, each))} for each in given]


def _drawn(model: VAE, count: int, seed: int, given: Mapping[str, Any]) -> np.ndarray:
    return ops.convert_to_numpy(model.sample_latents(count, keras.random.SeedGenerator(seed), given))


def _checks(model: VAE, data: Dataset, seed: int) -> dict[str, Any]:
    """Some codes, and what they decode to under the conditions of test examples; the last, under none."""
    latents = _drawn(model, _CHECKS, seed, {})
    inputs = data.inputs("test", model.condition_names)
    rows = spread(len(data.x_test), _CHECKS)
    columns = model.conditions.columns if model.conditions else {}
    given = {}
    for name, each in columns.items():
        values = np.full(_CHECKS, each.unknown, "float64")
        known = inputs.get(name)
        values[: len(rows) - 1] = each.unknown if known is None else np.asarray(known)[rows[:-1]]
        given[name] = values.astype("int32" if isinstance(each, Category) else "float32")
    decoded = tasks.decode(model, latents, given)
    scales = np.abs(decoded).max(axis=0) if decoded.ndim == 2 else np.array([np.ptp(data.value_range)])
    return {
        "latents": _packed(latents),
        "conditions": {name: each.tolist() for name, each in given.items()},
        "decoded": _packed(decoded),
        "scales": np.maximum(scales, 1e-6).tolist(),
    }


def _packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()
