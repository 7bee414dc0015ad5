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


def batch_shape(x: Any) -> Any:
    """The shape of a batch of any length, of an array or of each one in a dict: what `build` takes.

    Example:
        >>> batch_shape({"x": np.zeros((5, 8, 8, 1)), "label": np.zeros(5)})
        {'x': (None, 8, 8, 1), 'label': (None,)}
    """
    return keras.tree.map_structure(lambda each: (None, *each.shape[1:]), x)


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
        self.left_out: list[int] = []
        self.begin_at(0)

    def __len__(self) -> int:
        return self.steps - self._first

    def __getitem__(self, index: int) -> Any:
        return take(self.x, self.rows_at(index))

    @property
    def steps(self) -> int:
        """How many batches a whole epoch has."""
        return -(-count(self.x) // self.batch_size)

    def rows(self, step: int) -> np.ndarray:
        """Which examples are in that batch of the epoch."""
        return self._order[step * self.batch_size : (step + 1) * self.batch_size]

    def rows_at(self, index: int) -> np.ndarray:
        """Which examples are in the batch that is this one's item `index`."""
        return self.rows(self._first + index)

    def begin_at(self, epoch: int, step: int = 0) -> None:
        """Let the next epoch be that one, without its batches before `step`.

        Example:
            >>> batches = Batches(np.arange(5)[:, None], batch_size=2, seed=0)
            >>> whole = batches[2]
            >>> batches.begin_at(0, step=2)
            >>> len(batches), (batches[0] == whole).all()
            (1, np.True_)
        """
        self._next_epoch = epoch
        self._first = step
        self._shuffle(epoch)

    def goes_on_with(self, epoch: int) -> None:
        """Let the next epoch that is read be that one, however many were looked into before.

        Under a strategy, Keras looks at the first batch before it trains, and an epoch begins with that.
        """
        self._next_epoch = epoch

    def leave_out(self, rows: Any) -> None:
        """Never give these examples again; others of their batches take their places.

        Example:
            >>> batches = Batches(np.arange(4), batch_size=4, shuffle=False)
            >>> batches.leave_out([1, 2])
            >>> batches[0].tolist()
            [0, 0, 0, 3]
        """
        self.left_out = sorted({*self.left_out, *(int(row) for row in rows)})
        self._replace_left_out()

    def on_epoch_begin(self) -> None:
        """Called by Keras: each epoch has an order of its own."""
        self._shuffle(self._next_epoch)
        self._next_epoch += 1

    def _shuffle(self, epoch: int) -> None:
        rows = count(self.x)
        order = np.arange(rows, dtype="uint32" if rows < 2**32 else "uint64")
        self._order = (
            np.random.default_rng([self.seed, epoch]).permutation(order) if self.shuffle else order
        )
        self._replace_left_out()

    def _replace_left_out(self) -> None:
        is_out = np.isin(self._order, self.left_out)
        if is_out.any() and not is_out.all():
            # The example before it, or the last one that may be given for the first places.
            places = np.maximum.accumulate(np.where(is_out, -1, np.arange(len(is_out))))
            self._order = self._order[np.where(places < 0, np.flatnonzero(~is_out)[-1], places)]
