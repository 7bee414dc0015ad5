"""Which Keras back end is used: decided before Keras is first imported."""

import importlib.util
import os
import sys

from keras_vae.errors import BackendMissingError

_MODULES = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}


def require_backend() -> None:
    """Make sure that Keras will find a back end, or say which one to install.

    A back end that was asked for (`KERAS_BACKEND`) is respected. Where none was, and TensorFlow, which
    Keras would take, is missing, the first one installed of JAX and PyTorch is chosen.

    Raises:
        BackendMissingError: if the back end asked for, or any at all, is not installed.
    """
    if "keras" in sys.modules:
        return
    asked = os.environ.get("KERAS_BACKEND")
    if asked is None:
        installed = [name for name, module in _MODULES.items() if importlib.util.find_spec(module)]
        if not installed:
            raise BackendMissingError(_advice("Keras needs a back end, and none is installed."))
        if "tensorflow" not in installed:
            os.environ["KERAS_BACKEND"] = installed[0]
    elif asked in _MODULES and not importlib.util.find_spec(_MODULES[asked]):
        raise BackendMissingError(_advice(f"KERAS_BACKEND={asked}, which is not installed."))


def _advice(found: str) -> str:
    return (
        f"{found} Install one: pip install 'keras-vae[tensorflow-cpu]' "
        "(or [tensorflow] for GPUs and other systems, [jax], [torch])."
    )
