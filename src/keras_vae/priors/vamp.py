"""A prior made of the posterior itself."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_vae.arguments import positive_integer
from keras_vae.distributions import Mixture, Tensor, as_float
from keras_vae.errors import InvalidArgumentError
from keras_vae.priors.prior import Encode, Prior
from keras_vae.seeds import child_seeds

# A bounded pseudo-input never starts where its sigmoid is flat.
_MARGIN = 0.01


@keras.saving.register_keras_serializable(package="keras_vae.priors")
class VampPrior(Prior):
    r"""p(z) = 1/K Σₖ q(z|uₖ), the mixture of the posteriors of K learned pseudo-inputs uₖ.

    The best prior for a bound is the average posterior of the data, (1/N) Σₙ q(z|xₙ); this is that
    average over a few examples, which are learned (Tomczak & Welling, 2018). Pseudo-inputs live in the
    space of preprocessed data. The model encodes them as it encodes outside training (no dropout, the
    moving averages of normalisations), and with every condition unknown.

    Args:
        latent_dim: the number of latent units.
        num_components: K.
        range: the interval `(low, high)` of preprocessed data, to which a sigmoid then holds the
            pseudo-inputs; `None` for unbounded data.
        learned_weights: whether the components have learned weights instead of 1/K each.
        seed: of the initial pseudo-inputs; `None` for Keras's global seed.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        InvalidArgumentError: if `num_components` is no positive integer, or `range` no interval.

    Example:
        >>> from keras_vae.distributions import Normal
        >>> prior = VampPrior(latent_dim=2, num_components=3, seed=0)
        >>> prior.build((4,))
        >>> p = prior.distribution(encode=lambda x: Normal(x[:, :2], ops.zeros_like(x[:, :2])))
        >>> tuple(p.sample(5, seed=0).shape)
        (5, 1, 2)
    """

    def __init__(
        self,
        latent_dim: int,
        num_components: int = 50,
        range: Sequence[float] | None = None,
        learned_weights: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(latent_dim, **kwargs)
        self.num_components = positive_integer("num_components", num_components)
        if range is not None and not (len(range) == 2 and range[0] < range[1]):
            raise InvalidArgumentError(
                "range is the interval of preprocessed data, (low, high) with low < high, or None. "
                f"Received: range={range!r}"
            )
        self.range = None if range is None else (float(range[0]), float(range[1]))
        self.learned_weights = learned_weights
        self.seed = seed

    def build(self, event_shape: Sequence[int]) -> None:
        if self.built:
            return
        if None in event_shape:
            raise InvalidArgumentError(
                "Pseudo-inputs need examples of a fixed shape: resize or pad the data to one, or choose "
                f"another prior. Received: event_shape={tuple(event_shape)}"
            )
        normal = keras.initializers.RandomNormal(stddev=1.0, seed=next(child_seeds(self.seed)))
        shape = (self.num_components, *event_shape)
        self.raw_inputs = self.add_weight(shape, normal, autocast=False, name="pseudo_inputs")
        self.logits = self.add_weight(
            (self.num_components,), "zeros", trainable=self.learned_weights, autocast=False, name="logits"
        )

    @property
    def pseudo_inputs(self) -> Tensor:
        """uₖ, `(num_components, *event_shape)`, in the space of preprocessed data."""
        if not self.built:
            raise InvalidArgumentError(
                "A VampPrior has no pseudo-inputs before it knows the shape of an example: call "
                "build(event_shape), or let a VAE build it."
            )
        inputs = as_float(self.raw_inputs)
        if self.range is None:
            return inputs
        low, high = self.range
        return low + (high - low) * ops.sigmoid(inputs)

    def start_from(self, examples: Tensor) -> None:
        """Take examples for pseudo-inputs, from where they are learned further: often a better start.

        Args:
            examples: preprocessed, `(num_components, *event_shape)`; those on an end of `range` are moved
                1 % of it inwards.

        Raises:
            InvalidArgumentError: if they are too many, too few, or of another shape than the model's.
        """
        inputs = as_float(examples)
        if not self.built:
            self.build(tuple(inputs.shape[1:]))
        if tuple(inputs.shape) != tuple(self.raw_inputs.shape):
            raise InvalidArgumentError(
                f"A VampPrior of {self.num_components} components starts from examples of shape "
                f"{tuple(self.raw_inputs.shape)}. Received: {tuple(inputs.shape)}"
            )
        if self.range is not None:
            low, high = self.range
            fraction = ops.clip((inputs - low) / (high - low), _MARGIN, 1.0 - _MARGIN)
            inputs = ops.log(fraction) - ops.log1p(-fraction)
        self.raw_inputs.assign(inputs)

    def distribution(self, condition: Tensor | None = None, encode: Encode | None = None) -> Mixture:
        del condition
        if encode is None:
            raise InvalidArgumentError(
                "A VampPrior is made of posteriors and needs encode, a function from preprocessed examples "
                "to q(z|x). Received: encode=None"
            )
        components = encode(self.pseudo_inputs)
        return Mixture(self.logits, components)

    def get_config(self) -> dict:
        return {
            **super().get_config(),
            "num_components": self.num_components,
            "range": self.range,
            "learned_weights": self.learned_weights,
            "seed": self.seed,
        }
