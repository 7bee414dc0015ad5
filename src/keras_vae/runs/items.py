"""Every example of a source, as the model of a run takes it."""

import dataclasses
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_vae.conditions import Category, Condition, Conditions
from keras_vae.data import ImageReading, Items, items_of_data, items_of_table, load_items
from keras_vae.data.binarize import binarized_images
from keras_vae.data.findings import Findings
from keras_vae.errors import InvalidArgumentError

if TYPE_CHECKING:
    from keras_vae.runs.folder import Run


def find_items(run: "Run", source: Any) -> Items:
    """What `Run.items` says."""
    if source is None:
        items = items_of_data(run.data(), with_splits=True)
    elif run.schema is not None:
        items = items_of_table(run.table(source))
    else:
        items = load_items(source, image_reading(run.description["data"]))
        name = str(source) if isinstance(source, str | os.PathLike) else type(source).__name__
        way = run.description["data"]["reading"].get("binarize")
        if way is not None:
            items = dataclasses.replace(items, x=binarized_images(items.x, way, name))
        run.check_images(name, items.x)
    return items if run.model.conditions is None else with_conditions(items, run.model.conditions)


def image_reading(described: Mapping[str, Any]) -> ImageReading:
    """How image files become what a model takes, from what a run's description says of its data.

    Example:
        >>> image_reading({"event_shape": [12, 10, 3], "dtype": "uint8", "reading": {"way": "pad"}})
        ImageReading(size=(12, 10), is_color=True, bits=8, way='pad')
    """
    height, width, channels = described["event_shape"]
    bits = 16 if described["dtype"] == "uint16" else 8
    return ImageReading((height, width), channels == 3, bits, described["reading"].get("way", "fill"))


def with_conditions(items: Items, conditions: Conditions) -> Items:
    """The same items with their columns as the model takes its conditions.

    Labels that are texts become the numbers that the model knows them by. What it does not know becomes
    unknown, and is counted in the findings.

    Example:
        >>> images, labels = np.zeros((2, 8, 8, 1)), np.array(["dog", "eel"])
        >>> items = Items("file", ["1.png", "2.png"], images, labels=labels)
        >>> found = with_conditions(items, Conditions({"label": Category(2, names=("cat", "dog"))}))
        >>> found.columns["label"].tolist(), found.findings.unknown
        ([1, -1], {'label': 1})
    """
    columns, findings = dict(items.columns), items.findings
    for name, condition in conditions.columns.items():
        if name in columns:
            if isinstance(condition, Category):
                columns[name] = _known(name, columns[name], condition, findings)
        elif name == "label" and items.labels is not None:
            columns[name] = parsed(name, items.labels, condition, findings)
    return dataclasses.replace(items, columns=columns)


def _known(name: str, numbers: np.ndarray, condition: Category, findings: Findings) -> np.ndarray:
    is_strange = numbers >= condition.num_categories
    if is_strange.any():
        findings.unknown[name] = int(is_strange.sum())
    return np.where(is_strange, condition.unknown, numbers)


def parsed(name: str, labels: Iterable[Any], condition: Condition, findings: Findings) -> np.ndarray:
    """Labels, `(n,)` texts, numbers or `None`, as the numbers of a condition of that name.

    What it does not know becomes unknown, and is counted in the findings.
    """
    texts = ["" if label is None else str(label) for label in labels]
    different, places, counts = np.unique(texts, return_inverse=True, return_counts=True)
    numbers, strange = [], 0
    for text, count in zip(different.tolist(), counts.tolist(), strict=True):
        try:
            numbers.append(condition.parse(text))
        except InvalidArgumentError:
            numbers.append(condition.unknown)
            strange += count if text else 0
    if strange:
        findings.unknown[name] = strange
    return np.array(numbers)[places]
