"""What the page asks about a run."""

import json
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, Response

from keras_vae.errors import InvalidArgumentError, RunNotFoundError
from keras_vae.explorer import pixels
from keras_vae.explorer.faces import Images
from keras_vae.explorer.opened import OpenedRun, numbers
from keras_vae.explorer.requests import (
    Codes,
    Draw,
    Gallery,
    Index,
    Method,
    Over,
    Path,
    Place,
    Row,
    Steps,
    Unit,
)
from keras_vae.explorer.workspace import Workspace
from keras_vae.runs.frames import FRAMES

# So many places a side are decoded before anybody points at them, each at most so many pixels a side.
_GRID, _CELL = 24, 32
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": text}
    for status, text in {
        400: "What was asked for cannot be.",
        403: "Asked by another page.",
        404: "No such run.",
        413: "Too large.",
        421: "Asked under a foreign name.",
        422: "Not as it should be.",
        503: "Not computed yet.",
    }.items()
}
_Axis = Annotated[Unit | None, Query(description="A latent unit, from 0; both or none for components.")]


def routes(workspace: Workspace) -> APIRouter:
    """Those of the runs of a workspace."""
    router = APIRouter(prefix="/runs/{name}", responses=REFUSALS)

    def opened(name: str) -> OpenedRun:
        return workspace.opened(name)

    @router.get("")
    def state(name: str) -> dict[str, Any]:
        """How far its training, or its preparation, is; and when that is done, what it is."""
        found: dict[str, Any] = {"name": name, **workspace.state(name)}
        if found["state"] != "finished":
            return found
        prepared = opened(name).prepared
        found |= {"progress": prepared.progress, "failure": prepared.failure, "about": None}
        found["scored"] = prepared.has("scores")
        if prepared.has("units"):
            found["about"] = opened(name).about()
        return found

    @router.get("/values/{what}", response_class=_Numbers)
    def values(name: str, what: Literal["label", "score", "p_value", "bound"]) -> Response:
        """A float32 for each item: label by number, score, conformal p-value, or bound in nats."""
        return _numbers(opened(name).values(what))

    @router.get("/columns/{index}", response_class=_Numbers)
    def column(name: str, index: Index) -> Response:
        """A float32 for each row: a column of the table, classes by number."""
        return _numbers(opened(name).column(index))

    @router.get("/points", response_class=_Numbers)
    def points(name: str, first: _Axis = None, second: _Axis = None) -> Response:
        """Where items lie on a plane: two float32 each."""
        return _numbers(opened(name).plane(_units(first, second)).points)

    @router.get("/plane")
    def plane(name: str, first: _Axis = None, second: _Axis = None) -> dict[str, Any]:
        """What a plane is: its axes, its extent, and how its atlas is laid out."""
        found = opened(name).plane(_units(first, second))
        low, high = found.extent
        return {"axes": found.names, "low": numbers(low), "high": numbers(high), "grid": _GRID}

    @router.post("/atlas", responses=_answers("image/png", "application/json"), response_class=Response)
    def atlas(name: str, asked: Over) -> Response:
        """What the middles of a grid over the plane mean: a PNG of images, or rows as JSON."""
        run = opened(name)
        codes = run.plane(asked.units).codes_at(run.plane(asked.units).grid(_GRID))
        decoded = run.decode(codes, run.parse(asked.conditions))
        if isinstance(run.face, Images):
            cells = pixels.smaller(run.face.shades(decoded), _CELL)
            return Response(pixels.sheet(cells, _GRID), media_type="image/png")
        return _json(run.face.show(decoded))

    @router.post("/place")
    def place(name: str, asked: Place) -> Response:
        """The code of a place on a plane, and what it means."""
        run = opened(name)
        codes = run.plane(asked.units).codes_at(np.array([asked.point]))
        decoded = run.decode(codes, run.parse(asked.conditions))
        return _json({"code": numbers(codes[0]), **run.face.show(decoded)})

    @router.post("/decode")
    def decode(name: str, asked: Codes) -> Response:
        """What codes mean."""
        run = opened(name)
        codes = _codes(asked.codes)
        return _json(run.face.show(run.decode(codes, run.parse(asked.conditions))))

    @router.post("/sample")
    def sample(name: str, asked: Draw) -> Response:
        """A code of the prior, and what it means."""
        run = opened(name)
        given = run.parse(asked.conditions)
        code = run.sample(given, asked.seed)
        return _json({"code": numbers(code[0]), **run.face.show(run.decode(code, given))})

    @router.get("/items/{index}")
    def item(name: str, index: Index) -> dict[str, Any]:
        """An item: what it is, what becomes of it, and how strange it is."""
        return opened(name).item(index)

    @router.post("/gallery")
    def gallery(name: str, asked: Gallery) -> Response:
        """Items, with what they are called."""
        run = opened(name)
        return _json({"names": run.names(asked.items), **run.gallery(asked.items, asked.what)})

    @router.post("/path")
    def path(name: str, asked: Path) -> Response:
        """What lies on the way from one item to another."""
        return _json(opened(name).face.show(_path(opened(name), asked)))

    @router.get(
        "/path/file", responses=_answers("image/gif", "image/png", "text/csv"), response_class=Response
    )
    def path_file(
        name: str,
        start: Index,
        end: Index,
        kind: Literal["gif", "png", "csv"],
        steps: Steps = 17,
        method: Method = "spherical",
        conditions: Annotated[str, Query(description="A JSON object of texts.", max_length=2000)] = "{}",
    ) -> Response:
        """The same as a file to keep: a GIF or a PNG of images, or a CSV of rows."""
        run = opened(name)
        asked = Path(start=start, end=end, steps=steps, method=method, conditions=_texts(conditions))
        decoded = _path(run, asked)
        called = f"{name}-{start}-{end}.{kind}"
        headers = {"content-disposition": _attachment(called)}
        if isinstance(run.face, Images) != (kind != "csv"):
            raise InvalidArgumentError("Images are kept as gif or png, rows as csv.")
        if kind == "csv":
            return Response(_csv(run.face.show(decoded)), media_type="text/csv", headers=headers)
        shades = run.face.shades(decoded)
        content = pixels.animation(shades) if kind == "gif" else pixels.strip(shades)
        return Response(content, media_type=f"image/{kind}", headers=headers)

    @router.post("/examine", openapi_extra=BINARY)
    async def examine(
        name: str,
        request: Request,
        conditions: Annotated[str, Query(description="A JSON object of texts.", max_length=2000)] = "{}",
    ) -> dict[str, Any]:
        """An image of a person's own, the bytes of its file: what becomes of it, and how strange it is."""
        from starlette.concurrency import run_in_threadpool

        given, body = _texts(conditions), await request.body()
        run = opened(name)
        if not isinstance(run.face, Images):
            raise InvalidArgumentError("This model takes rows of a table, and no images.")
        return await run_in_threadpool(run.examine, body, given)

    @router.post("/examine_row")
    def examine_row(name: str, asked: Row) -> dict[str, Any]:
        """A row of a person's own: what becomes of it, and how strange it is."""
        run = opened(name)
        if isinstance(run.face, Images):
            raise InvalidArgumentError("This model takes images, and no rows of a table.")
        return run.examine(asked.values, asked.conditions)

    @router.get("/history")
    def history(name: str) -> dict[str, Any]:
        """The columns of `history.csv`, as far as it goes, and the settings."""
        return workspace.progress_of(name)

    @router.get("/frames")
    def frames(name: str, after: Annotated[int, Query(ge=0, le=10**9)] = 0) -> Response:
        """At most 20 epochs after that one, each as it looked."""
        folder = workspace.folder_of(name) / FRAMES
        paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
        found = [each for each in paths if each.stem.isdecimal() and int(each.stem) > after][:20]
        texts = ",".join(each.read_text("utf-8") for each in found)
        return Response(f'{{"frames": [{texts}]}}', media_type="application/json")

    @router.get("/report", responses=_answers("text/html"), response_class=FileResponse)
    def report(name: str) -> Response:
        """The page that the training ended with."""
        path = workspace.folder_of(name) / "report.html"
        if not path.is_file():
            raise RunNotFoundError(f"{name} has no report yet.")
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
        return FileResponse(path, headers={"content-security-policy": policy})

    return router


class _Numbers(Response):
    media_type = "application/octet-stream"


BINARY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def _answers(*kinds: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "As asked.", "content": {kind: {} for kind in kinds}}}


def _numbers(values: np.ndarray) -> Response:
    return _Numbers(np.ascontiguousarray(values, "<f4").tobytes())


def _json(content: Any) -> Response:
    return Response(json.dumps(content), media_type="application/json")


def _units(first: int | None, second: int | None) -> tuple[int, int] | None:
    if (first is None) != (second is None):
        raise InvalidArgumentError("A plane goes through two units, or through the components.")
    return None if first is None or second is None else (first, second)


def _codes(codes: list[list[float]]) -> np.ndarray:
    if len({len(code) for code in codes}) > 1:
        raise InvalidArgumentError("Codes have all the same length.")
    return np.array(codes, "float32")


def _path(run: OpenedRun, asked: Path) -> np.ndarray:
    return run.path(asked.start, asked.end, asked.steps, asked.method, run.parse(asked.conditions))


def _texts(text: str) -> dict[str, str]:
    """The JSON object in a query."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise InvalidArgumentError("Conditions are a JSON object of texts.")
    return found


def _csv(shown: dict[str, Any]) -> str:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text).writerows([shown["columns"], *shown["rows"]])
    return text.getvalue()


def _attachment(name: str) -> str:
    from urllib.parse import quote

    return f"attachment; filename*=UTF-8''{quote(name)}"
