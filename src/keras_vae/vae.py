"""The one composition: encoder, posterior, prior, decoder, likelihood and objective make a VAE."""

import math
from typing import Any

import keras
from keras import ops

from keras_vae import specs
from keras_vae.data import Rescale
from keras_vae.distributions import Distribution, Tensor
from keras_vae.errors import IncompatiblePartsError, InvalidArgumentError
from keras_vae.likelihoods import Likelihood
from keras_vae.objectives import Objective
from keras_vae.posteriors import Posterior, Sampling
from keras_vae.priors import Prior
from keras_vae.seeds import child_seeds


class _MeanOfTerms(keras.losses.Loss):
    """The mean over the batch of a loss that is already one number an example.

    Reducing through a Keras loss divides by the replicas of a distribution strategy.
    """

    def __init__(self) -> None:
        super().__init__(name="mean_of_terms")

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        del y_true
        return y_pred


@keras.saving.register_keras_serializable(package="keras_vae")
class VAE(keras.Model):
    """A variational autoencoder, composed of parts that know nothing of each other.

    Trained with `compile`, `fit` and `evaluate` like any Keras model, without a loss argument:
    it reports `loss`, `reconstruction_loss` and `kl_loss` in nats per example (summed over the event,
    averaged over the batch), so that their scale depends neither on the batch size nor on the number
    of pixels, and `beta=1` is the evidence lower bound.

    Args:
        encoder: any Keras model or layer, preprocessed inputs → features.
        decoder: any Keras model or layer, `(batch, latent_dim)` → features.
        latent_dim: the number of latent units; needed where `posterior` is a name.
        likelihood: a `keras_vae.likelihoods` object, or its name, as in `"normal:scale=0.1"`.
        posterior: a `keras_vae.posteriors` object, or its name.
        prior: a `keras_vae.priors` object, or its name.
        objective: a `keras_vae.objectives` object, or its name.
        beta: the weight of the KL, where `objective` is a name. 1 if left out.
        preprocessing: a layer from raw data to what the model sees, with `inverse` for the way back;
            none by default.
        seed: makes repeatable the model's own noise, and the initial weights of the parts that are names.
        **kwargs: arguments of `keras.Model`.

    Call arguments:
        x: raw data, `(batch, *event)`.

    Returns:
        A dict with `posterior` and `likelihood` (the parameters of q(z|x) and of p(x|z)), `z`, which is
        sampled in training and outside it, `log_posterior` (log q(z|x)), and `reconstruction`, the mean
        of p(x|z) in the units of the raw data.

    Raises:
        UnknownNameError: if a part's name is unknown.
        InvalidArgumentError: if `beta` is given beside an objective object, which has its own.
        IncompatiblePartsError: if posterior and prior differ in their number of latents.

    Example:
        >>> import numpy as np
        >>> from keras_vae.networks import convolutional_decoder, convolutional_encoder
        >>> vae = VAE(convolutional_encoder(), convolutional_decoder((28, 28, 1)), latent_dim=2, seed=0)
        >>> vae.compile(optimizer="adam")
        >>> history = vae.fit(np.zeros((8, 28, 28, 1), "float32"), verbose=0)
        >>> sorted(history.history)
        ['kl_loss', 'loss', 'reconstruction_loss']
    """

    def __init__(
        self,
        encoder: keras.layers.Layer,
        decoder: keras.layers.Layer,
        *,
        latent_dim: int | None = None,
        likelihood: Likelihood | str = "bernoulli",
        posterior: Posterior | str = "diagonal_normal",
        prior: Prior | str = "standard_normal",
        objective: Objective | str = "elbo",
        beta: float | None = None,
        preprocessing: keras.layers.Layer | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        # Keras would cast the data down to the compute type before the loss is taken on it.
        super().__init__(**{"autocast": False, **kwargs})
        if isinstance(posterior, str) and latent_dim is None:
            raise InvalidArgumentError(
                "How many latent units? Give latent_dim, or a posterior object that knows."
            )
        if beta is not None and not isinstance(objective, str):
            raise InvalidArgumentError(
                "beta was given twice over: an objective object holds its own. Leave beta out here. "
                f"Received: beta={beta}, objective={objective!r}"
            )
        self.encoder = encoder
        self.decoder = decoder
        self.preprocessing = Rescale() if preprocessing is None else preprocessing
        seeds = child_seeds(seed)
        self.likelihood = specs.build(likelihood, Likelihood, seed=next(seeds))
        self.posterior = specs.build(posterior, Posterior, latent_dim=latent_dim, seed=next(seeds))
        self.prior = specs.build(prior, Prior, latent_dim=self.posterior.latent_dim, seed=next(seeds))
        self.objective = specs.build(objective, Objective, **({} if beta is None else {"beta": beta}))
        if self.prior.latent_dim != self.posterior.latent_dim:
            raise IncompatiblePartsError(
                f"The posterior has {self.posterior.latent_dim} latent units and the prior "
                f"{self.prior.latent_dim}: give both the same latent_dim."
            )
        self.seed = seed
        self.sampling = Sampling(seed)
        self.mean_of_terms = _MeanOfTerms()
        self.reconstruction_loss_tracker = keras.metrics.Mean(name="reconstruction_loss")
        self.kl_loss_tracker = keras.metrics.Mean(name="kl_loss")

    @property
    def latent_dim(self) -> int:
        """The number of latent units."""
        return self.posterior.latent_dim

    def build(self, input_shape: Any) -> None:
        event = keras.KerasTensor(tuple(input_shape), dtype="float32")
        if self.likelihood.event_shape is None:
            self.likelihood.event_shape = self.preprocessing.compute_output_spec(event).shape[1:]
        self.compute_output_spec(event)

    def call(self, x: Tensor, training: bool | None = None) -> dict[str, Any]:
        q_parameters = self.posterior(self.encoder(self.preprocessing(x), training=training))
        z, log_q = self.sampling.draw(self.posterior.distribution(q_parameters), self.objective.num_samples)
        p_parameters = self._decode_parameters(z, training=training)
        reconstruction = self.likelihood.distribution(p_parameters).mean
        return {
            "posterior": q_parameters,
            "z": self._batch_first(z),
            "log_posterior": self._batch_first(log_q),
            "likelihood": {name: self._batch_first(each) for name, each in p_parameters.items()},
            "reconstruction": self.preprocessing.inverse(self._batch_first(reconstruction)),
        }

    def compute_loss(
        self,
        x: Tensor = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Tensor | None = None,
        training: bool = True,
    ) -> Tensor:
        """The objective for a batch, plus `self.losses`; Keras calls it from `fit` and `evaluate`."""
        del y, training
        # p(x|z), for each sample of z and each example
        p_x = self.likelihood.distribution(
            {name: self._samples_first(each) for name, each in y_pred["likelihood"].items()}
        )
        z, prior = self._samples_first(y_pred["z"]), self.prior.distribution()
        terms = self.objective.terms(
            log_likelihood=p_x.log_prob(self.preprocessing(x)),
            log_posterior=self._samples_first(y_pred["log_posterior"]),
            log_prior=prior.log_prob(z),
            z=z,
            posterior=self.posterior.distribution(y_pred["posterior"]),
            prior=prior,
        )
        loss = self.mean_of_terms(terms["loss"], terms["loss"], sample_weight=sample_weight)
        weights = 1.0 if sample_weight is None else ops.cast(sample_weight, "float32")
        # Weighted like the loss, so that the three figures add up.
        self.reconstruction_loss_tracker.update_state(weights * terms["reconstruction"])
        self.kl_loss_tracker.update_state(weights * terms["kl"])
        return sum((ops.cast(ops.sum(each), loss.dtype) for each in self.losses), start=loss)

    def fit(
        self, x: Any = None, y: Any = None, *args: Any, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """Keras's `fit`; with `sample_weight` heeded though there is no `y`, where Keras drops it."""
        y = sample_weight if y is None else y
        return super().fit(x, y, *args, sample_weight=sample_weight, **kwargs)

    def evaluate(
        self, x: Any = None, y: Any = None, *args: Any, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """Keras's `evaluate`; with `sample_weight` heeded as in `fit`."""
        y = sample_weight if y is None else y
        return super().evaluate(x, y, *args, sample_weight=sample_weight, **kwargs)

    def encode(self, x: Tensor) -> Distribution:
        """q(z|x) for raw data `(batch, *event)`."""
        if not self.built:
            self.build((None, *x.shape[1:]))
        features = self.encoder(self.preprocessing(x), training=False)
        return self.posterior.distribution(self.posterior(features))

    def decode(self, z: Tensor) -> Distribution:
        """p(x|z) for latents `(batch, latent_dim)` or `(num_samples, batch, latent_dim)`.

        It is over preprocessed data; `reconstruct` and `sample` return raw data.
        """
        return self.likelihood.distribution(self._decode_parameters(z, training=False))

    def generate(self, z: Tensor) -> Tensor:
        """The mean of p(x|z) in the units of the raw data: `(batch, *event)`."""
        return self.preprocessing.inverse(self.decode(z).mean)

    def reconstruct(self, x: Tensor) -> Tensor:
        """x through the mean of q(z|x) and back, in the units of the raw data: always the same."""
        return self.generate(self.encode(x).mean)

    def sample(self, num_samples: int, seed: Any = None) -> Tensor:
        """New examples, the means of p(x|z) for z ~ p(z), in the units of the raw data.

        Args:
            num_samples: how many.
            seed: an integer or a `keras.random.SeedGenerator`; the model's own noise if left out.

        Returns:
            `(num_samples, *event)`.
        """
        seed = self.sampling.seed_generator if seed is None else seed
        return self.generate(self.prior.distribution().sample(num_samples, seed=seed)[:, 0])

    def log_likelihood(self, x: Tensor, num_samples: int = 100, seed: Any = None) -> Tensor:
        """The importance-weighted estimate of log p(x), in nats per example.

        log 1/K Σₖ p(x|zₖ) p(zₖ) / q(zₖ|x), zₖ ~ q(z|x): a lower bound in expectation, which rises
        to log p(x) as K grows (Burda et al., 2016).

        Args:
            x: raw data, `(batch, *event)`.
            num_samples: K.
            seed: an integer or a `keras.random.SeedGenerator`; the model's own noise if left out.

        Returns:
            `(batch,)`.
        """
        seed = self.sampling.seed_generator if seed is None else seed
        q = self.encode(x)
        z, log_q = q.sample_and_log_prob(num_samples, seed=seed)
        log_joint = self.decode(z).log_prob(self.preprocessing(x)) + self.prior.distribution().log_prob(z)
        return ops.logsumexp(log_joint - log_q, axis=0) - math.log(num_samples)

    def get_config(self) -> dict:
        parts = (
            "encoder",
            "decoder",
            "likelihood",
            "posterior",
            "prior",
            "objective",
            "preprocessing",
        )
        serialized = {part: keras.saving.serialize_keras_object(getattr(self, part)) for part in parts}
        return {**super().get_config(), **serialized, "seed": self.seed}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> "VAE":
        return cls(
            **{
                key: keras.saving.deserialize_keras_object(value, custom_objects)
                if isinstance(value, dict)
                else value
                for key, value in config.items()
            }
        )

    def _decode_parameters(self, z: Tensor, training: bool | None) -> dict[str, Tensor]:
        leading = z.shape[:-1]
        features = self.decoder(ops.reshape(z, (-1, self.latent_dim)), training=training)
        parameters = self.likelihood(features)
        if len(leading) == 1:
            return parameters
        return keras.tree.map_structure(
            lambda each: ops.reshape(each, (leading[0], -1, *each.shape[1:])), parameters
        )

    def _batch_first(self, samples: Tensor) -> Tensor:
        """`(num_samples, batch, …)` → `(batch, num_samples, …)`; a single sample loses its axis.

        Keras joins what `call` returns along its first axis.
        """
        return samples[0] if self.objective.num_samples == 1 else ops.moveaxis(samples, 0, 1)

    def _samples_first(self, outputs: Tensor) -> Tensor:
        """The way back from `_batch_first`."""
        return outputs[None] if self.objective.num_samples == 1 else ops.moveaxis(outputs, 1, 0)
