"""What the figures of a model on some data are of."""

import dataclasses
import hashlib
import json
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.data import Rescale
from keras_vae.latent_variable_model import split_inputs
from keras_vae.likelihoods.measure import Measure, combined
from keras_vae.tasks.batching import map_batches
from keras_vae.vae import VAE

_OF_REAL_NUMBERS = ("density", "mixed")
# What a layer's config says of the layer, and not of what it does to data.
_ADMINISTRATION = ("name", "trainable", "dtype")


def measure_of(model: VAE, x: Any) -> tuple[Measure, float]:
    """What log p(x) is of, and over how many numbers an example.

    Args:
        model: a trained model.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions.

    Returns:
        The measure, which has units where they matter: those into which `preprocessing` brings the data,
        for a density. And the mean number of elements that are known, in each example.
    """
    found = set()

    def look(batch: Any) -> np.ndarray:
        seen = ops.convert_to_numpy(model.preprocessing(split_inputs(batch)[0]))
        found.add(model.likelihood.measure_of(seen))
        return (~np.isnan(seen)).reshape(len(seen), -1).sum(axis=1)

    num_dimensions = float(map_batches(look, x).mean())
    measure = combined(found)
    if measure.word in _OF_REAL_NUMBERS:
        measure = dataclasses.replace(measure, units=units(model.preprocessing))
    return measure, num_dimensions


def units(preprocessing: keras.layers.Layer) -> str:
    """A text that is the same for layers that rescale data alike: a density depends on it.

    Example:
        >>> units(Rescale.between((0, 255), (-1, 1)))
        'values × 0.00784314'
    """
    if isinstance(preprocessing, Rescale):
        return f"values × {preprocessing.scale:.6g}"
    config = {
        name: each for name, each in preprocessing.get_config().items() if name not in _ADMINISTRATION
    }
    digest = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode())
    for weight in preprocessing.get_weights():
        digest.update(np.ascontiguousarray(weight).data)
    return f"{type(preprocessing).__name__} {digest.hexdigest()[:12]}"
