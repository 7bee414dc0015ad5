"""The page and what it asks, as an ASGI application."""

from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

import keras_vae
from keras_vae.errors import KerasVaeError, RunNotFoundError
from keras_vae.explorer import run_routes, training_routes
from keras_vae.explorer.preparation import NotReadyError
from keras_vae.explorer.protection import Protection
from keras_vae.explorer.workspace import MOST_BYTES, Workspace

PREFIX = "/api"


def create_app(
    workspace: Workspace, hosts: tuple[str, ...] = (), is_open: bool = False, may_train: bool = True
) -> FastAPI:
    """The page of a workspace.

    Args:
        workspace: the runs that are shown.
        hosts: names under which it is served, beside those of the loopback.
        is_open: whether other machines reach it.
        may_train: whether data can be dropped and trained on.
    """
    app = FastAPI(
        title="keras-vae explorer",
        version=keras_vae.__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
    )
    app.include_router(run_routes.routes(workspace), prefix=PREFIX)
    if may_train:
        app.include_router(training_routes.routes(workspace), prefix=PREFIX)

    @app.get(f"{PREFIX}/about")
    def about() -> dict[str, Any]:
        """The runs there are, and what one may do."""
        runs = [{"name": name, **workspace.state(name)} for name in workspace.names()]
        return {"version": keras_vae.__version__, "runs": runs, "may_train": may_train}

    for kind in (KerasVaeError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refusal)
    app.mount("/", _Static(directory=str(files("keras_vae.explorer") / "static"), html=True))
    app.add_middleware(
        Protection,
        hosts=hosts,
        is_open=is_open,
        streamed=(f"{PREFIX}/drops/", MOST_BYTES),
    )
    return app


class _Static(StaticFiles):
    """Files that are looked at again each time: a new version of the package has new ones."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "no-cache"
        return response


async def _refusal(request: Request, error: Exception) -> Response:
    """One clear message."""
    del request
    headers = getattr(error, "headers", None)
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        where = ".".join(str(each) for each in first["loc"][1:])
        return JSONResponse({"error": f"{where}: {first['msg']}" if where else first["msg"]}, 422)
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code, headers)
    if isinstance(error, NotReadyError):
        return JSONResponse({"error": str(error)}, 503, {"retry-after": "1"})
    status = 404 if isinstance(error, RunNotFoundError) else 400
    return JSONResponse({"error": str(error)}, status)
