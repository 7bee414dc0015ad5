"""Several steps of a training as one call of the device."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import keras

Step = Callable[[Any, Any], tuple[Any, Any]]

_MOST = 64
_MOST_ON_TENSORFLOW, _MOST_ELEMENTS = 8, 2**20
# So many calls are the least of an epoch: a learning rate moves, and a guard looks, at each of them.
_FEW = 16


def scanned(step: Step, count: int) -> Step:
    """`count` steps at a time: a training function as Keras's JAX trainer calls it.

    Keras itself calls the device once a step, whatever `steps_per_execution` is, and a small network waits
    longer for these calls than for its arithmetic.

    Args:
        step: `(state, batch)` → `(logs, state)`; it can be traced.
        count: the most batches that are taken from the iterator. Where fewer are left, or they are not all
            of one size, each is a call.

    Returns:
        `(state, iterator)` → `(logs of the last step, state)`; it raises `StopIteration` where no batch is
        left.
    """
    import jax

    single = jax.jit(step, donate_argnums=0)

    def loop(state: Any, batches: list[Any]) -> tuple[Any, Any]:
        def body(state: Any, batch: Any) -> tuple[Any, Any]:
            logs, state = step(state, batch)
            return state, logs

        state, logs = jax.lax.scan(body, state, jax.tree.map(lambda *each: jax.numpy.stack(each), *batches))
        return jax.tree.map(lambda each: each[-1], logs), state

    several = jax.jit(loop, donate_argnums=0)

    def function(state: Any, iterator: Iterator[Any]) -> tuple[Any, Any]:
        batches = list(itertools.islice(iterator, count))
        if not batches:
            raise StopIteration
        sizes = {tuple(each.shape for each in jax.tree.leaves(batch)) for batch in batches}
        if len(batches) == count and len(sizes) == 1:
            return several(state, batches)
        for batch in batches:
            logs, state = single(state, batch)
        return logs, state

    return function


def fewest_calls(full_batches: int, most: int = _MOST) -> int:
    """How many steps a call, up to so many, make the fewest calls of an epoch of so many full batches.

    Example:
        >>> fewest_calls(468), fewest_calls(7)
        (52, 7)
    """
    return min(range(1, most + 1), key=lambda count: full_batches // count + full_batches % count)


def steps_a_call(full_batches: int, batch_elements: int) -> int:
    """How many steps of a training are best one call, on this back end.

    On TensorFlow the time between two calls is a tenth of the step of a small network. Few steps or large
    batches are a call each: callbacks, and whoever wants to stop, see nothing of what happens inside one.

    Args:
        full_batches: in an epoch.
        batch_elements: pixels, or entries of a table, in a batch.

    Returns:
        `steps_per_execution` of `compile`.

    Example:
        >>> steps_a_call(7, 64 * 784)
        1
    """
    if can_scan():
        return fewest_calls(full_batches)
    if keras.config.backend() != "tensorflow":
        return 1
    import tensorflow as tf

    # There Keras cannot have several.
    if tf.distribute.has_strategy():
        return 1
    return max(1, min(_MOST_ON_TENSORFLOW, full_batches // _FEW, _MOST_ELEMENTS // batch_elements))


def can_scan() -> bool:
    """Whether several steps can be one call: with JAX on one card.

    On a CPU, XLA's convolutions inside a loop take a multiple of the time.

    Example:
        >>> can_scan() in (True, False)
        True
    """
    if keras.config.backend() != "jax" or keras.distribution.distribution() is not None:
        return False
    import jax

    return jax.default_backend() != "cpu"


def is_wanted(model: keras.Model) -> bool:
    """Whether a compiled model is to be trained so: it can be, and was asked for several steps a call.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse", steps_per_execution=1)
        >>> is_wanted(model)
        False
    """
    return model.steps_per_execution > 1 and model.jit_compile and not model.run_eagerly and can_scan()
