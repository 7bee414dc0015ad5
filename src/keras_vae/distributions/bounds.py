"""Log-variances that stay where float32 can follow."""

from keras import ops

from keras_vae.distributions.precision import Tensor, as_float

# σ between e^-10 and e^10: far outside what training visits, far inside float32.
_BOUND = 20.0


def bounded_log_var(value: Tensor) -> Tensor:
    """A log-variance from an unbounded value: in (−20, 20) and float32, finite whatever a network returns.

    It is the value itself up to ±10, and beyond that ±10 ± 10·tanh((|value| − 10) / 10), which joins with
    its first two derivatives.

    Example:
        >>> import numpy as np
        >>> print(ops.convert_to_numpy(bounded_log_var(np.array([-1e9, -6.5, 0.0, 1e9], "float32"))))
        [-20.   -6.5   0.   20. ]
    """
    value, half = as_float(value), 0.5 * _BOUND
    inside = ops.clip(value, -half, half)
    return inside + half * ops.tanh((value - inside) / half)
