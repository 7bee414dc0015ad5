"""The package as a whole: what is public, and that it says so consistently."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import keras_vae
from keras_vae import errors

PACKAGES = sorted(
    name
    for _, name, is_package in pkgutil.iter_modules(keras_vae.__path__, "keras_vae.")
    if is_package and not name.endswith(".cli")
)


@pytest.mark.parametrize("name", ["keras_vae", *PACKAGES])
def test_all_is_sorted_and_complete(name):
    module = importlib.import_module(name)
    names = list(module.__all__)
    assert names == sorted(names, key=lambda each: (not each.isupper(), each[0].islower(), each))
    assert all(hasattr(module, each) for each in names)


@pytest.mark.parametrize("name", PACKAGES)
def test_everything_public_is_documented(name):
    module = importlib.import_module(name)
    for public in module.__all__:
        member = getattr(module, public)
        if callable(member) and getattr(member, "__module__", "").startswith("keras_vae"):
            assert inspect.getdoc(member), public


def test_every_error_is_in_the_tree():
    classes = {
        name: each
        for name, each in vars(errors).items()
        if inspect.isclass(each) and each.__module__ == "keras_vae.errors"
    }
    assert all(issubclass(each, errors.KerasVaeError) for each in classes.values())
    assert all(f"{name}" in errors.__doc__ for name in classes)


def test_importing_the_package_registers_its_parts_with_keras():
    program = """
import sys
sys.argv = ["notebook"]
import keras_vae
import keras
assert keras.saving.get_registered_object("keras_vae>VAE") is keras_vae.VAE
assert keras.saving.get_registered_object("keras_vae.likelihoods>Normal")
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_unknown_attributes_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'vea'"):
        _ = keras_vae.vea
