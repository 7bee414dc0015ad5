"""Which conditions the columns of a data set can be."""

from collections.abc import Iterable

import numpy as np

from keras_vae.conditions import Category, Condition
from keras_vae.data import Dataset
from keras_vae.data.dataset import UNLABELLED
from keras_vae.errors import DataError, UnknownNameError
from keras_vae.specs import build

_MOST_CATEGORIES = 1000


def conditions_for(data: Dataset, requests: Iterable[str]) -> dict[str, Condition]:
    """A condition for each column that is asked for.

    Integers become a category for each value from 0 to the largest, other numbers are standardised by their
    mean and standard deviation in the training data.

    Args:
        data: what the model will be trained on.
        requests: names of columns; `"name=kind"`, as in `"age=real"`, where another kind is wanted.

    Raises:
        UnknownNameError: if the data have no such column, or there is no such kind.
        DataError: if a column cannot be such a condition.

    Example:
        >>> from keras_vae import data
        >>> conditions_for(data.load("mnist-5k"), ["label"])["label"].num_categories
        10
    """
    columns = data.columns("train")
    found = {}
    for request in requests:
        name, _, kind = request.partition("=")
        if name not in columns:
            raise UnknownNameError("column", name, columns)
        column = columns[name]
        known = column[np.isfinite(column)]
        if not len(known):
            raise DataError(f"{data.name}: the column {name!r} is unknown for every training example.")
        names = data.class_names(name)
        if names == UNLABELLED:
            raise DataError(f"{data.name} has no labels that a model could be conditional on.")
        condition = build(
            kind or ("category" if column.dtype.kind in "biu" else "real"),
            Condition,
            num_categories=len(names) or int(known.max()) + 1,
            names=names,
            mean=float(known.mean()),
            scale=float(known.std()) or 1.0,
        )
        if isinstance(condition, Category):
            _check_categories(f"{data.name}: the column {name!r}", known)
        found[name] = condition
    return found


def _check_categories(where: str, values: np.ndarray) -> None:
    if (values != np.floor(values)).any() or values.min() < -1 or values.max() >= _MOST_CATEGORIES:
        raise DataError(
            f"{where} holds values from {values.min():g} to {values.max():g}, and a category is an integer "
            f"from 0 to {_MOST_CATEGORIES - 1} (-1 for unknown). Number the classes from 0, or ask for a "
            "real condition."
        )
