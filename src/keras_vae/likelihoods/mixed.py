"""A table whose columns are of different kinds."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import keras
import numpy as np

from keras_vae import specs
from keras_vae.distributions import Mixed as MixedDistribution
from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods.counting import checked_count
from keras_vae.likelihoods.likelihood import Likelihood
from keras_vae.likelihoods.measure import Measure, combined
from keras_vae.seeds import child_seeds


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class Mixed(Likelihood):
    """p(x|z) = Π p_g(x_g|z): each column of a table, or group of columns, with its own likelihood.

    −log p(x|z) is the sum over the groups: nats of densities for real columns, of probabilities for the
    others. `distribution(parameters).element_log_prob(x)` tells each column's share. A missing entry, NaN,
    costs nothing: p is then that of what is known (Nazabal et al., 2020, "Handling incomplete
    heterogeneous data using VAEs", eq. 4).

    Args:
        columns: for each column from left to right a likelihood or its name; or a pair of the number of
            neighbouring columns and the likelihood that they share, as in `(3, "normal:scale=learned")`.
        event_shape: `(num_columns,)`; known from `columns`.
        seed: of the projections' initial weights, for likelihoods given by name; `None` for Keras's
            global seed.
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `columns` is empty or cannot be read, or `event_shape` or that of a
            likelihood does not fit it.
        UnknownNameError: if a likelihood's name is unknown.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with the parameters of group g as `"g_name"`, in float32.

    Example:
        >>> import numpy as np
        >>> likelihood = Mixed(columns=[(2, "normal"), "bernoulli", "categorical:num_categories=3"])
        >>> parameters = likelihood(np.zeros((5, 16), "float32"))
        >>> {name: tuple(each.shape) for name, each in parameters.items()}
        {'0_mu': (5, 2), '1_logits': (5, 1), '2_logits': (5, 1, 3)}
        >>> likelihood.column_supports
        [(-inf, inf), (-inf, inf), (0.0, 1.0), (0.0, 2.0)]
    """

    takes_missing = True

    def __init__(
        self,
        columns: Sequence[Any],
        event_shape: Sequence[int] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        seeds = child_seeds(seed)
        pairs = [_pair(each) for each in columns]
        num_columns = sum(size for size, _ in pairs)
        if not pairs or event_shape not in (None, (num_columns,), [num_columns]):
            raise InvalidArgumentError(
                "columns must give a likelihood for each column of a table: its sizes must add up to "
                f"event_shape. Received: {num_columns} columns, event_shape={event_shape!r}"
            )
        super().__init__((num_columns,), seed=seed, **kwargs)
        self.sizes = [size for size, _ in pairs]
        self.groups = [
            _group(likelihood, size, next(seeds), self.dtype_policy) for size, likelihood in pairs
        ]

    @property
    def support(self) -> tuple[float, float]:
        """The interval that spans the supports of all columns; each has its own in `column_supports`."""
        lows, highs = zip(*self.column_supports, strict=True)
        return min(lows), max(highs)

    @property
    def column_supports(self) -> list[tuple[float, float]]:
        """The interval in which the data of each column must lie."""
        pairs = zip(self.groups, self.sizes, strict=True)
        return [group.support for group, size in pairs for _ in range(size)]

    @property
    def column_is_class(self) -> list[bool]:
        """Whether each column holds classes."""
        pairs = zip(self.groups, self.sizes, strict=True)
        return [group.is_class for group, size in pairs for _ in range(size)]

    @property
    def rescalable(self) -> bool:
        return False

    def measure_of(self, x: np.ndarray) -> Measure:
        """What the product over the groups is of."""
        ends = accumulate(self.sizes)
        groups = zip(self.groups, self.sizes, ends, strict=True)
        return combined(group.measure_of(x[:, end - size : end]) for group, size, end in groups)

    def build(self, input_shape: Sequence[int]) -> None:
        for group in self.groups:
            if not group.built:  # from a file, they are
                group.build(input_shape)

    def call(self, features: Tensor) -> dict[str, Tensor]:
        return {
            f"{index}_{name}": each
            for index, group in enumerate(self.groups)
            for name, each in group(features).items()
        }

    def distribution(self, parameters: dict[str, Tensor]) -> MixedDistribution:
        of_groups: list[dict[str, Tensor]] = [{} for _ in self.groups]
        for key, each in parameters.items():
            index, _, name = key.partition("_")
            of_groups[int(index)][name] = each
        distributions: list[Any] = [
            group.distribution(each) for group, each in zip(self.groups, of_groups, strict=True)
        ]
        return MixedDistribution(distributions, self.sizes)

    def get_config(self) -> dict:
        pairs = zip(self.sizes, self.groups, strict=True)
        columns = [[size, keras.saving.serialize_keras_object(group)] for size, group in pairs]
        return {**super().get_config(), "columns": columns}

    @classmethod
    def from_config(cls, config: dict) -> "Mixed":
        columns = [
            (size, keras.saving.deserialize_keras_object(group)) for size, group in config["columns"]
        ]
        return cls(**{**config, "columns": columns})


def _pair(entry: Any) -> tuple[int, Any]:
    """The number of columns, and their likelihood."""
    size, likelihood = entry if isinstance(entry, tuple | list) and len(entry) == 2 else (1, entry)
    if not isinstance(likelihood, str | Likelihood):
        raise InvalidArgumentError(
            "Each of columns must be a likelihood, its name, or a pair of a number of columns and a "
            f"likelihood. Received: {entry!r}"
        )
    return checked_count("the number of columns", size, least=1), likelihood


def _group(likelihood: Any, size: int, seed: int | None, dtype: Any) -> Likelihood:
    group = specs.build(likelihood, Likelihood, seed=seed)
    if isinstance(likelihood, str):
        group.dtype_policy = dtype
    if group.event_shape is None:
        group.event_shape = (size,)
    if group.event_shape != (size,):
        raise InvalidArgumentError(
            f"{type(group).__name__} was given for {size} columns and has event_shape={group.event_shape}."
        )
    return group
