"""The reparameterisation trick as a layer."""

from typing import Any

import keras

from keras_vae.distributions import Distribution, Normal, Tensor
from keras_vae.seeds import SeededLayer


@keras.saving.register_keras_serializable(package="keras_vae.posteriors")
class Sampling(SeededLayer):
    """z = μ + exp(½ log σ²)·ε, ε ~ N(0, I): a sample through which gradients flow to μ and log σ².

    It owns the model's source of noise, whose state is saved with the weights. It samples always, in
    training and outside of it, and computes in float32 under every mixed-precision policy
    (Kingma & Welling, 2014, section 2.4).

    Args:
        seed: an integer makes the sequence of samples repeatable.
        **kwargs: arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: the pair `(mu, log_var)`, each `(batch, latent_dim)`.

    Returns:
        `(batch, latent_dim)`, in float32.

    Example:
        >>> import numpy as np
        >>> z = Sampling(seed=0)([np.zeros((5, 2), "float32"), np.zeros((5, 2), "float32")])
        >>> tuple(z.shape)
        (5, 2)
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        # Keras would cast μ and log σ² down to the compute type on their way in.
        super().__init__(seed, **{"autocast": False, **kwargs})

    def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
        mu, log_var = inputs
        return self.draw(Normal(mu, log_var))[0]

    def draw(self, distribution: Distribution, num_samples: int | None = None) -> tuple[Tensor, Tensor]:
        """Samples of any distribution, from this layer's noise, and their log-densities.

        Args:
            distribution: over `(batch, *event)`.
            num_samples: how many an example; `None` for one, without an axis of its own.

        Returns:
            The samples, `(num_samples, batch, *event)`, and log q of each, `(num_samples, batch)`; both
            without the first axis for `None`.
        """
        return distribution.sample_and_log_prob(num_samples, seed=self.seed_generator)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        return tuple(input_shape[0])
