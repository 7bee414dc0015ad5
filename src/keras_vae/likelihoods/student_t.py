"""An error that forgives outliers, as a likelihood."""

import math
from collections.abc import Sequence
from typing import Any

import keras

from keras_vae.distributions import StudentT as StudentTDistribution
from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods.location_scale import LocationScale


@keras.saving.register_keras_serializable(package="keras_vae.likelihoods")
class StudentT(LocationScale):
    """p(x|z) = t(x; μ(z), σ) with ν fixed degrees of freedom: robust against outliers.

    −log p(x|z) = Σ (ν+1)/2 · log(1 + (x − μ)² / νσ²) + const: near μ a squared error, far from it the
    logarithm of the distance. ν → ∞ is `Normal`.

    Args:
        event_shape: the shape of one example, without the batch.
        df: ν, a positive number. The mean exists above 1, the variance above 2.
        scale: σ, a positive number; or "learned", for one that all elements share; "learned_each",
            for one for each element; or "per_element", for one that the decoder gives for each element.
            Learned ones lie between e⁻⁶ and e¹⁰.
        activation: of μ: "linear" for unbounded data, "tanh" for data in [−1, 1], "sigmoid" for data
            in [0, 1].
        seed: of the projections' initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `Likelihood`.

    Raises:
        InvalidArgumentError: if `df` is not positive, `scale` none of these, or the activation none of
            the three.

    Call arguments:
        features: the decoder's, `(batch, …)`.

    Returns:
        A dict with `mu`, `(batch, *event_shape)`, in float32; and, where the scale is learned,
        `log_scale`, of the same shape or `(batch, 1, …)`.

    References:
        Takahashi et al., 2018, "Student-t variational autoencoder for robust density estimation".

    Example:
        >>> StudentT(event_shape=(3,), df=5, scale="learned").df
        5.0
    """

    def __init__(
        self,
        event_shape: Sequence[int] | None = None,
        df: float = 3.0,
        scale: float | str = 1.0,
        activation: str = "linear",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(event_shape, scale, activation, seed, **kwargs)
        if isinstance(df, str | bool) or not (math.isfinite(df) and df > 0):
            raise InvalidArgumentError(
                "df is the number of degrees of freedom and must be a positive number; for very many, use "
                f"the normal likelihood. Received: df={df!r}"
            )
        self.df = float(df)

    def distribution(self, parameters: dict[str, Tensor]) -> StudentTDistribution:
        log_scale = self._log_scale(parameters)
        return StudentTDistribution(parameters["mu"], log_scale, self.df, event_ndim=self.event_ndim)

    def get_config(self) -> dict:
        return {**super().get_config(), "df": self.df}
