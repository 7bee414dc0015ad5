"""The preprocessing that fits a data set to a likelihood."""

import math

from keras_vae.data import PIXELS, Dataset, Rescale, TableData, TableTransform
from keras_vae.errors import DataError
from keras_vae.likelihoods import Likelihood
from keras_vae.specs import snake_case


def preprocessing_for(data: Dataset, likelihood: Likelihood) -> Rescale | TableTransform:
    """The columns of a table are stretched as `TableTransform.of` learns it from the training rows.

    Pixels, `uint8` or `uint16`, are rescaled to the likelihood's support; others are taken as they are.

    Where the support is the whole line, they are rescaled to [0, 1]; where numbers are counts or
    classes, they too are taken as they are.

    Raises:
        DataError: if values that are taken as they are lie outside the support, or the data are a table
            and the likelihood is for others.

    Example:
        >>> from keras_vae import data, likelihoods
        >>> preprocessing_for(data.load("mnist-5k"), likelihoods.Normal(activation="tanh")).offset
        -1.0
    """
    if isinstance(data, TableData):
        if not likelihood.takes_missing:
            raise DataError(
                f"{data.name} is a table, whose columns need a likelihood each: mixed. "
                f"Received: {snake_case(type(likelihood).__name__)}"
            )
        return TableTransform.of(data.schema, data.x_train)
    low, high = likelihood.support
    if data.x_train.dtype in PIXELS and likelihood.rescalable:
        return Rescale.between(data.value_range, (low, high) if math.isfinite(high - low) else (0, 1))
    found_low, found_high = data.value_range
    if found_low < low or found_high > high:
        raise DataError(
            f"{data.name}: the values lie in [{found_low:g}, {found_high:g}], and the "
            f"{snake_case(type(likelihood).__name__)} likelihood is defined on [{low:g}, {high:g}]. "
            "Rescale them, store them as uint8 (which is rescaled in the model), or choose a likelihood "
            "for unbounded values: normal."
        )
    return Rescale()
