"""Whether what left Keras still computes what Keras does."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from keras_vae import tasks
from keras_vae.calibration import Calibration
from keras_vae.errors import ExportError
from keras_vae.exporting.endpoint import Endpoint
from keras_vae.exporting.form import Runner
from keras_vae.vae import VAE

#: How far an output may be from Keras's, as a share of the largest number in it.
TOLERANCE = 1e-5

Arrays = Mapping[str, np.ndarray]


def inputs_for(endpoint: Endpoint, model: VAE, examples: Any) -> dict[str, np.ndarray]:
    """Real inputs of an endpoint: examples, their codes, or noise.

    Args:
        endpoint: of the model.
        model: the model.
        examples: raw data as the model takes them: an array, or a dict of `x` and conditions.
    """
    given = examples if isinstance(examples, dict) else {"x": examples}
    count = len(given["x"])
    found = {}
    for port in endpoint.inputs:
        if port.condition is not None:
            assert model.conditions is not None
            unknown = model.conditions.columns[port.condition].unknown
            found[port.name] = np.asarray(given.get(port.condition, np.full(count, unknown)), port.dtype)
        elif port.name == "latents":
            found[port.name] = tasks.embed(model, examples)
        elif port.name == "noise":
            found[port.name] = np.random.default_rng(0).standard_normal((count, *port.shape), "float32")
        else:
            found[port.name] = np.asarray(given["x"], port.dtype)
    return found


def differences(
    endpoint: Endpoint, run: Runner, inputs: Arrays, calibration: Calibration | None = None
) -> dict[str, float]:
    """How far each output of an exported endpoint is from Keras's, as a share of the largest number in it.

    Codes and scores, whose unit is one, are never measured against less than that; each column of a table
    against its own largest number. p-values move in steps: they must be those of the scores beside them.

    Raises:
        ExportError: if one is further away than 1e-5, or missing where Keras's is not; or if the format's
            own program cannot run it.
    """
    expected = in_keras(endpoint, inputs)
    try:
        found = {name: np.asarray(each) for name, each in run(inputs).items()}
    except Exception as error:
        raise ExportError(f"The exported {endpoint.name} does not run: {_first_line(error)}") from error
    if calibration is not None and "p_value" in found:
        expected["p_value"] = calibration.p_values(found["score"])
    measured = {}
    for port in endpoint.outputs:
        measured[port.name] = _difference(port.name, found[port.name], expected[port.name])
        if not measured[port.name] <= TOLERANCE:
            raise ExportError(
                f"The exported {endpoint.name} differs from Keras: {port.name} by "
                f"{measured[port.name]:.1e} of its largest number, and {TOLERANCE:.0e} is allowed."
            )
    return measured


def in_keras(endpoint: Endpoint, inputs: Arrays) -> dict[str, np.ndarray]:
    """What the endpoint gives in Keras, one operation at a time."""
    found = endpoint.function({name: ops.convert_to_tensor(each) for name, each in inputs.items()})
    return {name: ops.convert_to_numpy(each) for name, each in found.items()}


def _difference(name: str, found: np.ndarray, expected: np.ndarray) -> float:
    if found.shape != expected.shape or not np.array_equal(np.isfinite(found), np.isfinite(expected)):
        return float("inf")
    is_table = name == "decoded" and found.ndim == 2
    largest = np.max(
        np.abs(expected), axis=0 if is_table else None, initial=0.0, where=np.isfinite(expected)
    )
    least = np.finfo("float32").tiny if name == "decoded" else 1.0
    with np.errstate(invalid="ignore"):
        shares = np.abs(found.astype("float64") - expected) / np.maximum(largest, least)
    return float(np.max(shares, initial=0.0, where=np.isfinite(expected)))


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
