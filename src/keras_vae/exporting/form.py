"""The contract of a format."""

import abc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from keras_vae.exporting.endpoint import Endpoint
from keras_vae.optional import optional

Runner = Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]


class Form(abc.ABC):
    """A format in which a model leaves Keras, and the program that runs it there."""

    #: What the format is called, and the extra that installs what it needs.
    name: ClassVar[str]
    title: ClassVar[str]
    #: The modules that it needs beside Keras and TensorFlow.
    needs: ClassVar[tuple[str, ...]] = ()

    @abc.abstractmethod
    def write(self, endpoints: Sequence[Endpoint], folder: Path) -> dict[str, str]:
        """Write endpoints of one model into a folder; the file, or folder, of each by its name.

        Raises:
            ExportError: if the format lacks an operation of the model.
        """

    @abc.abstractmethod
    def runner(self, path: Path, endpoint: Endpoint) -> Runner:
        """The endpoint as the format's own program runs it, by the names of inputs and outputs."""

    def check_installed(self) -> None:
        """Refuse to begin without what is needed.

        Raises:
            PackageMissingError: which says what to install.
        """
        for module in self.needs:
            optional(module, f"Exporting to {self.title}", self.name)


def graph_of(endpoint: Endpoint) -> Any:
    """The endpoint as a TensorFlow graph of tensors with the names of its inputs."""
    import tensorflow as tf

    function = tf.function(named_function(endpoint), autograph=False)
    return function.get_concrete_function(**dict(zip(_names(endpoint), specs_of(endpoint), strict=True)))


def named_function(endpoint: Endpoint) -> Callable[..., dict[str, Any]]:
    """The endpoint with tensors as arguments, whose results have their names in a graph, too."""
    import tensorflow as tf

    def function(*ordered: Any, **named: Any) -> dict[str, Any]:
        found = endpoint.function({**dict(zip(_names(endpoint), ordered, strict=False)), **named})
        return {each.name: tf.identity(found[each.name], each.name) for each in endpoint.outputs}

    return function


def specs_of(endpoint: Endpoint) -> list[Any]:
    """What TensorFlow has to know of each input."""
    import tensorflow as tf

    return [tf.TensorSpec((None, *each.shape), each.dtype, each.name) for each in endpoint.inputs]


def _names(endpoint: Endpoint) -> list[str]:
    return [each.name for each in endpoint.inputs]
