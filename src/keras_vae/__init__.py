"""Variational autoencoders for Keras 3.

Parts that know nothing of each other (`likelihoods`, `posteriors`, `priors`, `objectives`, `networks`,
`conditions`), one class that composes them (`VAE`), and what one does with a trained model (`tasks`,
`plots`, `runs`, `bulk`), also as scikit-learn's estimators (`estimators`).
"""

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_vae._backend import require_backend

__version__ = "0.1.0"

if TYPE_CHECKING:
    from keras_vae import (
        bulk,
        callbacks,
        conditions,
        data,
        distributions,
        estimators,
        layers,
        likelihoods,
        networks,
        objectives,
        optimizers,
        plots,
        posteriors,
        priors,
        recipes,
        runs,
        tasks,
    )
    from keras_vae.distributions import kl_divergence
    from keras_vae.model_file import load
    from keras_vae.posteriors import Sampling
    from keras_vae.vae import VAE

_SUBPACKAGES = (
    "bulk",
    "callbacks",
    "conditions",
    "data",
    "distributions",
    "estimators",
    "layers",
    "likelihoods",
    "networks",
    "objectives",
    "optimizers",
    "plots",
    "posteriors",
    "priors",
    "recipes",
    "runs",
    "tasks",
)
_CLASSES = {
    "Sampling": "keras_vae.posteriors",
    "VAE": "keras_vae.vae",
    "kl_divergence": "keras_vae.distributions",
    "load": "keras_vae.model_file",
}

__all__ = [
    "VAE",
    "Sampling",
    "bulk",
    "callbacks",
    "conditions",
    "data",
    "distributions",
    "estimators",
    "kl_divergence",
    "layers",
    "likelihoods",
    "load",
    "networks",
    "objectives",
    "optimizers",
    "plots",
    "posteriors",
    "priors",
    "recipes",
    "runs",
    "tasks",
]


def __getattr__(name: str) -> Any:
    if name in _SUBPACKAGES:
        require_backend()
        return importlib.import_module(f"keras_vae.{name}")
    if name in _CLASSES:
        require_backend()
        return getattr(importlib.import_module(_CLASSES[name]), name)
    raise AttributeError(f"module 'keras_vae' has no attribute {name!r}")


def _runs_as_command() -> bool:
    """Whether this process is the `vae` command, whose `--help` must not wait for Keras to load."""
    return Path(sys.argv[0]).name in {"vae", "vae.exe", "-m"} if sys.argv else False


if not _runs_as_command():
    # Loading a saved model needs every part registered with Keras.
    require_backend()
    for _name in __all__:
        globals()[_name] = __getattr__(_name)
