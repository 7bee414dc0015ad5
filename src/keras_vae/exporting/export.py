"""A run → files that other programs run, checked before they are kept."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

import keras_vae
from keras_vae.conditions import Category
from keras_vae.data import count, spread, take
from keras_vae.errors import InvalidArgumentError, RunError, UnknownNameError
from keras_vae.exporting.checking import differences, inputs_for
from keras_vae.exporting.endpoint import Endpoint
from keras_vae.exporting.endpoints import ENDPOINTS, endpoints_of
from keras_vae.exporting.form import Form
from keras_vae.exporting.full_precision import in_float32
from keras_vae.exporting.litert import LiteRt
from keras_vae.exporting.onnx_file import Onnx
from keras_vae.exporting.openvino import OpenVino
from keras_vae.exporting.saved_model import SavedModel
from keras_vae.runs import Run
from keras_vae.runs.json_file import write_json
from keras_vae.seal import MODEL
from keras_vae.vae import VAE

FORMS: dict[str, Form] = {each.name: each for each in (Onnx(), SavedModel(), LiteRt(), OpenVino())}
DESCRIPTION = "export.json"
_MOST_CHECKED = 64


@dataclass(frozen=True)
class Export:
    """What was written.

    Args:
        folder: where it lies.
        files: the file, or folder, of each endpoint by its name.
        differences: how far each output is from Keras's, by endpoint and output: a share of its largest
            number.
        checked_with: how many examples that was measured with.
    """

    folder: Path
    files: dict[str, str]
    differences: dict[str, dict[str, float]]
    checked_with: int

    @property
    def largest_difference(self) -> float:
        """The largest of all differences."""
        return max(each for outputs in self.differences.values() for each in outputs.values())


def export(
    run: Run,
    form: str = "onnx",
    folder: str | Path | None = None,
    endpoints: Iterable[str] = ENDPOINTS,
    data: Any = None,
) -> Export:
    """Write a run's model so that other programs run it, without Keras: raw data in, raw data out.

    What was written is run again by the format's own program, on test data, and kept only if every output
    is within 1e-5 of what Keras gives. `export.json` beside it says what goes in and out.

    Args:
        run: a finished run.
        form: "onnx", "saved_model", "litert" or "openvino".
        folder: where to; `exported/FORMAT` in the run if left out. An earlier export there is replaced once
            the new one is checked.
        endpoints: which of `endpoints_of`.
        data: what to check it with, in place of the run's own test data, as for `Run.data`.

    Raises:
        UnknownNameError: if there is no such format or endpoint.
        PackageMissingError: if what the format needs is not installed.
        ExportError: if the format lacks an operation of the model, or gives something else than Keras.
        InvalidArgumentError: if Keras does not run on TensorFlow, or the folder holds something else.
        RunError: if it cannot be written.
    """
    if form not in FORMS:
        raise UnknownNameError("format", form, [*FORMS, "html"])
    writer = FORMS[form]
    check_backend()
    writer.check_installed()
    target = Path(folder) if folder is not None else run.folder / "exported" / form
    _check_target(target)
    model = in_float32(run.model)
    examples = examples_of(run, model, data)
    chosen = endpoints_of(model, run.description["data"]["dtype"], endpoints)
    partial = target.with_name(f".partial-{os.getpid()}-{target.name}")
    try:
        partial.mkdir(parents=True)
        files = writer.write(chosen, partial)
        found = _measured(model, writer, chosen, partial, files, examples)
        exported = Export(target, files, found, count(examples))
        write_json(partial / DESCRIPTION, _described(run, model, form, chosen, exported))
        _replace(partial, target)
    except OSError as error:
        raise RunError(f"{target} cannot be written: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return exported


def check_backend() -> None:
    """Refuse to export from other back ends than TensorFlow.

    Raises:
        InvalidArgumentError: which says how to do it.
    """
    if keras.config.backend() != "tensorflow":
        raise InvalidArgumentError(
            f"Exporting takes TensorFlow, and Keras runs on {keras.config.backend()} here. Models of any "
            "back end are read: install TensorFlow, and set KERAS_BACKEND=tensorflow."
        )


def examples_of(run: Run, model: VAE, data: Any = None) -> Any:
    """Test examples, spread evenly, that an export is checked with."""
    inputs = run.data(data).inputs("test", model.condition_names)
    return take(inputs, spread(count(inputs), _MOST_CHECKED))


def model_digest(run: Run) -> str:
    """What tells a run's model from others."""
    return hashlib.sha256((run.folder / MODEL).read_bytes()).hexdigest()


def _measured(
    model: VAE, form: Form, endpoints: list[Endpoint], folder: Path, files: dict[str, str], examples: Any
) -> dict[str, dict[str, float]]:
    return {
        each.name: differences(
            each,
            form.runner(folder / files[each.name], each),
            inputs_for(each, model, examples),
            model.calibration,
        )
        for each in endpoints
    }


def _described(
    run: Run, model: VAE, form: str, endpoints: list[Endpoint], exported: Export
) -> dict[str, Any]:
    data = run.description["data"]
    return {
        "keras_vae": keras_vae.__version__,
        "run": run.folder.resolve().name,
        "model": model_digest(run),
        "format": form,
        "latent_dim": model.latent_dim,
        "data": {name: data[name] for name in ("kind", "event_shape", "dtype", "value_range")},
        "schema": run.schema.get_config() if run.schema else None,
        "conditions": _conditions(model),
        "checked_with": exported.checked_with,
        "endpoints": {
            each.name: {
                "file": exported.files[each.name],
                **each.described(),
                "differences": exported.differences[each.name],
            }
            for each in endpoints
        },
    }


def _conditions(model: VAE) -> dict[str, Any]:
    """For each condition, what its classes are called; `None` for numbers."""
    columns = model.conditions.columns if model.conditions else {}
    return {
        name: list(each.names or map(str, range(each.num_categories)))
        if isinstance(each, Category)
        else None
        for name, each in columns.items()
    }


def _check_target(target: Path) -> None:
    if target.exists() and not (target / DESCRIPTION).is_file():
        raise InvalidArgumentError(f"{target} is there already, and holds no export: name another --out.")


def _replace(partial: Path, target: Path) -> None:
    old = partial.with_name(f"{partial.name}-old")
    if target.exists():
        target.rename(old)
    partial.rename(target)
    shutil.rmtree(old, ignore_errors=True)
