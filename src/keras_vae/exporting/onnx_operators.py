"""Operations of TensorFlow that tf2onnx does not know, made of those that ONNX has."""

from collections.abc import Callable
from typing import Any

import numpy as np

# Beyond it the plain formulas are exact; within, they would lose what is small.
_SMALL = 0.5


def _log1p(context: Any, node: Any, name: str, arguments: Any) -> None:
    """log(1 + x), near zero as 2·artanh(x / (2 + x))."""
    del name, arguments
    make = _Maker(context, node)
    x = node.input[0]
    share = make("Div", x, make("Add", x, make.constant(2.0)))
    near = make("Mul", make("Atanh", share), make.constant(2.0))
    far = make("Log", make("Add", x, make.constant(1.0)))
    make.replace(make("Where", make.is_small(x), near, far))


def _expm1(context: Any, node: Any, name: str, arguments: Any) -> None:
    """exp(x) − 1, near zero as 2·tanh(x/2) / (1 − tanh(x/2))."""
    del name, arguments
    make = _Maker(context, node)
    x = node.input[0]
    half = make("Tanh", make("Mul", x, make.constant(0.5)))
    near = make("Div", make("Mul", half, make.constant(2.0)), make("Sub", make.constant(1.0), half))
    far = make("Sub", make("Exp", x), make.constant(1.0))
    make.replace(make("Where", make.is_small(x), near, far))


def _select(context: Any, node: Any, name: str, arguments: Any) -> None:
    """One or the other; tf2onnx would multiply by zero and add, which lets NaN through."""
    del name, arguments
    make = _Maker(context, node)
    make.replace(make("Where", *node.input))


class _Maker:
    """Makes operations in the place of one."""

    def __init__(self, context: Any, node: Any) -> None:
        self.context = context
        self.node = node
        self.dtype = context.get_dtype(node.output[0])
        self.shape = context.get_shape(node.output[0])

    def __call__(self, operation: str, *inputs: str) -> str:
        return self.context.make_node(operation, list(inputs)).output[0]

    def constant(self, value: float) -> str:
        from tf2onnx import utils

        number = np.array(value, utils.map_onnx_to_numpy_type(self.dtype))
        return self.context.make_const(utils.make_name("constant"), number).output[0]

    def is_small(self, x: str) -> str:
        return self("Less", self("Abs", x), self.constant(_SMALL))

    def replace(self, made: str) -> None:
        output = self.node.output[0]
        self.context.remove_node(self.node.name)
        self.context.make_node(
            "Identity", [made], outputs=[output], shapes=[self.shape], dtypes=[self.dtype]
        )


#: As tf2onnx takes them: for each operation its handler, and what it is given.
HANDLERS: dict[str, tuple[Callable[..., None], list[Any]]] = {
    "Expm1": (_expm1, []),
    "Log1p": (_log1p, []),
    "SelectV2": (_select, []),
}
