"""What keeps other pages, and other machines, away from this one."""

import ipaddress
import socket
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import JSONResponse

from keras_vae.web import Receive, Scope, Send, TooLargeError, bounded, length_of

# Enough for a photograph from a camera, or for a million drawn strokes.
MOST_BYTES = 32 * 1024**2
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_HEADERS = {
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
}


class Protection:
    """An ASGI middleware: no foreign Host or Origin, no body without bounds, nothing from elsewhere.

    A page of another site can make a browser send requests here, and a name of its own can be made to lead
    here (DNS rebinding). So the Host must be an address or a name of this machine, the Origin, where there
    is one, the same; and what a browser says comes from another site is refused.

    Args:
        app: what is protected.
        hosts: names that are allowed beside this machine's own, and any address if it listens to more than
            itself.
        is_open: whether it listens to more than this machine.
        limit: bytes of a body; routes that stream may have more.
        streamed: a path's beginning, and the bytes that its bodies may have.
    """

    def __init__(
        self,
        app: Any,
        hosts: tuple[str, ...] = (),
        is_open: bool = False,
        limit: int = MOST_BYTES,
        streamed: tuple[str, int] = ("", 0),
    ) -> None:
        self.app = app
        self.hosts = {*_LOOPBACK, *(host.lower() for host in hosts)}
        self.is_open = is_open
        if is_open:
            self.hosts |= {socket.gethostname().lower(), socket.getfqdn().lower()}
        self.limit = limit
        self.streamed = streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._refused(headers, scope)
        if refused:
            status, why = refused
            await JSONResponse({"error": why}, status)(scope, receive, _with_headers(send))
            return
        limit = self._limit_of(scope)
        try:
            await self.app(scope, bounded(receive, limit), _with_headers(send))
        except TooLargeError:
            text = f"What was sent is larger than {limit / 1024**2:.0f} MB."
            await JSONResponse({"error": text}, 413)(scope, receive, _with_headers(send))

    def _refused(self, headers: dict[bytes, str], scope: Scope) -> tuple[int, str] | None:
        host = headers.get(b"host", "")
        if not self._knows(_name(host)):
            return 421, f"This page is not served under the name {host!r}."
        origin = headers.get(b"origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return 403, "Requests from other pages are refused."
        navigates = headers.get(b"sec-fetch-mode") == "navigate" and scope["method"] == "GET"
        if headers.get(b"sec-fetch-site", "none") not in ("none", "same-origin") and not navigates:
            return 403, "Requests from other pages are refused."
        limit = self._limit_of(scope)
        length = length_of(scope)
        if length is None:
            return 400, "The length of what was sent is no number."
        if length > limit:
            return 413, f"What was sent is larger than {limit / 1024**2:.0f} MB."
        return None

    def _limit_of(self, scope: Scope) -> int:
        prefix, most = self.streamed
        return most if prefix and scope["path"].startswith(prefix) else self.limit

    def _knows(self, name: str) -> bool:
        if name in self.hosts:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return self.is_open


def _with_headers(send: Send) -> Send:
    async def with_headers(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message["headers"]}
            extra = [(name, value) for name, value in _HEADERS.items() if name not in there]
            message = {**message, "headers": [*message["headers"], *extra]}
        await send(message)

    return with_headers


def _name(host: str) -> str:
    """The host without its port.

    Example:
        >>> _name("[::1]:8000"), _name("LOCALHOST:80")
        ('::1', 'localhost')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
