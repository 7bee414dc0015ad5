"""The Open Inference Protocol, version 2, over HTTP."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from keras_vae.errors import InvalidArgumentError
from keras_vae.serving.batcher import Batcher, FullError
from keras_vae.serving.metrics import Metrics
from keras_vae.serving.served import Served
from keras_vae.serving.tensors import parameters_of, read_tensors, written
from keras_vae.web import Receive, Scope, Send, TooLargeError, bounded, length_of

_BINARY_LENGTH = "inference-header-content-length"
_RETRY = {"retry-after": "1"}


@dataclass(frozen=True)
class Limits:
    """How much a server takes.

    Args:
        most_in_batch: examples that are computed together.
        most_waiting: examples of an endpoint that may wait; who comes then is told to come back.
        most_bytes: of a body.
    """

    most_in_batch: int = 64
    most_waiting: int = 4096
    most_bytes: int = 64 * 1024**2

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < 1:
                raise InvalidArgumentError(f"{name} must be at least 1. Received: {value}")
        if self.most_waiting < self.most_in_batch:
            raise InvalidArgumentError(
                "No batch could be filled: most_waiting must be at least most_in_batch. Received: "
                f"most_waiting={self.most_waiting}, most_in_batch={self.most_in_batch}"
            )


class Service:
    """An ASGI application that serves endpoints, each as a model of the protocol.

    Args:
        served: the endpoints.
        name: of the server.
        limits: how much it takes.
    """

    def __init__(self, served: list[Served], name: str, limits: Limits | None = None) -> None:
        self.name = name
        self.limits = limits or Limits()
        self.metrics = Metrics()
        self.is_ready = True
        self._served = {each.name: each for each in served}
        self._batchers = {each.name: self._batcher(each) for each in served}
        model = "/v2/models/{model}"
        routes = []
        for prefix in (model, f"{model}/versions/{{version}}"):
            routes += [
                Route(prefix, self._metadata),
                Route(f"{prefix}/ready", self._model_ready),
                Route(f"{prefix}/infer", self._infer, methods=["POST"]),
            ]
        self._app = Starlette(
            routes=[
                Route("/v2", self._about),
                Route("/v2/health/live", self._live),
                Route("/v2/health/ready", self._ready),
                Route("/metrics", self._metrics),
                *routes,
            ],
            exception_handlers={
                HTTPException: _refused,
                InvalidArgumentError: _invalid,
                TooLargeError: self._too_large,
            },
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = bounded(receive, self.limits.most_bytes)
        await self._app(scope, receive, send)

    def close(self) -> None:
        """End the threads that compute."""
        for each in self._batchers.values():
            each.close()

    def _batcher(self, served: Served) -> Batcher:
        batcher = Batcher(
            served.session,
            self.limits.most_in_batch,
            self.limits.most_waiting,
            lambda count: self.metrics.computed(served.name, count),
        )
        self.metrics.watch_waiting(served.name, lambda: batcher.waiting)
        return batcher

    async def _about(self, _: Request) -> Response:
        return JSONResponse(
            {
                "name": self.name,
                "version": version("keras-vae"),
                "extensions": ["binary_tensor_data"],
                "models": list(self._served),
            }
        )

    async def _live(self, _: Request) -> Response:
        return JSONResponse({"live": True})

    async def _ready(self, _: Request) -> Response:
        return JSONResponse({"ready": self.is_ready}, 200 if self.is_ready else 503)

    async def _model_ready(self, request: Request) -> Response:
        name = self._known(request).name
        return JSONResponse({"name": name, "ready": self.is_ready}, 200 if self.is_ready else 503)

    async def _metadata(self, request: Request) -> Response:
        return JSONResponse(self._known(request).metadata())

    async def _metrics(self, _: Request) -> Response:
        return Response(self.metrics.text(), media_type=self.metrics.content_type)

    async def _infer(self, request: Request) -> Response:
        served = self._known(request)
        started = time.perf_counter()
        status = 500
        try:
            response = await self._answer(request, served)
            status = response.status_code
        except InvalidArgumentError:
            status = 400
            raise
        except TooLargeError:
            status = 413
            raise
        finally:
            self.metrics.answered(served.name, status, time.perf_counter() - started)
        return response

    async def _answer(self, request: Request, served: Served) -> Response:
        length = length_of(request.scope)
        if length is None:
            raise InvalidArgumentError("The length of what was sent is no number.")
        if length > self.limits.most_bytes:
            raise TooLargeError
        content, binary = _parts(await request.body(), request.headers.get(_BINARY_LENGTH))
        asked = _object(content)
        arrays, count = served.arrays(read_tensors(asked.get("inputs"), binary))
        names, as_bytes = _outputs(asked)
        if count > self.limits.most_waiting:
            raise TooLargeError
        try:
            found = await self._batchers[served.name](arrays, count)
        except FullError:
            said = f"{self._batchers[served.name].waiting:,} examples wait already: come back in a second."
            return JSONResponse({"error": said}, 503, _RETRY)
        tensors = served.tensors(found, names)
        everything = _flag(asked, "binary_data_output")
        described, payload = written(
            tensors, {each.name: as_bytes.get(each.name, everything) for each in tensors}
        )
        answer = {"model_name": served.name, "model_version": "1", "outputs": described}
        if isinstance(asked.get("id"), str):
            answer["id"] = asked["id"]
        if not payload:
            return JSONResponse(answer)
        head = json.dumps(answer).encode()
        return Response(
            head + payload,
            headers={_BINARY_LENGTH: str(len(head))},
            media_type="application/octet-stream",
        )

    def _known(self, request: Request) -> Served:
        name = request.path_params["model"]
        if name not in self._served:
            raise HTTPException(404, f"There is no model {name!r}. Known: {', '.join(self._served)}.")
        if request.path_params.get("version", "1") != "1":
            raise HTTPException(404, f"The only version of {name} is 1.")
        return self._served[name]

    async def _too_large(self, request: Request, error: Exception) -> Response:
        del request, error
        return JSONResponse(
            {
                "error": f"At most {self.limits.most_bytes / 1024**2:g} MB and "
                f"{self.limits.most_waiting:,} examples are taken at once."
            },
            413,
        )


async def _refused(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    del request
    return JSONResponse({"error": str(error)}, 400)


def _parts(body: bytes, length: str | None) -> tuple[bytes, bytes]:
    """The JSON of a body, and the bytes behind it."""
    if length is None:
        return body, b""
    if not length.isdecimal() or int(length) > len(body):
        raise InvalidArgumentError(f"{_BINARY_LENGTH} is not the length of the JSON that was sent.")
    return body[: int(length)], body[int(length) :]


def _object(content: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"What was sent is no JSON: {error}") from error
    if not isinstance(asked, dict):
        raise InvalidArgumentError("What was sent must be a JSON object with inputs.")
    return asked


def _outputs(asked: Mapping[str, Any]) -> tuple[list[str] | None, dict[str, bool]]:
    """The names of the outputs that are asked for, and which of them as bytes."""
    outputs = asked.get("outputs")
    if outputs is None:
        return None, {}
    if not isinstance(outputs, list) or not all(
        isinstance(each, dict) and isinstance(each.get("name"), str) for each in outputs
    ):
        raise InvalidArgumentError("outputs must be a list of objects with a name each.")
    names = [each["name"] for each in outputs]
    flags = {
        each["name"]: _flag(each, "binary_data") for each in outputs if "binary_data" in parameters_of(each)
    }
    return names or None, flags


def _flag(content: Mapping[str, Any], name: str) -> bool:
    return parameters_of(content).get(name) is True
