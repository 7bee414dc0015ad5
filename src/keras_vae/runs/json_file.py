"""JSON files that say whether they are what was written."""

import hashlib
import json
from pathlib import Path
from typing import Any

from keras_vae.errors import RunError
from keras_vae.plain import plain
from keras_vae.runs.written import written

_CHECKSUM = "sha256"


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write `content` for people and programs to read, with its checksum.

    Raises:
        RunWriteError: if that fails.
    """
    content = plain(content)
    text = json.dumps(content | {_CHECKSUM: _checksum(content)}, indent=2, ensure_ascii=False) + "\n"
    with written(path) as partial:
        partial.write_text(text, encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """What `write_json` wrote.

    Raises:
        RunError: if there is no such file, or it is not what was written.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict) or content.pop(_CHECKSUM, None) != _checksum(content):
        raise RunError(f"{path} was changed or damaged: its content is not what its checksum says.")
    return content


def _checksum(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
