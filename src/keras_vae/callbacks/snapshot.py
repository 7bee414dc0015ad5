"""All that a model is while it trains: weights, random streams, the optimiser and the running figures."""

import dataclasses
from typing import Any

import keras
import numpy as np


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """The values of all variables of a compiled model.

    Args:
        values: of the model with its random streams, and of the optimiser.
        metrics: of the running figures of an epoch.

    Example:
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> before = Snapshot.of(model)
        >>> history = model.fit(np.ones((4, 2)), np.zeros((4, 1)), verbose=0)
        >>> before.restore(model)
        >>> int(model.optimizer.iterations)
        0
    """

    values: list[np.ndarray]
    metrics: list[np.ndarray]

    @classmethod
    def of(cls, model: Any) -> "Snapshot":
        """The values as they are now, copied."""
        synchronize(model)
        return cls(_copies(_variables(model)), _copies(model.metrics_variables))

    def restore(self, model: Any, with_metrics: bool = True) -> None:
        """Set the variables of a model of the same kind to these values.

        Args:
            model: compiled and built.
            with_metrics: whether to set the running figures, too; otherwise they begin anew.

        Raises:
            ValueError: if the model has other variables.
        """
        synchronize(model)
        _assign(_variables(model), self.values)
        if with_metrics:
            _assign(model.metrics_variables, self.metrics)
        else:
            model.reset_metrics()

    @property
    def is_finite(self) -> bool:
        """Whether no value is NaN or infinite."""
        return all(np.isfinite(value).all() for value in self.values)


def _variables(model: Any) -> list[keras.Variable]:
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]


def synchronize(model: Any) -> None:
    """Make sure that variables hold what they are, and that `fit` heeds what is assigned to them.

    On JAX, `fit` holds the values elsewhere while it runs, until somebody asks for them.
    """
    if hasattr(model, "jax_state_sync"):
        model.jax_state_sync()


def everywhere(value: Any, variable: keras.Variable) -> Any:
    """A value that is the same in all processes, as `variable.assign` takes it without asking them.

    Where a variable lives on the devices of several processes, JAX compares what they assign, which takes
    longer than a step of a small model.
    """
    sharding = getattr(variable.value, "sharding", None)
    if sharding is None or sharding.is_fully_addressable:
        return value
    import jax

    return jax.make_array_from_process_local_data(sharding, np.asarray(value, variable.value.dtype))


def _copies(variables: list[keras.Variable]) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def _assign(variables: list[keras.Variable], values: list[np.ndarray]) -> None:
    found, expected = [list(each.shape) for each in values], [list(each.shape) for each in variables]
    if found != expected:
        raise ValueError(f"The model has variables of other shapes. Expected: {expected}. Found: {found}")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(everywhere(value, variable))
