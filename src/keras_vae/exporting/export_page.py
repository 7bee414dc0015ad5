"""A run → one page that decodes in a browser."""

from pathlib import Path
from typing import Any

from keras_vae.errors import InvalidArgumentError, RunError
from keras_vae.exporting.endpoints import endpoints_of
from keras_vae.exporting.export import check_backend
from keras_vae.exporting.full_precision import in_float32
from keras_vae.exporting.html import write_page
from keras_vae.exporting.onnx_file import Onnx, to_onnx
from keras_vae.exporting.page_description import describe
from keras_vae.runs import Run

#: What the format is called beside those that programs run.
PAGE = "html"


def export_page(
    run: Run, path: str | Path | None = None, data: Any = None, with_codes: bool = True
) -> Path:
    """Write a run's decoder as a page that opens from disk and asks nobody for anything.

    Args:
        run: a finished run.
        path: of the file; `exported/NAME.html` in the run, of its own name, if left out.
        data: whose test examples it shows the codes of, in place of the run's own, as for `Run.data`.
        with_codes: whether it shows them at all.

    Returns:
        Where it lies.

    Raises:
        ExportError: if the page cannot compute the decoder, or it is too large for one.
        PackageMissingError: if what makes ONNX is not installed.
        InvalidArgumentError: if Keras does not run on TensorFlow, or the name ends in something else.
        RunError: if it cannot be written.
    """
    target = (
        Path(path) if path is not None else run.folder / "exported" / f"{run.folder.resolve().name}.html"
    )
    if target.suffix.lower() != ".html":
        raise InvalidArgumentError(f"A page is a file whose name ends in .html. Received: {target}")
    check_backend()
    Onnx().check_installed()
    model = in_float32(run.model)
    (decode,) = endpoints_of(model, run.description["data"]["dtype"], ["decode"])
    content = to_onnx(decode).SerializeToString()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_page(target, content, describe(run, model, run.data(data), with_codes))
    except OSError as error:
        raise RunError(f"{target} cannot be written: {error}") from error
    return target
