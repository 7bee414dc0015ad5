"""A normal distribution, bent by gated autoregressive steps."""

from collections.abc import Callable, Sequence

from keras import ops

from keras_vae.distributions.flow import Flow
from keras_vae.distributions.normal import Normal
from keras_vae.distributions.precision import Tensor

Network = Callable[[Tensor], tuple[Tensor, Tensor]]

# A step shrinks an element by 150 at most: its inverse stays well inside float32.
_GATE_BOUND = 5.0


class InverseAutoregressiveFlow(Flow):
    r"""The distribution of f(ε), ε normal, for a chain f of inverse autoregressive steps.

    One step maps z to s⊙z + (1−s)⊙m with s = sigmoid(gate), where the networks make mᵢ and gateᵢ from
    the elements z₁ … zᵢ₋₁ alone, so that its log-determinant is Σ log sᵢ. The elements are reversed from
    one step to the next. Gates are bounded smoothly, as 5·tanh(gate / 5), which keeps s in
    (0.007, 0.993) (Kingma et al., 2016, algorithm 1).

    A sample takes one pass through each network, and so does its density, `sample_and_log_prob`. The
    density of any other z, `log_prob`, has to undo each step element by element: `dim` passes.

    Args:
        base: the distribution of ε, over `(batch, dim)`.
        networks: one a step, from z `(…, batch, dim)` to the pair of m and gate, each of that shape; the
            i-th element of either may depend on the elements of z before the i-th only.

    Example:
        >>> import numpy as np
        >>> base = Normal(np.zeros((1, 2)), np.zeros((1, 2)))
        >>> halved = InverseAutoregressiveFlow(base, [lambda z: (ops.zeros_like(z), ops.zeros_like(z))])
        >>> z, log_determinant = halved.forward(np.array([[3.0, 4.0]], "float32"))
        >>> print(ops.convert_to_numpy(z), np.round(ops.convert_to_numpy(log_determinant), 4))
        [[1.5 2. ]] [-1.3863]
    """

    # The weights of the networks are not held here.
    has_explicit_parameters = False

    def __init__(self, base: Normal, networks: Sequence[Network]) -> None:
        super().__init__(base)
        self.networks = tuple(networks)

    def forward(self, epsilon: Tensor) -> tuple[Tensor, Tensor]:
        value = self._broadcast(epsilon)
        log_determinant = ops.zeros_like(value[..., 0])
        for index, network in enumerate(self.networks):
            value = ops.flip(value, axis=-1) if index else value
            shift, gate = self._step(network, value)
            value = ops.sigmoid(gate) * value + ops.sigmoid(-gate) * shift
            log_determinant = log_determinant + ops.sum(ops.log_sigmoid(gate), axis=-1)
        return value, log_determinant

    def inverse(self, value: Tensor) -> tuple[Tensor, Tensor]:
        epsilon = self._broadcast(value)
        log_determinant = ops.zeros_like(epsilon[..., 0])
        for index, network in reversed(list(enumerate(self.networks))):
            epsilon, gate = self._undo(network, epsilon)
            log_determinant = log_determinant + ops.sum(ops.log_sigmoid(gate), axis=-1)
            epsilon = ops.flip(epsilon, axis=-1) if index else epsilon
        return epsilon, log_determinant

    def _undo(self, network: Network, value: Tensor) -> tuple[Tensor, Tensor]:
        """What one step maps to `value`, and the gate there."""
        dim = value.shape[-1]
        undone = ops.zeros_like(value)
        for index in range(dim):
            shift, gate = self._step(network, undone)
            candidate = (value - ops.sigmoid(-gate) * shift) / ops.sigmoid(gate)
            undone = ops.where(ops.equal(ops.arange(dim), index), candidate, undone)
        return undone, self._step(network, undone)[1]

    def _step(self, network: Network, value: Tensor) -> tuple[Tensor, Tensor]:
        shift, gate = (ops.cast(each, value.dtype) for each in network(value))
        return shift, _GATE_BOUND * ops.tanh(gate / _GATE_BOUND)

    def _broadcast(self, value: Tensor) -> Tensor:
        return ops.cast(value, self.base.mu.dtype) + ops.zeros_like(self.base.mu)
