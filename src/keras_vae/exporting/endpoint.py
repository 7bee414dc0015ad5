"""What leaves Keras: a function of named arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Function = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Port:
    """An input or an output of an endpoint, an array with the batch in front.

    Args:
        name: what it is called: letters, digits and underscores.
        dtype: NumPy's name of its type.
        shape: without the batch.
        means: in one sentence, what it holds.
        condition: what the model calls it, where it is a condition.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    means: str
    condition: str | None = None

    def described(self) -> dict[str, Any]:
        """The same in types that JSON knows; the batch is −1."""
        found = {"name": self.name, "dtype": self.dtype, "shape": [-1, *self.shape], "means": self.means}
        return found | ({"condition": self.condition} if self.condition is not None else {})


@dataclass(frozen=True)
class Endpoint:
    """A function that leaves Keras, raw data in and raw data out.

    Args:
        name: what it is called.
        inputs: what it takes.
        outputs: what it gives.
        function: tensors by the names of the inputs → tensors by those of the outputs.
        settings: how it computes, where there is a choice.
    """

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    function: Function
    settings: Mapping[str, Any]

    def described(self) -> dict[str, Any]:
        """The same in types that JSON knows, without the function."""
        return {
            "inputs": [each.described() for each in self.inputs],
            "outputs": [each.described() for each in self.outputs],
            "settings": dict(self.settings),
        }
