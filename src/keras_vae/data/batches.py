"""Shuffled batches, in an order that a seed decides."""

from typing import Any

import keras
import numpy as np


def take(x: Any, rows: Any) -> Any:
    """Those rows of an array, or of each array in a dict.

    Example:
        >>> take({"x": np.eye(2), "label": np.array([5, 6])}, 1)["label"].item()
        6
    """
    return {name: each[rows] for name, each in x.items()} if isinstance(x, dict) else x[rows]


def count(x: Any) -> int:
    """How many examples there are: the length of an array, or of the first one in a dict."""
    return len(next(iter(x.values())) if isinstance(x, dict) else x)


def spread(length: int, count: int) -> np.ndarray:
    """`count` indices, evenly over `length`: a sorted set shows more than its first class.

    Example:
        >>> spread(500, 3).tolist()
        [0, 249, 499]
    """
    return np.unique(np.linspace(0, length - 1, min(count, length)).astype(int))


class Batches(keras.utils.PyDataset):
    """Batches of an array, or of a dict of arrays, for `fit`; reshuffled before each epoch.

    The order of an epoch depends on the seed and the epoch's number alone, and on no global generator.

    Args:
        x: `(n, *event)`, or a dict of such arrays.
        batch_size: examples in a batch; the last one of an epoch may be smaller.
        seed: of the order.
        shuffle: whether the order changes; otherwise it is that of the array.
        **kwargs: arguments of `keras.utils.PyDataset`.

    Example:
        >>> batches = Batches(np.arange(5)[:, None], batch_size=2, seed=0)
        >>> len(batches), sorted(np.concatenate([batches[i] for i in range(3)])[:, 0].tolist())
        (3, [0, 1, 2, 3, 4])
    """

    def __init__(self, x: Any, batch_size: int, seed: int = 0, shuffle: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.x = x
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.epoch = 0
        self._order = np.arange(count(x), dtype="uint32" if count(x) < 2**32 else "uint64")
        self._shuffle()

    def __len__(self) -> int:
        return -(-count(self.x) // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        rows = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        return take(self.x, rows)

    def on_epoch_end(self) -> None:
        """Called by Keras: the next epoch has an order of its own."""
        self.epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        if self.shuffle:
            numbers = np.arange(count(self.x), dtype=self._order.dtype)
            self._order = np.random.default_rng([self.seed, self.epoch]).permutation(numbers)
