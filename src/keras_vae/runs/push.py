"""A run → a repository of the Hub, with a card."""

import shutil
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from keras_vae import report
from keras_vae.errors import RunError
from keras_vae.hub import Address, upload
from keras_vae.runs.folder import Run
from keras_vae.runs.json_file import write_json
from keras_vae.runs.names import DESCRIPTION, HISTORY, METRICS, MODEL, PICTURES, REPORT
from keras_vae.seal import unpack

CARD = "README.md"
_REPLACED = (f"{PICTURES}/*", REPORT)


def push(
    run: Run,
    address: str,
    *,
    license: str | None = None,
    private: bool = False,
    examples: bool = True,
) -> str:
    """Upload a run to the Hugging Face Hub.

    The repository then holds `model.keras` and the same as Keras keeps it there (so that
    `keras.saving.load_model` finds it, too), `run.json`, `history.csv`, `metrics.json`, `pictures/`,
    `report.html`, and a model card; what an earlier push put there, and this one does not, is gone from its
    newest commit. Of the path of the data, only the last part leaves this machine.

    Args:
        run: a finished run.
        address: `hf://USER/NAME`, also with `@BRANCH`; made if it is not there.
        license: of the model, as the Hub calls it, such as "apache-2.0".
        private: whether nobody else may see the repository.
        examples: whether the pictures and the report go along, which show examples of the data.

    Returns:
        The address of its page.

    Raises:
        HubError: if the Hub refuses it, or cannot be reached.
        PackageMissingError: if `huggingface_hub` is not installed.
        RunError: if a file of the run cannot be read, or there is no room for a copy.
    """
    target = Address.of(address)
    with TemporaryDirectory() as made:
        folder = Path(made)
        try:
            _lay_out(run, folder, target, license, examples)
        except OSError as error:
            raise RunError(f"{run.folder} cannot be made ready for the Hub: {error}") from error
        return upload(target, folder, f"Push the run {run.folder.name}", private, _REPLACED)


def _lay_out(run: Run, folder: Path, address: Address, license: str | None, examples: bool) -> None:
    """Put into a folder what the repository shall hold."""
    shutil.copyfile(run.folder / MODEL, folder / MODEL)
    unpack(folder / MODEL, folder)
    shutil.copyfile(run.folder / HISTORY, folder / HISTORY)
    path = run.description["data"]["name"]
    description = _renamed(run.description, path)
    description.pop("command", None)
    metrics = _renamed(run.metrics, path)
    write_json(folder / DESCRIPTION, description)
    write_json(folder / METRICS, metrics)
    if examples:
        _copy_examples(run, folder, path)
    pictures = sorted(each.relative_to(folder).as_posix() for each in folder.glob(f"{PICTURES}/*.png"))
    weights = run.model.count_params()
    text = report.card(str(address), weights, description, metrics, run.history, pictures, license)
    (folder / CARD).write_text(text, "utf-8")


def _copy_examples(run: Run, folder: Path, path: str) -> None:
    (folder / PICTURES).mkdir()
    for picture in run.pictures.glob("*.png"):
        shutil.copyfile(picture, folder / PICTURES / picture.name)
    if run.report.is_file():
        page = run.report.read_text("utf-8").replace(escape(path), escape(Path(path).name))
        (folder / REPORT).write_text(page, "utf-8")


def _renamed(content: Any, path: str) -> Any:
    """The same with the name of the data file where its path was."""
    if isinstance(content, dict):
        return {name: _renamed(each, path) for name, each in content.items()}
    if isinstance(content, list):
        return [_renamed(each, path) for each in content]
    return Path(path).name if content == path else content
