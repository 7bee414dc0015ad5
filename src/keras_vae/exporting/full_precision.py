"""The same model, computing in float32."""

from typing import Any

import keras

from keras_vae.vae import VAE

_HALF = ("mixed_bfloat16", "mixed_float16", "bfloat16", "float16")
# Where a configuration says in what a layer, or a tensor between two, is computed.
_KEYS = ("dtype", "name")


def in_float32(model: VAE) -> VAE:
    """A model whose layers compute in float32, with the same weights; itself if they do.

    Formats know no bfloat16, or round otherwise.

    Args:
        model: a model that is built.
    """
    config = keras.saving.serialize_keras_object(model)
    whole = _whole(config)
    if whole == config:
        return model
    copy = keras.saving.deserialize_keras_object(whole)
    if not copy.built:
        copy.build_from_config(model.get_build_config())
    copy.set_weights(model.get_weights())
    return copy


def _whole(content: Any, key: str = "") -> Any:
    if isinstance(content, dict):
        return {name: _whole(each, name) for name, each in content.items()}
    if isinstance(content, list | tuple):
        return type(content)(_whole(each) for each in content)
    return "float32" if key in _KEYS and content in _HALF else content
