"""What can be asked of q(z|x), p(z) and p(x|z), however they were trained."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
from keras import ops

from keras_vae.conditions import Conditions, Fusion
from keras_vae.data import batch_shape
from keras_vae.distributions import Distribution, Tensor, kl
from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods import Likelihood
from keras_vae.posteriors import Posterior, Sampling
from keras_vae.priors import Prior


class LatentVariableModel(keras.Model):
    """q(z|x, c), p(z|c) and p(x|z, c), made of parts that a subclass sets."""

    encoder: keras.layers.Layer
    decoder: keras.layers.Layer
    preprocessing: keras.layers.Layer
    posterior: Posterior
    prior: Prior
    likelihood: Likelihood
    conditions: Conditions | None
    fusion: Fusion
    sampling: Sampling

    @property
    def latent_dim(self) -> int:
        """The number of latent units."""
        return self.posterior.latent_dim

    @property
    def condition_names(self) -> tuple[str, ...]:
        """The names of what the model is conditional on; none for a model without conditions."""
        return () if self.conditions is None else tuple(self.conditions.columns)

    def encode(self, x: Any) -> Distribution:
        """q(z|x), or q(z|x, c), for raw data: `(batch, *event)`, or a dict with `x` and conditions."""
        if not self.built:
            self.build(batch_shape(x))
        x, columns = split_inputs(x)
        c = self._condition(columns, x.shape[0], training=False)
        return self.posterior.distribution(self._posterior_parameters(self.preprocessing(x), c, False))

    def decode(self, z: Tensor, conditions: Mapping[str, Any] | None = None) -> Distribution:
        """p(x|z), or p(x|z, c), for latents `(batch, latent_dim)` or `(num_samples, batch, latent_dim)`.

        It is over preprocessed data; `reconstruct` and `sample` return raw data.

        Args:
            z: the latents.
            conditions: a value, or a `(batch,)` of values, for each condition; those left out are unknown.
        """
        c = self._condition(conditions, z.shape[-2], training=False)
        return self.likelihood.distribution(self._decode_parameters(z, c, training=False))

    def generate(self, z: Tensor, conditions: Mapping[str, Any] | None = None) -> Tensor:
        """The mean of p(x|z), of classes the likeliest, in the units of the raw data: `(batch, *event)`."""
        return self.preprocessing.inverse(self.decode(z, conditions).typical)

    def draw(self, z: Tensor, conditions: Mapping[str, Any] | None = None, seed: Any = None) -> Tensor:
        """A draw from p(x|z) in the units of the raw data, `(batch, *event)`; arguments as for `sample`."""
        seed = self.sampling.seed_generator if seed is None else seed
        return self.preprocessing.inverse(self.decode(z, conditions).sample(seed=seed))

    def reconstruct(self, x: Any) -> Tensor:
        """x through the mean of q(z|x) and back, in the units of the raw data: always the same."""
        return self.generate(self.encode(x).mean, split_inputs(x)[1])

    def sample(
        self,
        num_samples: int,
        seed: Any = None,
        conditions: Mapping[str, Any] | None = None,
        temperature: float = 1.0,
    ) -> Tensor:
        """New examples, the means of p(x|z) for z ~ p(z), in the units of the raw data.

        Args:
            num_samples: how many.
            seed: an integer or a `keras.random.SeedGenerator`; the model's own noise if left out.
            conditions: as for `decode`.
            temperature: what the standard deviation of the prior's noise is multiplied by; below 1,
                examples are more typical and vary less. See `Distribution.tempered`.

        Returns:
            `(num_samples, *event)`.

        Raises:
            InvalidArgumentError: if `temperature` is no positive number, or is not 1 where the prior has no
                normal noise.
        """
        return self.generate(self.sample_latents(num_samples, seed, conditions, temperature), conditions)

    def sample_latents(
        self,
        num_samples: int,
        seed: Any = None,
        conditions: Mapping[str, Any] | None = None,
        temperature: float = 1.0,
    ) -> Tensor:
        """z ~ p(z), or p(z|c), `(num_samples, latent_dim)`; the arguments are those of `sample`."""
        seed = self.sampling.seed_generator if seed is None else seed
        c = self._condition(conditions, num_samples, training=False)
        prior = self._prior(c).tempered(temperature)
        if self.prior.needs_condition:
            return prior.sample(seed=seed)
        return prior.sample(num_samples, seed=seed)[:, 0]

    def log_likelihood(self, x: Any, num_samples: int = 100, seed: Any = None) -> Tensor:
        """The importance-weighted estimate of log p(x), or log p(x|c), in nats per example.

        log 1/K Σₖ p(x|zₖ) p(zₖ) / q(zₖ|x), zₖ ~ q(z|x): a lower bound in expectation, which rises
        to log p(x) as K grows (Burda et al., 2016).

        Args:
            x: raw data, `(batch, *event)`, or a dict with `x` and conditions.
            num_samples: K.
            seed: an integer or a `keras.random.SeedGenerator`; the model's own noise if left out.

        Returns:
            `(batch,)`.
        """
        weights = self.log_weights(x, num_samples, seed)
        log_ratio = weights["log_prior"] - weights["log_posterior"]
        return ops.logsumexp(weights["log_likelihood"] + log_ratio, axis=0) - math.log(num_samples)

    def posterior_and_prior(self, x: Any) -> tuple[Distribution, Distribution]:
        """q(z|x) and p(z), or q(z|x, c) and p(z|c), for raw data or a dict with `x` and conditions."""
        q = self.encode(x)
        data, columns = split_inputs(x)
        return q, self._prior(self._condition(columns, data.shape[0], training=False))

    def infer(self, x: Any, num_samples: int, seed: Any = None) -> "Inference":
        """K samples of z ~ q(z|x) and what belongs to them; the arguments are those of `log_likelihood`."""
        seed = self.sampling.seed_generator if seed is None else seed
        q, p_z = self.posterior_and_prior(x)
        data, columns = split_inputs(x)
        z, log_q = q.sample_and_log_prob(num_samples, seed=seed)
        return Inference(q, p_z, log_q, p_z.log_prob(z), self.decode(z, columns), self.preprocessing(data))

    def log_weights(self, x: Any, num_samples: int, seed: Any = None) -> dict[str, Tensor]:
        """`log_likelihood`, `log_prior` and `log_posterior` of K samples of z, each `(K, batch)`.

        The arguments are those of `log_likelihood`; there is also `kl`, `(batch,)`, exact where a closed
        form is known.
        """
        found = self.infer(x, num_samples, seed)
        return {
            "log_likelihood": found.likelihood.log_prob(found.target),
            "log_prior": found.log_prior,
            "log_posterior": found.log_posterior,
            "kl": found.kl,
        }

    def _condition(self, columns: Mapping[str, Any] | None, batch_size: Any, training: bool | None) -> Any:
        """The vector that stands for the conditions, `(batch, width)`; `None` for a model without."""
        columns = columns or {}
        if self.conditions is None:
            if columns:
                raise InvalidArgumentError(f"This model has no conditions. Received: {', '.join(columns)}")
            return None
        self.conditions.check(columns)
        columns = {
            name: ops.broadcast_to(each, (batch_size,)) if len(each.shape) == 0 else each
            for name, each in ((name, ops.convert_to_tensor(each)) for name, each in columns.items())
        }
        return self.conditions(columns, batch_size=batch_size, training=training)

    def _prior(self, c: Tensor | None) -> Distribution:
        """p(z), or p(z|c)."""

        def encode(examples: Tensor) -> Distribution:
            unknown = self._condition(None, examples.shape[0], training=False)
            return self.posterior.distribution(self._posterior_parameters(examples, unknown, False))

        return self.prior.distribution(condition=c, encode=encode)

    def _posterior_parameters(self, x: Tensor, c: Tensor | None, training: bool | None) -> dict:
        features = self.encoder(x, training=training)
        return self.posterior(features if c is None else self.fusion(features, c))

    def _decode_parameters(self, z: Tensor, c: Tensor | None, training: bool | None) -> dict[str, Tensor]:
        if c is not None:
            c = ops.broadcast_to(ops.cast(c, z.dtype), (*ops.shape(z)[:-1], c.shape[-1]))
            z = ops.concatenate([z, c], axis=-1)
        features = self.decoder(ops.reshape(z, (-1, z.shape[-1])), training=training)
        parameters = self.likelihood(features)
        if len(z.shape) == 2:
            return parameters
        return {
            name: ops.reshape(each, (z.shape[0], -1, *each.shape[1:])) for name, each in parameters.items()
        }


class Inference(NamedTuple):
    """Samples of z ~ q(z|x) for a batch, and what they mean.

    Args:
        posterior: q(z|x).
        prior: p(z), over a batch of one where there is no condition.
        log_posterior: log q(z|x), `(num_samples, batch)`.
        log_prior: log p(z), likewise.
        likelihood: p(x|z), over `(num_samples, batch, *event)`.
        target: the preprocessed data, `(batch, *event)`.
    """

    posterior: Distribution
    prior: Distribution
    log_posterior: Tensor
    log_prior: Tensor
    likelihood: Distribution
    target: Tensor

    @property
    def kl(self) -> Tensor:
        """KL(q(z|x) ‖ p(z)), `(batch,)`: exact where a closed form is known."""
        return kl(self.posterior, self.prior, self.log_posterior - self.log_prior)


def split_inputs(inputs: Any) -> tuple[Tensor, dict[str, Tensor]]:
    """The data, and the conditions beside it."""
    if not isinstance(inputs, Mapping):
        return inputs, {}
    return inputs["x"], {name: each for name, each in inputs.items() if name != "x"}
