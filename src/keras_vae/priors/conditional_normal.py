"""A prior that depends on a condition."""

from typing import Any

import keras

from keras_vae.arguments import positive_integer
from keras_vae.distributions import Normal, Tensor, as_float, bounded_log_var
from keras_vae.errors import InvalidArgumentError
from keras_vae.layers import Dense
from keras_vae.priors.prior import Encode, Prior
from keras_vae.seeds import glorot_uniforms


@keras.saving.register_keras_serializable(package="keras_vae.priors")
class ConditionalNormal(Prior):
    r"""p(z|c) = N(μ(c), diag σ²(c)), with one hidden layer and two dense heads (Sohn et al., 2015).

    The log-variance is bounded smoothly to (−20, 20), as the diagonal-normal posterior's is, so that the KL
    between the two is finite and has a closed form.

    Args:
        latent_dim: the number of latent units.
        units: the width of the hidden layer.
        condition_width: the length of an embedded condition. `VAE` fills it in where it is left out, and
            so does the first condition that is met.
        seed: of the initial weights; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if `units` or `condition_width` is no positive integer; from `build` and
            `distribution` if there is no condition.

    Example:
        >>> import numpy as np
        >>> prior = ConditionalNormal(latent_dim=2, condition_width=3, seed=0)
        >>> tuple(prior.distribution(np.eye(3, dtype="float32")).mean.shape)
        (3, 2)
    """

    needs_condition = True

    def __init__(
        self,
        latent_dim: int,
        units: int = 64,
        condition_width: int | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(latent_dim, **kwargs)
        self.units = positive_integer("units", units)
        self.condition_width = condition_width
        if condition_width is not None:
            positive_integer("condition_width", condition_width)
        self.seed = seed
        kernels = glorot_uniforms(seed)
        self.hidden, self.mu_head, self.log_var_head = (
            Dense(
                width,
                activation=activation,
                name=name,
                kernel_initializer=next(kernels),
                dtype=self.dtype_policy,
            )
            for name, width, activation in (
                ("hidden", units, "relu"),
                ("mu", latent_dim, None),
                ("log_var", latent_dim, None),
            )
        )

    def build(self, event_shape: tuple[int, ...] = ()) -> None:
        del event_shape
        if self.built:
            return
        if self.condition_width is None:
            raise _no_condition("condition_width=None")
        self.hidden.build((None, self.condition_width))
        self.mu_head.build((None, self.units))
        self.log_var_head.build((None, self.units))

    def distribution(self, condition: Tensor | None = None, encode: Encode | None = None) -> Normal:
        del encode
        if condition is None:
            raise _no_condition("condition=None")
        width = condition.shape[-1]
        if self.condition_width is None:
            self.condition_width = width
        if width != self.condition_width:
            raise InvalidArgumentError(
                f"This prior was made for embedded conditions of width {self.condition_width}. "
                f"Received: a condition of shape {tuple(condition.shape)}"
            )
        if not self.built:
            self.build()
        features = self.hidden(condition)
        return Normal(as_float(self.mu_head(features)), bounded_log_var(self.log_var_head(features)))

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "units": self.units,
            "condition_width": self.condition_width,
            "seed": self.seed,
        }


def _no_condition(received: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "A conditional_normal prior is p(z|c) and needs a condition: give the model conditions, or an "
        f"unconditional prior such as 'standard_normal'. Received: {received}"
    )
