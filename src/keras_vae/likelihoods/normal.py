"""Squared error as a likelihood."""

import keras
from keras import ops

from keras_vae.distributions import Normal as NormalDistribution
from keras_vae.distributions import Tensor, as_float
from keras_vae.likelihoods.location_scale import LocationScale


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class Normal(LocationScale):
    """p(x|z) = N(x; μ(z), σ²): the mean squared error, in nats.

    −log p(x|z) = Σ (x − μ)² / 2σ² + n log(σ√2π): the squared error weighed by 1 / 2σ², so that a
    smaller σ asks for sharper reconstructions. σ is in the units of the data the model sees. A learned
    σ finds this weight by itself (σ-VAE); its optimum is the root of the mean squared error, see
    `optimal_scale`.

    Args:
        event_shape: the shape of one example, without the batch.
        scale: σ, a positive number; or "learned", for one that all elements share; "learned_each",
            for one for each element; or "per_element", for one that the decoder gives for each element.
            Learned ones lie between e⁻⁶ and e¹⁰.
        activation: of μ: "linear" for unbounded data, "tanh" for data in [−1, 1], "sigmoid" for data
            in [0, 1].
        seed: of the projections' initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `scale` is none of these, or the activation none of the three.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `mu`, `(batch, *event_shape)`, in float32; and, where the scale is learned,
        `log_scale`, of the same shape or `(batch, 1, …)`.

    References:
        Rybkin, Daniilidis & Levine, 2021, "Simple and effective VAE training with calibrated decoders".

    Example:
        >>> Normal(event_shape=(28, 28, 1), activation="tanh").support
        (-1.0, 1.0)
        >>> import numpy as np
        >>> likelihood = Normal(event_shape=(3,), scale="learned")
        >>> sorted(likelihood(np.zeros((5, 8), "float32")))
        ['log_scale', 'mu']
    """

    def distribution(self, parameters: dict[str, Tensor]) -> NormalDistribution:
        log_var = 2.0 * self._log_scale(parameters)
        return NormalDistribution(parameters["mu"], log_var, event_ndim=self.event_ndim)

    @staticmethod
    def optimal_scale(x: Tensor, mu: Tensor) -> Tensor:
        """σ* = √ mean (x − μ)²: the one σ under which `x` is likeliest (Rybkin et al., 2021, eq. 5).

        Args:
            x: data as the model sees them, `(batch, *event)`.
            mu: their reconstructions, of the same shape.

        Returns:
            A scalar tensor.

        Example:
            >>> import numpy as np
            >>> sigma = Normal.optimal_scale(np.array([[3.0, 4.0]]), np.zeros((1, 2)))
            >>> print(np.round(ops.convert_to_numpy(sigma), 4))
            3.5355
        """
        return ops.sqrt(ops.mean(ops.square(as_float(x) - as_float(mu))))
