"""What the page asks in order to train."""

import dataclasses
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from keras_vae import data, recipes
from keras_vae.errors import InvalidArgumentError
from keras_vae.explorer.requests import Training
from keras_vae.explorer.run_routes import BINARY, REFUSALS
from keras_vae.explorer.workspace import Workspace
from keras_vae.plain import plain


def routes(workspace: Workspace) -> APIRouter:
    """Those of a workspace."""
    router = APIRouter(responses=REFUSALS)

    @router.post("/drops")
    def begin() -> dict[str, str]:
        """A name under which files can be put."""
        return {"dropped": workspace.new_drop()}

    @router.put("/drops/{name}/{path:path}", openapi_extra=BINARY)
    async def put(name: str, path: str, request: Request) -> dict[str, int]:
        """Keep a file under its path within what was dropped."""
        target = workspace.place(name, path)
        size = 0
        try:
            with target.open("wb") as file:
                async for chunk in request.stream():
                    size += len(chunk)
                    await run_in_threadpool(file.write, chunk)
        except OSError as error:
            raise InvalidArgumentError(f"{path!r} cannot be kept: {error.strerror}") from error
        return {"bytes": size}

    @router.post("/drops/{name}/inspect")
    def inspect(name: str) -> dict[str, Any]:
        """What is in what was dropped, and what that suggests."""
        source = workspace.data_of(name)
        found = data.inspect(data.load(str(source)))
        return {"is_table": data.is_table(str(source)), "found": plain(dataclasses.asdict(found))}

    @router.post("/trainings")
    def train(asked: Training) -> dict[str, str]:
        """Begin a training with the command's defaults, but for what is named."""
        if (asked.dropped is None) == (asked.data is None):
            raise InvalidArgumentError("Train on what was dropped, or on a data set by name.")
        source = workspace.data_of(asked.dropped) if asked.dropped else str(asked.data)
        options = asked.model_dump(exclude={"dropped", "data"}, exclude_none=True)
        if asked.recipe is not None:
            recipes.get(asked.recipe)
        given = [
            text for name, each in options.items() for text in (f"--{name.replace('_', '-')}", str(each))
        ]
        return {"name": workspace.train(source, given)}

    @router.post("/trainings/{name}/stop")
    def stop(name: str) -> dict[str, str]:
        """End a training after its step; it keeps a checkpoint to go on with."""
        workspace.stop(name)
        return {"state": "stopping"}

    return router
