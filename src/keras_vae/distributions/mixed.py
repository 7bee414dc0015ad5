"""Columns of a table, each with a distribution of its own."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from keras import ops

from keras_vae.distributions.categorical import Categorical
from keras_vae.distributions.distribution import Factorized
from keras_vae.distributions.precision import Tensor
from keras_vae.distributions.seeding import independent_seeds


class Mixed(Factorized):
    r"""Independent groups of columns, each with a factorised distribution of its own.

    log p(x) = Σ over groups g of log p_g(x_g), nats of densities and of probabilities alike.
    `element_log_prob` tells each column's share. NaN is a missing entry, over which p is summed: it counts
    0 nats, and log p(x) is that of what is known.

    Args:
        groups: one distribution for each group, over `(batch, size)`, in the order of the columns.
        sizes: how many columns each has.

    Example:
        >>> import numpy as np
        >>> from keras_vae.distributions import Bernoulli, Normal
        >>> height = Normal(mu=np.zeros((1, 1), "float32"), log_var=0.0)
        >>> smokes = Bernoulli(logits=np.zeros((1, 1), "float32"))
        >>> p = Mixed([height, smokes], sizes=[1, 1])
        >>> print(np.round(ops.convert_to_numpy(p.element_log_prob(np.array([[0.0, 1.0]]))), 4))
        [[-0.9189 -0.6931]]
    """

    def __init__(self, groups: Sequence[Factorized], sizes: Sequence[int]) -> None:
        self.groups = tuple(groups)
        self.sizes = tuple(sizes)
        super().__init__(event_ndim=1)

    def stop_gradient(self) -> "Mixed":
        stopped: list[Any] = [each.stop_gradient() for each in self.groups]
        return Mixed(stopped, self.sizes)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        seeds = independent_seeds(seed)
        return ops.concatenate([each.sample(num_samples, seed=next(seeds)) for each in self.groups], -1)

    def element_log_prob(self, value: Tensor) -> Tensor:
        known = ops.logical_not(ops.isnan(value))
        # Zero is a value of every kind of column; its gradient is left out with it.
        value = ops.where(known, value, ops.zeros_like(value))
        ends = list(accumulate(self.sizes))
        columns = [value[..., end - size : end] for end, size in zip(ends, self.sizes, strict=True)]
        elements = ops.concatenate(
            [group.element_log_prob(each) for group, each in zip(self.groups, columns, strict=True)], -1
        )
        return ops.where(known, elements, ops.zeros_like(elements))

    @property
    def mean(self) -> Tensor:
        return ops.concatenate([each.mean for each in self.groups], -1)

    @property
    def typical(self) -> Tensor:
        return ops.concatenate(
            [each.mode if isinstance(each, Categorical) else each.mean for each in self.groups], -1
        )

    def element_entropy(self) -> Tensor:
        return ops.concatenate([each.element_entropy() for each in self.groups], -1)
