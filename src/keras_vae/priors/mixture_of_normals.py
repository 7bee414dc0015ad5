"""A prior of several normals, all learned."""

import math
from typing import Any

import keras

from keras_vae.arguments import positive_integer
from keras_vae.distributions import Mixture, Normal, Tensor, bounded_log_var
from keras_vae.priors.prior import Encode, Prior
from keras_vae.seeds import child_seeds


@keras.saving.register_keras_serializable(package="keras_vae.priors")
class MixtureOfNormals(Prior):
    r"""p(z) = Σₖ πₖ N(z; μₖ, diag σₖ²), with learned weights, means and variances.

    The log-variances are bounded smoothly to (−20, 20). At the start the weights are equal, σₖ² = ½ and
    the means are drawn from N(0, ½ I): apart from each other, and close to N(0, I) all together
    (Dilokthanakul et al., 2016; Tomczak & Welling, 2018, section 4, "MoG").

    Args:
        latent_dim: the number of latent units.
        num_components: K.
        seed: of the initial means; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if `num_components` is no positive integer.

    Example:
        >>> tuple(MixtureOfNormals(latent_dim=2, seed=0).distribution().sample(5, seed=0).shape)
        (5, 1, 2)
    """

    def __init__(
        self, latent_dim: int, num_components: int = 10, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(latent_dim, **kwargs)
        self.num_components = positive_integer("num_components", num_components)
        self.seed = seed
        shape = (num_components, latent_dim)
        apart = keras.initializers.RandomNormal(stddev=math.sqrt(0.5), seed=next(child_seeds(seed)))
        half = keras.initializers.Constant(math.log(0.5))
        self.mu = self.add_weight(shape, apart, autocast=False, name="mu")
        self.log_var = self.add_weight(shape, half, autocast=False, name="log_var")
        self.logits = self.add_weight((num_components,), "zeros", autocast=False, name="logits")
        self.built = True

    def distribution(self, condition: Tensor | None = None, encode: Encode | None = None) -> Mixture:
        del condition, encode
        return Mixture(self.logits, Normal(self.mu, bounded_log_var(self.log_var)))

    def get_config(self) -> dict:
        return {**super().get_config(), "num_components": self.num_components, "seed": self.seed}
