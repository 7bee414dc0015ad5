"""A network whose i-th output sees its first i − 1 inputs only."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.distributions import Tensor
from keras_vae.seeds import glorot_uniforms


class AutoregressiveNetwork(keras.layers.Layer):
    """A masked dense network, MADE (Germain et al., 2015): the shift and gate of one autoregressive step.

    One ELU layer. A hidden unit of degree k, from 0 to latent_dim − 1, sees the latents z₁ … zₖ and the
    whole context; the i-th outputs see the units of a degree below i. So the first outputs depend on
    the context alone. It is computed in float32, or in float64 under that policy: the density of a
    sample holds only where both see the same numbers.

    Args:
        latent_dim: the number of latents.
        hidden_units: the number of hidden units.
        context_dim: the width of the context.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        z: `(…, batch, latent_dim)`.
        context: `(batch, context_dim)`.

    Returns:
        The shift and the gate, each `(…, batch, latent_dim)`. Gates start around 2, where a step changes
        little.

    Example:
        >>> network = AutoregressiveNetwork(latent_dim=2, hidden_units=8, context_dim=3)
        >>> shift, gate = network(np.zeros((5, 2)), np.zeros((5, 3)))
        >>> print(ops.convert_to_numpy(gate[0]))
        [2. 2.]
    """

    def __init__(
        self, latent_dim: int, hidden_units: int, context_dim: int, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        degrees = np.arange(hidden_units) * latent_dim // hidden_units
        latents = np.arange(1, latent_dim + 1)
        self._input_mask = (latents[:, None] <= degrees).astype("float32")
        self._output_mask = (degrees[:, None] < latents).astype("float32")
        shapes = {
            "input": (latent_dim, hidden_units),
            "context": (context_dim, hidden_units),
            "shift": (hidden_units, latent_dim),
            "gate": (hidden_units, latent_dim),
        }
        self.kernels = {
            name: self.add_weight(shape, kernel, name=f"{name}_kernel")
            for (name, shape), kernel in zip(shapes.items(), glorot_uniforms(seed), strict=False)
        }
        self.hidden_bias = self.add_weight((hidden_units,), "zeros", name="hidden_bias")
        self.shift_bias = self.add_weight((latent_dim,), "zeros", name="shift_bias")
        self.gate_bias = self.add_weight((latent_dim,), keras.initializers.Constant(2.0), name="gate_bias")
        self.built = True

    def call(self, z: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        from_z = ops.matmul(z, self.kernels["input"] * self._input_mask)
        from_context = ops.matmul(context, self.kernels["context"])
        hidden = ops.elu(from_z + from_context + self.hidden_bias)
        shift = ops.matmul(hidden, self.kernels["shift"] * self._output_mask) + self.shift_bias
        gate = ops.matmul(hidden, self.kernels["gate"] * self._output_mask) + self.gate_bias
        return shift, gate
