"""Every example of a source, as the model of a run takes it."""

import dataclasses
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_vae.conditions import Category, Condition, Conditions
from keras_vae.data import Dataset, ImageReading, Items, items_of_data, items_of_table, load_items
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


def relabelled(data: Dataset, conditions: Conditions) -> Dataset:
    """The same data, with their labels as the numbers that the model knows its classes by.

    A class that the model does not know is unknown to it, and so are the labels of data without any.

    Example:
        >>> x, y = np.zeros((2, 8, 8, 1)), np.array([0, 1])
        >>> pets = Dataset("pets", x, y, x, y, label_names=("cow", "dog"))
        >>> found = relabelled(pets, Conditions({"label": Category(2, names=("cat", "dog"))}))
        >>> found.y_train.tolist(), found.y_test.tolist(), found.findings.unknown
        ([-1, 1], [-1, 1], {'label': 2})
    """
    condition = conditions.columns.get("label")
    if not isinstance(condition, Category):
        return data
    findings = dataclasses.replace(data.findings, unknown=dict(data.findings.unknown))
    labels = np.concatenate([data.y_train, data.y_test])
    if data.label_names:
        texts = np.where(labels < 0, "", np.array(data.label_names, object)[labels])
        labels = parsed("label", texts, condition, findings)
    else:
        labels = _known("label", labels, condition, findings)
    train, test = np.split(labels, [len(data.y_train)])
    return dataclasses.replace(
        data, y_train=train, y_test=test, label_names=condition.names, findings=findings
    )


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
