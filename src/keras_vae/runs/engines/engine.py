"""What a training needs to know of where it runs: here, in one process on one device."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import keras

T = TypeVar("T")


class Engine:
    """One process on one device; those on several derive from it.

    Inside `with engine:` the processes of a training belong together: at its end they part as friends, and
    if one of them fails there, it leaves at once, so that the others notice.

    Example:
        >>> with Engine() as engine:
        ...     engine.from_first(lambda: "runs/digits-1"), engine.is_first, engine.agreed(None)
        ('runs/digits-1', True, None)
    """

    #: Whether this process writes and speaks.
    is_first = True
    #: Whether it is the only one, on a single device.
    is_alone = True
    #: Whether the processes have parted, all for the same reason.
    is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def scope(self) -> contextlib.AbstractContextManager[Any]:
        """Inside it, a model is made and trained that lives on all devices."""
        return contextlib.nullcontext()

    def from_first(
        self,
        function: Callable[[], T],
        encode: Callable[[T], bytes] = str.encode,  # type: ignore[assignment]
        decode: Callable[[bytes], T] = bytes.decode,  # type: ignore[assignment]
    ) -> T:
        """What a function returns in the first process, in all of them; it is called in that one alone.

        Args:
            function: what to call.
            encode: from what it returns to bytes, a text by default.
            decode: the way back.

        Raises:
            KerasVaeError: in every process, if it does so in the first.
        """
        del encode, decode
        return function()

    def check_alike(self, description: Mapping[str, Any]) -> None:
        """Refuse to train together with a first process that would train otherwise.

        Args:
            description: what `run.json` would hold.

        Raises:
            RunError: which names what is not the same.
        """

    def agreed(self, signal: int | None, at_once: bool = False) -> int | None:
        """The signal by which somebody asked for the end, in whichever process, once all have heard of it.

        Every process calls it after the same steps. That all hear of it takes some steps if these are
        short.

        Args:
            signal: what this process was asked by.
            at_once: whether no step will follow.
        """
        del at_once
        return signal

    def aside(
        self, callbacks: Sequence[keras.callbacks.Callback], copy: keras.Model
    ) -> Sequence[keras.callbacks.Callback]:
        """Callbacks that speak, write, or call the model, as they can be given to a training.

        Args:
            callbacks: those.
            copy: a model on one device, for them to see.
        """
        del copy
        return callbacks

    def notifier(self, notify: Callable[[str], None]) -> Callable[[str], None]:
        """The same in the first process; one that says nothing in the others."""
        return notify

    def last_words(self, text: str) -> None:
        """What to say if another process is gone: how to go on."""

    def wait(self) -> None:
        """Until every process has come here."""
