"""`model.keras` → the model that was saved, and nothing else."""

import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras

from keras_vae.errors import HubError, ModelFileError
from keras_vae.hub import Address, download, is_address
from keras_vae.seal import CONFIG, MODEL, WEIGHTS, check_seal, read_bytes
from keras_vae.vae import VAE

# Numbers that say how large the weights are.
_WIDTHS = ("units", "filters", "latent_dim", "num_components")
_SHAPES = ("shape", "batch_shape", "input_shape", "event_shape", "target_shape")
_MOST_VALUES = 1 << 28


def load(path: str | Path) -> VAE:
    """The model of a `.keras` file that `VAE.save`, or a run, wrote.

    Nothing in the file is run: Keras's `safe_mode` is on, only classes that are registered with Keras are
    made, and before anything is made, the file is checked to be what was written.

    Args:
        path: the file; or `hf://USER/NAME`, also with `@REVISION`, for that of a repository of the Hugging
            Face Hub.

    Raises:
        HubError: if there is none on the Hub, or it cannot be reached.
        ModelFileError: if it is not there, is no model of this package, is damaged, was written by a newer
            release, or asks for code or for more memory than its weights explain.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from keras_vae import data, recipes
        >>> with TemporaryDirectory() as folder:
        ...     model = recipes.get("dense").model(data.load("mnist-5k"), latent_dim=3)
        ...     model.build((None, 28, 28, 1))
        ...     model.save(f"{folder}/model.keras")
        ...     load(f"{folder}/model.keras").latent_dim
        3
    """
    path = _downloaded(Address.of(path)) if is_address(path) else Path(path)
    check_seal(path)
    config = _config(path)
    if not isinstance(config, dict) or config.get("registered_name") != "keras_vae>VAE":
        raise ModelFileError(f"{path} holds no VAE of this package.")
    _check_widths(config, path)
    try:
        model = keras.saving.load_model(path, safe_mode=True)
    except (ValueError, TypeError, OSError, KeyError, AttributeError, ImportError, RecursionError) as error:
        raise ModelFileError(f"{path} cannot be loaded: {' '.join(str(error).split())}") from error
    if not isinstance(model, VAE):
        raise ModelFileError(f"{path} holds no VAE of this package.")
    return model


def _downloaded(address: Address) -> Path:
    path = download(address, [MODEL]) / MODEL
    if not path.is_file():
        raise HubError(f"{address} holds no {MODEL}. `vae push` and the `save` of a model put it there.")
    return path


def _config(path: Path) -> Any:
    try:
        return json.loads(read_bytes(path, CONFIG))
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{path} is damaged: {CONFIG} cannot be read: {error}") from error


def _check_widths(config: dict, path: Path) -> None:
    """Refuse layers that are wider than any of the stored weights, before they are made."""
    widest = _widest_weight(path)
    for name, value in _named_values(config):
        sizes = value if isinstance(value, list) else [value]
        whole = [size for size in sizes if isinstance(size, int)]
        if (name in _WIDTHS and max(whole, default=0) > widest) or (
            name in _SHAPES and math.prod(whole) > _MOST_VALUES
        ):
            raise ModelFileError(
                f"{path} cannot be loaded: it asks for {name}={value}, and no weight in it is wider than "
                f"{widest:,}."
            )


def _named_values(content: Any) -> Iterator[tuple[str, Any]]:
    """All pairs of a name and a value, however deep."""
    if isinstance(content, dict):
        yield from content.items()
    children = content.values() if isinstance(content, dict) else content
    for child in children:
        if isinstance(child, dict | list):
            yield from _named_values(child)


def _widest_weight(path: Path) -> int:
    widths, stored = [1], 0

    def look(name: str, item: Any) -> None:
        nonlocal stored
        del name
        if isinstance(item, h5py.Dataset):
            widths.extend(item.shape)
            stored += item.nbytes

    try:
        content = read_bytes(path, WEIGHTS)
        with h5py.File(io.BytesIO(content), "r") as file:
            file.visititems(look)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError(f"{path} is damaged: its weights cannot be read: {error}") from error
    if stored > len(content):
        raise ModelFileError(
            f"{path} is damaged: its weights would take {stored:,} bytes, and {len(content):,} are there."
        )
    return max(widths)
