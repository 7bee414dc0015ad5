"""A normal distribution, bent by invertible maps."""

from collections.abc import Callable, Sequence

import numpy as np
from keras import ops

from keras_vae.distributions.flow import Flow
from keras_vae.distributions.normal import Normal
from keras_vae.distributions.precision import Tensor

Network = Callable[[Tensor], tuple[Tensor, Tensor]]

# One coupling stretches an element by e^2 at most: its inverse stays well inside float32.
_LOG_SCALE_BOUND = 2.0


class RealNVP(Flow):
    r"""The distribution of f(ε), ε normal, for a chain f of affine coupling layers.

    With a mask m of zeros and ones, one coupling maps x to m⊙x + (1−m)⊙(x⊙exp(s) + t), where the shift t
    and the log-scale s are computed from the kept elements m⊙x alone, by any network. So it is undone by
    x = m⊙z + (1−m)⊙(z − t)⊙exp(−s), its log-determinant is Σ (1−m)⊙s, and log p(z) = log N(ε) − Σ log-det,
    as cheap as a sample. The masks keep every second element, in turns; a single element is never kept,
    which leaves an affine map of it. Log-scales are bounded smoothly, as 2·tanh(s / 2)
    (Dinh et al., 2017, section 3).

    Args:
        base: the distribution of ε, over `(batch, dim)`, or `(1, dim)` for any batch.
        networks: one a coupling, from the kept elements `(…, dim)`, zeros elsewhere, to the pair of shift
            and log-scale, each `(…, dim)`.

    Example:
        >>> base = Normal(np.zeros((1, 2)), np.zeros((1, 2)))
        >>> def shear(kept):
        ...     return ops.sum(kept, axis=-1, keepdims=True), ops.zeros_like(kept)
        >>> z, log_determinant = RealNVP(base, [shear]).forward(np.array([[3.0, 4.0]]))
        >>> print(ops.convert_to_numpy(z), ops.convert_to_numpy(log_determinant))
        [[7. 4.]] [0.]
    """

    #: The weights of the networks are out of reach here.
    has_explicit_parameters = False

    def __init__(self, base: Normal, networks: Sequence[Network]) -> None:
        super().__init__(base)
        self.networks = tuple(networks)

    def forward(self, epsilon: Tensor) -> tuple[Tensor, Tensor]:
        value = ops.cast(epsilon, self.base.mu.dtype)
        log_determinant = ops.zeros_like(value[..., 0])
        for index, network in enumerate(self.networks):
            shift, log_scale = self._coupling(index, network, value)
            value = value * ops.exp(log_scale) + shift
            log_determinant = log_determinant + ops.sum(log_scale, axis=-1)
        return value, log_determinant

    def inverse(self, value: Tensor) -> tuple[Tensor, Tensor]:
        epsilon = ops.cast(value, self.base.mu.dtype)
        log_determinant = ops.zeros_like(epsilon[..., 0])
        for index, network in reversed(list(enumerate(self.networks))):
            shift, log_scale = self._coupling(index, network, epsilon)
            epsilon = (epsilon - shift) * ops.exp(-log_scale)
            log_determinant = log_determinant + ops.sum(log_scale, axis=-1)
        return epsilon, log_determinant

    @property
    def mean(self) -> Tensor:
        """A Monte Carlo estimate, always the same, from 1000 ε and their mirror images, `(batch, dim)`."""
        epsilon = self.base.sample(1000, seed=0)
        mirrored = 2.0 * self.base.mean - epsilon
        return ops.mean(0.5 * (self.forward(epsilon)[0] + self.forward(mirrored)[0]), axis=0)

    def _coupling(self, index: int, network: Network, value: Tensor) -> tuple[Tensor, Tensor]:
        """The shift and log-scale of every element; zeros for those that are kept."""
        dim = self.base.mu.shape[-1]
        kept = (np.arange(dim) + index) % 2 if dim > 1 else np.zeros(1)
        mask = ops.cast(kept, value.dtype)
        shift, log_scale = (ops.cast(each, value.dtype) for each in network(mask * value))
        bounded = _LOG_SCALE_BOUND * ops.tanh(log_scale / _LOG_SCALE_BOUND)
        return (1.0 - mask) * shift, (1.0 - mask) * bounded
