"""Bodies of requests, which are never longer than they may be."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class TooLargeError(Exception):
    """A body that is longer than it may be."""


def bounded(receive: Receive, limit: int) -> Receive:
    """`receive`, which raises `TooLargeError` beyond so many bytes."""
    received = 0

    async def bounded_receive() -> MutableMapping[str, Any]:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise TooLargeError
        return message

    return bounded_receive


def length_of(scope: Scope) -> int | None:
    """What a request says of the length of its body, 0 if nothing; `None` if that is no number."""
    said = dict(scope["headers"]).get(b"content-length", b"0").decode("latin-1")
    return int(said) if said.isdecimal() else None
