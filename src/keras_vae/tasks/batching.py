"""Apply a function to an array a batch at a time."""

import contextlib
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import keras
import numpy as np
from keras import ops, tree

from keras_vae.data import count, take

BATCH_SIZE = 500
# To make a graph takes as long as some batches do without one.
_WORTH_A_GRAPH = 4
# A batch leaves cores waiting: where operations begin and end, and while its arrays are read and written.
_AT_ONCE = 2

_report: ContextVar[Callable[[int, int], None] | None] = ContextVar("report", default=None)


def map_batches(
    function: Callable[[Any], Any],
    x: Any,
    batch_size: int = BATCH_SIZE,
    in_graph: bool = False,
    at_once: bool = False,
) -> Any:
    """`function` of consecutive batches of `x`, its results joined along their first axis.

    Args:
        function: a batch → a tensor, or a nest of tensors, with the batch in front.
        x: `(n, …)`, with n at least 1; or a dict of such arrays.
        batch_size: rows in a batch.
        in_graph: whether `as_graph` may make one of `function`, which then returns tensors, and of whose
            last batch some are computed for nothing.
        at_once: whether two batches may be computed at a time, which is faster where a graph computes them.
            Not for a `function` that draws, whose draws would depend on which comes first.

    Returns:
        NumPy arrays in the structure that `function` returns.
    """
    results = list(iterate_batches(function, x, batch_size, in_graph, at_once))
    return tree.map_structure(lambda *parts: np.concatenate(parts), *results)


def iterate_batches(
    function: Callable[[Any], Any],
    x: Any,
    batch_size: int = BATCH_SIZE,
    in_graph: bool = False,
    at_once: bool = False,
) -> Iterator[Any]:
    """What `map_batches` joins, a batch at a time; the arguments are the same.

    Example:
        >>> [each.tolist() for each in iterate_batches(lambda batch: batch * 2, np.arange(5), batch_size=3)]
        [[0, 2, 4], [6, 8]]
    """
    total = count(x)
    graph = as_graph(function, -(-total // batch_size)) if in_graph else function
    run = function if graph is function else filled_up(graph, batch_size)

    def result_from(start: int) -> Any:
        return tree.map_structure(ops.convert_to_numpy, run(take(x, slice(start, start + batch_size))))

    starts = range(0, total, batch_size)
    # Without a graph Keras computes, whose settings are those of a thread.
    is_safe = is_graph(graph) or not in_graph
    results = (_two_at_once if at_once and is_safe else map)(result_from, starts)
    for start, result in zip(starts, results, strict=True):
        report(min(start + batch_size, total), total)
        yield result


def _two_at_once(function: Callable[[Any], Any], arguments: Iterable[Any]) -> Iterator[Any]:
    """`map(function, arguments)`, two at a time in threads; the first alone, for it makes the graph."""
    rest = iter(arguments)
    yield from map(function, itertools.islice(rest, 1))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        under_way = deque(threads.submit(function, each) for each in itertools.islice(rest, _AT_ONCE))
        try:
            while under_way:
                result = under_way.popleft().result()
                under_way.extend(threads.submit(function, each) for each in itertools.islice(rest, 1))
                yield result
        finally:
            threads.shutdown(cancel_futures=True)


def filled_up(function: Callable[[Any], Any], size: int) -> Callable[[Any], Any]:
    """`function` of batches of up to `size` examples, which are filled up: another shape would be another
    graph.

    Example:
        >>> filled_up(lambda batch: batch * 2, 500)(np.arange(3)).tolist()
        [0, 2, 4]
    """

    def run(batch: Any) -> Any:
        return tree.map_structure(lambda each: each[: count(batch)], function(padded(batch, size)))

    return run


def as_graph(function: Callable[..., Any], calls: int | None = None) -> Callable[..., Any]:
    """`function` as one graph of operations, if so many calls of it are worth the making.

    TensorFlow runs a graph in half the time of its operations one by one: a convolution, its bias and its
    activation are one operation then. Other back ends run it as it is.

    Args:
        function: tensors, or arrays, of always the same shapes → tensors; of a model that is built.
        calls: how often it will be called; often, if left out.

    Example:
        >>> as_graph(ops.square, calls=1) is ops.square, np.asarray(as_graph(ops.square)(np.ones(2)))
        (True, array([1., 1.]))
    """
    if (calls is not None and calls < _WORTH_A_GRAPH) or keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    return tf.function(function, autograph=False)


def is_graph(function: Any) -> bool:
    """Whether it is what `as_graph` made, and not what it was given.

    Example:
        >>> is_graph(as_graph(ops.square)), is_graph(as_graph(ops.square, calls=1))
        (True, False)
    """
    return hasattr(function, "get_concrete_function")


def padded(batch: Any, size: int) -> Any:
    """The batch with its last example again and again, up to `size` examples.

    Example:
        >>> padded(np.arange(3), 5).tolist()
        [0, 1, 2, 2, 2]
    """
    rows = np.minimum(np.arange(size), count(batch) - 1)
    return tree.map_structure(lambda each: np.asarray(each)[rows], batch)


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


def report(done: int, total: int) -> None:
    """Tell whoever follows, see `reporting`, how many examples are done."""
    listener = _report.get()
    if listener:
        listener(done, total)


@contextlib.contextmanager
def reporting_within(before: int, total: int) -> Iterator[None]:
    """Inside it what tasks report is of a piece, behind `before` examples, of `total`.

    Example:
        >>> with reporting(lambda done, total: print(done, "of", total)), reporting_within(40, 50):
        ...     doubled = map_batches(lambda batch: batch * 2, np.arange(5), batch_size=3)
        43 of 50
        45 of 50
    """
    listener = _report.get()
    if listener is None:
        yield
        return
    with reporting(lambda done, _: listener(before + done, total)):
        yield
