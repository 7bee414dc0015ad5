"""Ctrl-C, and a friendly kill, that wait for the end of a step."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class StopRequest:
    """Whether somebody asked for the end of a training, and by which signal."""

    signal: int | None = None


@contextlib.contextmanager
def stop_requests() -> Iterator[StopRequest]:
    """Inside it SIGINT and SIGTERM are noted, once; a second one does what it always did.

    Outside the main thread, where Python knows no signals, nothing is noted.

    Example:
        >>> with stop_requests() as request:
        ...     signal.raise_signal(signal.SIGINT)
        ...     request.signal == signal.SIGINT
        True
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(number: int, frame: FrameType | None) -> None:
        del frame
        request.signal = number
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, note)
    try:
        yield request
    finally:
        restore()
