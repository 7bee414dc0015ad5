"""What decides the results of a model, as a number."""

import hashlib
import json
from typing import Any

import keras
import numpy as np

from keras_vae.vae import VAE


def fingerprint(model: VAE, verb: str) -> str:
    """A SHA-256 over what decides the results of a model: its configuration and its weights.

    Codes do not depend on the calibration, which scoring may change.
    """
    config = keras.saving.serialize_keras_object(model)["config"]
    if verb == "embed":
        config.pop("calibration")
    digest = hashlib.sha256(json.dumps(_without_identities(config), sort_keys=True).encode())
    for weight in model.weights:
        digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(weight)).tobytes())
    return digest.hexdigest()


def _without_identities(config: Any) -> Any:
    """Keras's configuration without the numbers that tell its objects apart, other ones in each process."""
    if isinstance(config, dict):
        return {
            name: _without_identities(each) for name, each in config.items() if name != "shared_object_id"
        }
    return [_without_identities(each) for each in config] if isinstance(config, list | tuple) else config
