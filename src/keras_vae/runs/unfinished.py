"""Runs whose training has not come to its end."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_vae.errors import RunError, RunExistsError, RunNotFoundError
from keras_vae.plain import plain
from keras_vae.runs.json_file import read_json
from keras_vae.runs.lock import LOCK
from keras_vae.runs.names import DESCRIPTION


def is_unfinished(folder: Path) -> bool:
    """Whether a training was begun in that folder that did not come to its end."""
    try:
        description = _description(folder)
    except RunError:
        return False
    return description is not None and "seconds" not in description


def check_new(folder: Path) -> None:
    """Refuse a folder for a new run if there is something in it.

    Raises:
        RunExistsError: which says how to go on, if it is a training that did not come to its end.
    """
    if not any(each.name != LOCK for each in folder.iterdir()):
        return
    if is_unfinished(folder):
        raise RunExistsError(
            f"{folder} holds a training that did not come to its end. {how_to_go_on(folder)} "
            "Or choose another --out."
        )
    raise RunExistsError(
        f"{folder} is not empty. Nothing there is overwritten: choose another --out, or remove it."
    )


def check_begun(folder: Path) -> None:
    """Refuse to go on where there is nothing to go on with.

    Raises:
        RunNotFoundError: if there is no training in the folder.
        RunExistsError: if it came to its end.
    """
    if _description(folder) is None:
        raise RunNotFoundError(
            f"{folder} holds no training to go on with. Leave out --resume to begin one."
        )
    if not is_unfinished(folder):
        raise RunExistsError(f"The training in {folder} came to its end; there is nothing to go on with.")


def check_same(folder: Path, description: Mapping[str, Any]) -> list[str]:
    """Refuse to go on with a training that was begun otherwise.

    Args:
        folder: of the training.
        description: what `run.json` would hold if it were begun now.

    Returns:
        A sentence for each version that is another than it was.

    Raises:
        RunError: which names what is not the same.
    """
    before = _description(folder) or {}
    now = plain(description)
    found = difference(before, now)
    if found:
        name, was, would_be = found
        raise RunError(
            f"The training in {folder} was begun otherwise: {name} was {was}, and is {would_be}. "
            f"{how_to_go_on(folder)}"
        )
    return [
        f"{package} was {before['versions'].get(package)}, and is {version}: the training goes on, but not "
        "as it would have to the bit."
        for package, version in now["versions"].items()
        if before["versions"].get(package) != version
    ]


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """What must be the same in two descriptions and is not: its name, and what it is in each; or `None`."""
    first, second = _to_compare(one), _to_compare(other)
    for name in {**first, **second}:
        if first.get(name) != second.get(name):
            return name, first.get(name), second.get(name)
    return None


def how_to_go_on(folder: Path) -> str:
    """The command that goes on with the training in that folder, in a sentence."""
    command = (_description(folder) or {}).get("command")
    if command is None:
        return "Go on with it by runs.train(…, resume=True), with the same data and settings."
    return f"Go on with: {command}"


def _to_compare(description: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same for a training to go on; data may have moved."""
    data = {name: each for name, each in description["data"].items() if name != "name"}
    return {**description["settings"], **data, "dtype_policy": description["dtype_policy"]}


def _description(folder: Path) -> dict[str, Any] | None:
    path = folder / DESCRIPTION
    return read_json(path) if path.exists() else None
