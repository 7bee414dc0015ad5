"""Packages that only one feature needs."""

import importlib
from types import ModuleType

from keras_vae.errors import PackageMissingError


def optional(module: str, what: str, extra: str, package: str | None = None) -> ModuleType:
    """A module of a package that need not be installed.

    Args:
        module: its name.
        what: what needs it, as a sentence begins.
        extra: of this package, which installs it.
        package: what the package is called, where that is not the module with strokes for underscores.

    Raises:
        PackageMissingError: if it cannot be imported.

    Example:
        >>> optional("json", "Writing", "none").dumps([1])
        '[1]'
        >>> optional("tea_pot", "Tea", "tea")
        Traceback (most recent call last):
        keras_vae.errors.PackageMissingError: Tea needs the package tea-pot: pip install 'keras-vae[tea]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise PackageMissingError(what, package or module.replace("_", "-"), extra) from error
