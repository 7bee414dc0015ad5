"""Logarithms of positive parameters that stay where float32 can follow."""

from keras import ops

from keras_vae.distributions import Tensor, as_float


def softly_bounded(value: Tensor, low: float, high: float) -> Tensor:
    """An unbounded value, bent into [low, high] by a softplus at either end; float32.

    Within 1 % of itself some 5 units from the bounds, monotonic, and finite with finite gradients
    whatever a network returns (Rybkin et al., 2021, section 4, bound log σ below in the same way).

    Args:
        value: a tensor of any shape.
        low: the bound that −∞ is sent to.
        high: the bound that +∞ is sent to.

    Example:
        >>> import numpy as np
        >>> values = softly_bounded(np.array([-1e9, 0.0, 1e9], "float32"), -6.0, 10.0)
        >>> print(np.round(ops.convert_to_numpy(values), 2))
        [-6.  0. 10.]
    """
    above = low + ops.softplus(as_float(value) - low)
    return high - ops.softplus(high - above)
