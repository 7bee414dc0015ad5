"""Batches that divide by the replicas of a TensorFlow strategy."""

from typing import Any

import keras
import numpy as np

from keras_vae.data.batches import Batches, take


class Replicable(keras.utils.PyDataset):
    """Batches in which every replica finds equally many rows, and the weights of these.

    Where a batch does not divide, its last row is repeated with the weight 0, and the others weigh so much
    more that the mean over all rows is that over the batch.

    Args:
        batches: of any size.
        replicas: how many.

    Example:
        >>> x, _, weights = Replicable(Batches(np.arange(3), batch_size=3, shuffle=False), replicas=2)[0]
        >>> x.tolist(), round(float((x * weights).mean()), 6), [round(float(each), 3) for each in weights]
        ([0, 1, 2, 2], 1.0, [1.333, 1.333, 1.333, 0.0])
    """

    def __init__(self, batches: Batches, replicas: int) -> None:
        super().__init__()
        self.batches = batches
        self.replicas = replicas

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> Any:
        rows = self.batches.rows_at(index)
        places = np.arange(len(rows) + -len(rows) % self.replicas)
        weights = np.where(places < len(rows), len(places) / len(rows), 0.0).astype("float32")
        # Keras drops weights where there is no y.
        return take(self.batches.x, rows[np.minimum(places, len(rows) - 1)]), weights, weights

    def on_epoch_begin(self) -> None:
        """Called by Keras: each epoch has an order of its own."""
        self.batches.on_epoch_begin()
