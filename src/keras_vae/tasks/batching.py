"""Apply a function to an array a batch at a time."""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np
from keras import ops, tree

from keras_vae.data import count, take

BATCH_SIZE = 500

_report: ContextVar[Callable[[int, int], None] | None] = ContextVar("report", default=None)


def map_batches(function: Callable[[Any], Any], x: Any, batch_size: int = BATCH_SIZE) -> Any:
    """`function` of consecutive batches of `x`, its results joined along their first axis.

    Args:
        function: a batch → a tensor, or a nest of tensors, with the batch in front.
        x: `(n, …)`, with n at least 1; or a dict of such arrays.
        batch_size: rows in a batch.

    Returns:
        NumPy arrays in the structure that `function` returns.
    """
    results = list(iterate_batches(function, x, batch_size))
    return tree.map_structure(lambda *parts: np.concatenate(parts), *results)


def iterate_batches(function: Callable[[Any], Any], x: Any, batch_size: int = BATCH_SIZE) -> Iterator[Any]:
    """What `map_batches` joins, a batch at a time; the arguments are the same.

    Example:
        >>> [each.tolist() for each in iterate_batches(lambda batch: batch * 2, np.arange(5), batch_size=3)]
        [[0, 2, 4], [6, 8]]
    """
    report = _report.get()
    total = count(x)
    for start in range(0, total, batch_size):
        result = tree.map_structure(
            ops.convert_to_numpy, function(take(x, slice(start, start + batch_size)))
        )
        if report:
            report(min(start + batch_size, total), total)
        yield result


@contextlib.contextmanager
def reporting(report: Callable[[int, int], None]) -> Iterator[None]:
    """Inside it every task calls `report(done, total)`, in examples, after each batch.

    Example:
        >>> with reporting(lambda done, total: print(done, "of", total)):
        ...     doubled = map_batches(lambda batch: batch * 2, np.arange(5), batch_size=3)
        3 of 5
        5 of 5
    """
    token = _report.set(report)
    try:
        yield
    finally:
        _report.reset(token)
