"""A server that ends gracefully."""

import signal

import uvicorn

from keras_vae.errors import InvalidArgumentError
from keras_vae.serving.app import Limits, Service
from keras_vae.serving.exported import Exported
from keras_vae.serving.served import Served
from keras_vae.web import listening

#: Where it listens unless told otherwise.
HOST, PORT = "127.0.0.1", 8080
_LAST_ANSWERS = 30


class Server:
    """Endpoints of an export, served until SIGTERM or Ctrl-C: what was taken is still answered.

    Args:
        exported: the export.
        endpoints: which of its endpoints; all if left out.
        host: where to listen.
        port: the one port, or 0 for any that is free.
        limits: how much it takes.
        threads: for each computation; 0 for one a core.

    Raises:
        InvalidArgumentError: if there is no such endpoint, or it cannot listen there.
    """

    def __init__(
        self,
        exported: Exported,
        endpoints: list[str] | None = None,
        host: str = HOST,
        port: int = PORT,
        limits: Limits | None = None,
        threads: int = 0,
    ) -> None:
        names = endpoints or list(exported.endpoints)
        for name in names:
            if name not in exported.endpoints:
                raise InvalidArgumentError(
                    f"{exported.folder} has no endpoint {name!r}. Known: {', '.join(exported.endpoints)}."
                )
        served = [Served(exported, name, threads) for name in names]
        self.service = Service(served, exported.description["run"], limits)
        self.socket = listening(host, port, tried=1)
        shown = f"[{host}]" if ":" in host else host
        self.address = f"http://{shown}:{self.socket.getsockname()[1]}/v2"

    def run(self) -> None:
        """Serve until somebody asks to stop."""
        server = _Graceful(
            uvicorn.Config(
                self.service,
                log_level="warning",
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                timeout_graceful_shutdown=_LAST_ANSWERS,
            ),
            self.service,
        )
        try:
            server.run(sockets=[self.socket])
        finally:
            self.service.close()
            self.socket.close()


class _Graceful(uvicorn.Server):
    """Says that it is not ready any more as soon as it is asked to stop, and ends well."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: object) -> None:
        del frame
        # Asked for a second time, it does not wait. Uvicorn's own would kill the process at the end.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self._service.is_ready = False
        self.should_exit = True
