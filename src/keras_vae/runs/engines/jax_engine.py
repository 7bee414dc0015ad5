"""Several processes, or several cards of one, on JAX through `keras.distribution`."""

import atexit
import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar

import keras
import numpy as np

from keras_vae.errors import (
    InvalidArgumentError,
    KerasVaeError,
    ProcessLostError,
    RunError,
    TrainingDivergedError,
)
from keras_vae.plain import plain
from keras_vae.runs.engines.aside import Aside
from keras_vae.runs.engines.engine import Engine
from keras_vae.runs.engines.native_log import NativeLog
from keras_vae.runs.unfinished import difference

T = TypeVar("T")

# Of the environment: the names that JAX's documentation gives its arguments, of which it reads the first.
_ADDRESS, _COUNT, _ID = "JAX_COORDINATOR_ADDRESS", "JAX_NUM_PROCESSES", "JAX_PROCESS_ID"
# After so many without a word from a process, it is gone.
_SECONDS = 60
_ASK_SECONDS = 0.25
_MOST_LOOKS = 1000
_LOST = re.compile("gloo|nccl|coordination service|heartbeat|UNAVAILABLE|DEADLINE_EXCEEDED", re.IGNORECASE)


def start() -> Engine | None:
    """The engine for the processes that the environment tells of, or for the cards of this one.

    Raises:
        InvalidArgumentError: if the environment tells half of what is needed.
        RunError: if the processes do not find each other.
    """
    import jax

    log = NativeLog() if _join() else None
    if jax.process_count() == 1 and jax.local_device_count() == 1:
        return None
    return JaxEngine(log)


class JaxEngine(Engine):
    """Every device computes its part of each batch, and they add up their gradients.

    Args:
        log: what native code says on standard error, where there are several processes.
    """

    is_alone = False

    def __init__(self, log: NativeLog | None) -> None:
        import jax

        self.is_first = jax.process_index() == 0
        self._log = log
        self._is_agreed = False
        self._looks, self._looks_left, self._asked = 1, 1, time.monotonic()
        self.distribution = keras.distribution.DataParallel(auto_shard_dataset=False)
        mesh = self.distribution.device_mesh.backend_mesh
        axis = self.distribution.batch_dim_name
        self._rows = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(axis))
        everywhere = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
        self._maximum = jax.jit(lambda rows: rows.max(axis=0), out_shardings=everywhere)
        with _silent_output():  # on which the CPU's collectives greet each other
            self.wait()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        import jax

        if self._log is None:
            return
        if error is None or self._is_agreed or isinstance(error, TrainingDivergedError):
            jax.distributed.shutdown()
            self.is_over = True
            return
        # JAX would first wait for the others, who wait for this process in the middle of a step.
        atexit.register(_leave)
        if _is_lost(error):
            self._log.end()
            raise ProcessLostError(self._log.last_words) from None

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        return self.distribution.scope()

    def from_first(
        self,
        function: Callable[[], T],
        encode: Callable[[T], bytes] = str.encode,  # type: ignore[assignment]
        decode: Callable[[bytes], T] = bytes.decode,  # type: ignore[assignment]
    ) -> T:
        said, failed = b"", None
        if self.is_first:
            try:
                said = b"+" + encode(function())
            except KerasVaeError as error:
                said, failed = b"-" + str(error).encode(), error
        said = self._broadcast(said)
        if said[:1] == b"-":
            self._is_agreed = True
            raise failed or RunError(said[1:].decode())
        return decode(said[1:])

    def check_alike(self, description: Mapping[str, Any]) -> None:
        own = plain(description)
        first = json.loads(self.from_first(lambda: json.dumps(own)))
        found = difference(first, own)
        if found:
            name, there, here = found
            raise RunError(
                f"The processes of a training must be given the same: {name} is {there} in the first, and "
                f"{here} in another."
            )

    def agreed(self, signal: int | None, at_once: bool = False) -> int | None:
        self._looks_left -= 1
        if self._looks_left > 0 and not at_once:
            return None
        now = time.monotonic()
        # How many steps until they talk again, by the first one's clock.
        looks = self._looks * _ASK_SECONDS / max(now - self._asked, 1e-6)
        heard, self._looks = self._greatest(
            signal or 0, max(1, min(int(looks), _MOST_LOOKS)) * self.is_first
        )
        self._looks_left, self._asked = self._looks, time.monotonic()
        # What is asked by all ends the training of all.
        self._is_agreed = heard > 0
        return heard or None

    def aside(
        self, callbacks: Sequence[keras.callbacks.Callback], copy: keras.Model
    ) -> Sequence[keras.callbacks.Callback]:
        return [Aside(callbacks, copy)] if self.is_first else []

    def notifier(self, notify: Callable[[str], None]) -> Callable[[str], None]:
        return notify if self.is_first else _say_nothing

    def last_words(self, text: str) -> None:
        if self._log is not None:
            self._log.last_words = (
                "Another process of this training is gone, or does not answer any more. What was done "
                f"until the last checkpoint is kept. {text}"
            )

    def wait(self) -> None:
        self._greatest(0)

    def _greatest(self, *numbers: int) -> list[int]:
        """Of each number, the greatest of all processes."""
        import jax

        rows = np.tile(np.asarray(numbers, "int32"), (jax.local_device_count(), 1))
        return np.asarray(self._maximum(jax.make_array_from_process_local_data(self._rows, rows))).tolist()

    def _broadcast(self, content: bytes) -> bytes:
        """Those of the first process."""
        from jax.experimental import multihost_utils

        (size,) = self._greatest(len(content) * self.is_first)
        array = np.zeros(size, "uint8")
        if self.is_first:
            array[:] = np.frombuffer(content, "uint8")
        return np.asarray(multihost_utils.broadcast_one_to_all(array)).astype("uint8").tobytes()


def _say_nothing(text: str) -> None:
    """In the place of somebody who is told of what the first process tells."""


def _join() -> bool:
    """Find the other processes, if the environment tells of any; `False` if it does not.

    Raises:
        InvalidArgumentError: if it tells half of what is needed.
        RunError: if they are not found.
    """
    import jax

    given = {name: os.environ[name] for name in (_ADDRESS, _COUNT, _ID) if os.environ.get(name)}
    numbers = {name: _number(name, text) for name, text in given.items() if name != _ADDRESS}
    # Of SIGTERM JAX would make something of its own.
    jax.config.update("jax_enable_preemption_service", False)
    try:
        jax.distributed.initialize(
            coordinator_address=given.get(_ADDRESS),
            num_processes=numbers.get(_COUNT),
            process_id=numbers.get(_ID),
            cluster_detection_method="deactivate" if len(given) == 3 else None,
            heartbeat_timeout_seconds=_SECONDS,
            shutdown_timeout_seconds=_SECONDS,
        )
    except ValueError as error:
        if not given:
            return False
        needed = [name for name in (_ADDRESS, _COUNT, _ID) if name not in given]
        raise InvalidArgumentError(
            f"{' and '.join(given)} is set in the environment, and {' and '.join(needed) or error} is not: "
            "each process needs all three."
        ) from error
    except (RuntimeError, OSError) as error:
        raise RunError(f"The processes of this training do not find each other: {error}") from error
    return True


def _is_lost(error: BaseException) -> bool:
    """Whether JAX means that another process does not answer: it does so by errors of several kinds."""
    is_own = isinstance(error, KerasVaeError)
    return isinstance(error, RuntimeError | ValueError) and not is_own and bool(_LOST.search(str(error)))


def _number(name: str, text: str) -> int:
    if not text.isdecimal():
        raise InvalidArgumentError(f"{name} in the environment must be a number. Received: {text!r}")
    return int(text)


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(2)


@contextlib.contextmanager
def _silent_output() -> Iterator[None]:
    sys.stdout.flush()
    output = os.dup(1)
    try:
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123
            os.dup2(nothing.fileno(), 1)
        yield
    finally:
        os.dup2(output, 1)
        os.close(output)
