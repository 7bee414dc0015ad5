"""The uniform distribution on the unit sphere."""

import math
from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Distribution, sample_shape
from keras_vae.distributions.noise import normal_noise
from keras_vae.distributions.precision import Tensor, as_float
from keras_vae.errors import InvalidArgumentError


class UniformSphere(Distribution):
    r"""The uniform distribution on the unit sphere S^(d−1) of ℝ^d, over `(1, d)` for any batch.

    log p(z) = −log area(S^(d−1)) = log Γ(d/2) − log 2 − (d/2) log π, a density on the surface of the
    sphere. A sample is a normal vector divided by its length (Muller, 1959).

    Args:
        dim: d, two or more.

    Raises:
        InvalidArgumentError: if `dim` is less than two.

    Example:
        >>> import numpy as np
        >>> p = UniformSphere(dim=3)
        >>> print(np.round(ops.convert_to_numpy(p.log_prob(np.array([[0.0, 0.0, 1.0]]))), 4))
        [-2.531]
        >>> z = p.sample(5, seed=0)
        >>> bool(ops.all(ops.abs(ops.sum(z**2, axis=-1) - 1) < 1e-5))
        True
    """

    def __init__(self, dim: int) -> None:
        self.dim = sphere_dim(dim)

    def sample(self, num_samples: int | None = None, seed: Any = None) -> Tensor:
        shape = sample_shape(num_samples, (1, self.dim))
        return unit_vector(normal_noise(shape, "float32", seed))

    def log_prob(self, value: Tensor) -> Tensor:
        return ops.zeros_like(as_float(value)[..., 0]) - log_area(self.dim)

    @property
    def mean(self) -> Tensor:
        """The centre of the sphere, `(1, dim)`; a mean of unit vectors is no unit vector."""
        return ops.zeros((1, self.dim))

    def entropy(self) -> Tensor:
        return ops.full((1,), log_area(self.dim))


def log_area(dim: int) -> float:
    """log 2π^(d/2) / Γ(d/2): the log-area of the unit sphere of ℝ^d, S^(d−1); log 2 for d = 1.

    Example:
        >>> round(log_area(2), 4)  # log 2π
        1.8379
    """
    return math.log(2.0) + 0.5 * dim * math.log(math.pi) - math.lgamma(0.5 * dim)


def sphere_dim(dim: int) -> int:
    """`dim`, if there is a sphere in as many dimensions.

    Raises:
        InvalidArgumentError: if it is no integer of two or more.

    Example:
        >>> sphere_dim(2)
        2
    """
    if isinstance(dim, bool) or not isinstance(dim, int) or dim < 2:
        raise InvalidArgumentError(
            "A sphere needs two dimensions or more: use latent_dim=2 for a circle, or a diagonal_normal "
            f"posterior with a standard_normal prior for a line. Received: latent_dim={dim!r}"
        )
    return dim


def unit_vector(value: Tensor) -> Tensor:
    """`value` divided by its length; the first axis where it has no direction.

    Example:
        >>> print(ops.convert_to_numpy(unit_vector(ops.convert_to_tensor([[0.0, 2.0], [0.0, 0.0]]))))
        [[0. 1.]
         [1. 0.]]
    """
    tiny = ops.sum(ops.square(value), axis=-1, keepdims=True) < 1e-12
    first = ops.one_hot(ops.zeros_like(value[..., 0], dtype="int32"), value.shape[-1], dtype=value.dtype)
    # The length of what is chosen: a root at zero would have an infinite gradient.
    value = ops.where(tiny, first, value)
    return value / ops.sqrt(ops.sum(ops.square(value), axis=-1, keepdims=True))
