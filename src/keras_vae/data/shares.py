"""Batches of which each process takes its share, for JAX on several machines or cards."""

from typing import Any

import keras
import numpy as np

from keras_vae.data.batches import Batches, count, take

_PADDING = "padding"


def is_shared() -> bool:
    """Whether batches are cut into shares: on JAX, where `keras.distribution` has a `DataParallel`.

    Example:
        >>> is_shared()
        False
    """
    distribution = keras.distribution.distribution()
    return keras.config.backend() == "jax" and isinstance(distribution, keras.distribution.DataParallel)


class Shares(keras.utils.PyDataset):
    """This process's share of each of some batches, which together are what one process would take.

    Every device takes equally many rows. Where a batch does not divide, its last row is repeated, and
    beside it stands how often: `without_padding` cuts these rows off when all shares have become one batch
    again.

    Args:
        batches: the same in every process.
    """

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> Any:
        return _share(self.batches.x, self.batches.rows_at(index))

    def on_epoch_begin(self) -> None:
        """Called by Keras: each epoch has an order of its own."""
        self.batches.on_epoch_begin()


def share(batch: Any) -> Any:
    """This process's rows of a batch, and the number of rows that are padding: x and y as `fit` takes them.

    Args:
        batch: an array, or a dict of arrays; the same in every process.
    """
    return _share(batch, np.arange(count(batch)))


def without_padding(data: Any) -> Any:
    """What a step is given, without the rows that `share` put in and the word that they are there.

    Anything that is not from `share` is left as it is.
    """
    x, y = (*data, None)[:2] if isinstance(data, tuple) else (data, None)
    if not (isinstance(y, dict) and set(y) == {_PADDING}):
        return data
    padding = y[_PADDING].shape[0] // _devices()[0]
    return (keras.tree.map_structure(lambda each: each[: each.shape[0] - padding], x),)


def _share(x: Any, rows: np.ndarray) -> Any:
    devices, mine = _devices()
    padding = -len(rows) % devices
    each = (len(rows) + padding) // devices
    places = np.concatenate([np.arange(each) + device * each for device in mine])
    # While a step is compiled, all it knows of its data is their shapes: this one is the message.
    told = np.zeros(padding * len(mine), "uint8")
    return take(x, rows[np.minimum(places, len(rows) - 1)]), {_PADDING: told}


def _devices() -> tuple[int, list[int]]:
    """How many devices there are in all, and which of them are this process's."""
    import jax

    devices = keras.distribution.distribution().device_mesh.backend_mesh.devices.flatten()
    return len(devices), [i for i, each in enumerate(devices) if each.process_index == jax.process_index()]
