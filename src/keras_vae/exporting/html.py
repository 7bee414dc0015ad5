"""A decoder as one page that computes in the browser: no server, no request."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from keras_vae.data import whole_file
from keras_vae.errors import ExportError
from keras_vae.exporting.inlining import inlined
from keras_vae.exporting.page_graph import page_graph
from keras_vae.plain import plain

_OWN, _EXPLORER = "exporting/page", "explorer/static"


def write_page(path: str | Path, onnx_bytes: bytes, description: Mapping[str, Any]) -> None:
    """Write a page that decodes: it opens from disk, asks nobody for anything, and needs no library.

    When it is opened, it decodes some codes of which the description holds what Keras made of them. If it
    gets something else, it shows a warning and nothing else.

    Args:
        path: where to, a name that ends in `.html`.
        onnx_bytes: `decode` as ONNX: `latents` and conditions, in the order of the model's, to `decoded`.
        description: as `describe` gives it.

    Raises:
        ExportError: if the page cannot compute the decoder, or it is too large for one.
        PackageMissingError: if onnx is not installed.
        OSError: if the file cannot be written.
    """
    page = page_html(onnx_bytes, description)
    with whole_file(path) as partial:
        partial.write_text(page, "utf-8", newline="\n")


def page_html(onnx_bytes: bytes, description: Mapping[str, Any]) -> str:
    """The text of the page; the arguments are those of `write_page`."""
    graph, weights = page_graph(onnx_bytes)
    conditions = [each["name"] for each in description["conditions"]]
    if len(graph["inputs"]) != 1 + len(conditions):
        raise ExportError(
            f"The decoder should take latents and {', '.join(conditions) or 'nothing else'}. "
            f"Received one that takes {', '.join(each['name'] for each in graph['inputs'])}."
        )
    style = read(f"{_EXPLORER}/style.css") + read(f"{_OWN}/page.css")
    script = inlined(f"{_OWN}/main.js", read)
    parts = {
        "policy": (
            f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
            "base-uri 'none'; form-action 'none'"
        ),
        "title": escape(f"{description['title']} · keras-vae"),
        "style": style,
        "about": _json(description),
        "graph": _json(graph),
        "weights": base64.b64encode(weights).decode(),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], read(f"{_OWN}/page.html"))


def read(path: str) -> str:
    """A file of the package, by its path there."""
    return files("keras_vae").joinpath(path).read_text("utf-8")


def _hash(text: str) -> str:
    """What the page's policy knows its own script and style by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(content: Any) -> str:
    """As it stands in an element of HTML, which a name in the data must not end."""
    text = json.dumps(plain(content), ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
