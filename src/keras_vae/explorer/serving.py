"""The page's server: in the foreground, or in a thread beside a training."""

import signal
import socket
import threading
import webbrowser
from collections.abc import Callable
from types import TracebackType
from typing import Any

import uvicorn

from keras_vae.explorer.app import create_app
from keras_vae.explorer.workspace import Workspace
from keras_vae.web import is_loopback, listening

HOST, PORT = "127.0.0.1", 8017
_LAST_ANSWERS = 3


class Page:
    """A page that is served while one is inside `with`.

    Args:
        workspace: what is shown.
        begins: where on the page one begins, as in `#/map?run=digits`.
        host: where to listen; other machines reach it unless that is the loopback.
        port: the first one to try of a hundred, or 0 for any.
        opens: whether to open it in a browser, where there is a screen.
        may_train: whether data can be dropped and trained on.

    Raises:
        InvalidArgumentError: if it cannot listen there.
    """

    def __init__(
        self,
        workspace: Workspace,
        begins: str = "",
        host: str = HOST,
        port: int = PORT,
        opens: bool = False,
        may_train: bool = True,
    ) -> None:
        self.workspace = workspace
        self.opens = opens
        self.socket = listening(host, port)
        self.is_open = not is_loopback(host)
        app = create_app(workspace, (host,), self.is_open, may_train)
        shown = socket.gethostname() if host in ("0.0.0.0", "::") else host
        named = f"[{shown}]" if ":" in shown else shown
        self.address = f"http://{named}:{self.socket.getsockname()[1]}/{begins}"
        self.server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="critical",
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                timeout_graceful_shutdown=_LAST_ANSWERS,
            )
        )
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "Page":
        self._thread = threading.Thread(target=self._serve, name="page", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        self.close()

    def run(self) -> None:
        """Serve in this thread until Ctrl-C, which raises `KeyboardInterrupt` as ever."""
        if self.opens:
            threading.Timer(0.5, webbrowser.open, [self.address]).start()
        self._serve()

    def stay(self, begin: Callable[[], Any] = bool) -> None:
        """Inside `with`: wait until Ctrl-C, from before `begin` is called.

        It raises nothing: an exception that comes while Python finalises something would be lost.
        """
        asked = threading.Event()
        before = signal.signal(signal.SIGINT, lambda *_: asked.set())
        try:
            begin()
            while self._thread and self._thread.is_alive() and not asked.wait(0.5):
                continue
        finally:
            signal.signal(signal.SIGINT, before)

    def close(self) -> list[str]:
        """Stop what goes on; returns what stopped trainings say of how to go on."""
        self.server.should_exit = True
        if self._thread:
            self._thread.join(_LAST_ANSWERS + 2)
        self.socket.close()
        return self.workspace.close()

    def _serve(self) -> None:
        self.server.run(sockets=[self.socket])
