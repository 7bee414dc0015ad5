"""Where a server listens."""

import ipaddress
import socket

from keras_vae.errors import InvalidArgumentError

_TRIED = 100
_WAITING = 512


def listening(host: str, port: int, tried: int = _TRIED) -> socket.socket:
    """A socket that listens at the first free one of so many ports; at any that is free for port 0.

    Raises:
        InvalidArgumentError: if that is no port, no address of this machine, or none is free.
    """
    if not 0 <= port <= 65_535:
        raise InvalidArgumentError(f"A port is a number from 0 to 65535. Received: {port}")
    try:
        family = socket.getaddrinfo(host, None)[0][0]
    except OSError as error:
        raise InvalidArgumentError(f"{host!r} is no address of this machine: {error.strerror}") from error
    for each in (0,) if port == 0 else range(port, min(port + tried, 65_536)):
        # Named as TCP, or asyncio lets small answers wait 40 ms for the acknowledgement of their heads.
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, each))
            found.listen(_WAITING)
            return found
        except OSError as error:
            found.close()
            why = error.strerror
    raise InvalidArgumentError(f"Nothing can listen at {host}, port {port}: {why}.")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
