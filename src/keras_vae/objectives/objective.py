"""The contract of an objective."""

import abc

import keras

from keras_vae.distributions import Distribution, Tensor


class Objective(keras.layers.Layer, abc.ABC):
    """Turns what the model computed for a batch into terms, each `(batch,)` and in nats.

    It is a layer so that Keras saves what it holds; it is used through `terms`, never called.

    Args:
        num_samples: how many samples of z an example it wants.
        **kwargs: arguments of `keras.layers.Layer`.
    """

    def __init__(self, num_samples: int = 1, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.num_samples = num_samples
        self.built = True

    @abc.abstractmethod
    def terms(
        self,
        *,
        log_likelihood: Tensor,
        log_posterior: Tensor,
        log_prior: Tensor,
        z: Tensor,
        posterior: Distribution,
        prior: Distribution,
    ) -> dict[str, Tensor]:
        """The terms of the loss.

        Args:
            log_likelihood: log p(x|z) in nats, summed over the event: `(num_samples, batch)`.
            log_posterior: log q(z|x), `(num_samples, batch)`.
            log_prior: log p(z), `(num_samples, batch)`.
            z: `(num_samples, batch, latent_dim)`, drawn from `posterior`.
            posterior: q(z|x).
            prior: p(z).

        Returns:
            At least `loss` (what is minimised), `reconstruction` (−log p(x|z)) and `kl`.
        """
