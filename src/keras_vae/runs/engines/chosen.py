"""The engine for what there is: machines, cards, and a back end."""

import os
from collections.abc import Callable

import keras

from keras_vae.errors import InvalidArgumentError
from keras_vae.runs.engines.engine import Engine

_INSTEAD = "Use JAX: pip install 'keras-vae[jax]', and KERAS_BACKEND=jax in every process."


def distributed(notify: Callable[[str], None] = print) -> Engine:
    """The engine for all the cards of this machine, or for all the processes that a launcher started.

    On JAX, every process calls it before anything else is computed. They find each other as JAX does: by
    the environment of SLURM, Open MPI or Kubernetes, or by JAX_COORDINATOR_ADDRESS, JAX_NUM_PROCESSES and
    JAX_PROCESS_ID. Without any of these it is for the cards of this process, and so it is on TensorFlow.

    Args:
        notify: is told if there is nothing to distribute over.

    Raises:
        InvalidArgumentError: for PyTorch, for several machines on TensorFlow, or if the environment tells
            half of what is needed.
        RunError: if the processes do not find each other.

    Example:
        >>> with distributed() as engine:
        ...     print(engine.is_first)
        There is one process, on one device: it trains as it would without --distributed.
        True
    """
    backend = keras.config.backend()
    if backend == "jax":
        from keras_vae.runs.engines.jax_engine import start
    elif backend == "tensorflow":
        if "TF_CONFIG" in os.environ:
            raise InvalidArgumentError(
                "TF_CONFIG names several machines, over which Keras does not train with TensorFlow. "
                + _INSTEAD
            )
        from keras_vae.runs.engines.mirrored import start
    else:
        raise InvalidArgumentError(f"Keras does not distribute a training with PyTorch. {_INSTEAD}")
    engine = start()
    if engine is None:
        notify("There is one process, on one device: it trains as it would without --distributed.")
        return Engine()
    return engine
