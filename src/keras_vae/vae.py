"""The one composition: encoder, posterior, prior, decoder, likelihood and objective make a VAE."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
from keras import ops

from keras_vae import specs
from keras_vae.calibration import Calibration
from keras_vae.compatibility import check_parts
from keras_vae.conditions import Condition, Conditions, Fusion
from keras_vae.data import Rescale, batch_shape, feed, is_shared, share, without_padding
from keras_vae.distributions import Tensor
from keras_vae.errors import InvalidArgumentError
from keras_vae.hub import Address, is_address, upload_model
from keras_vae.latent_variable_model import LatentVariableModel, split_inputs
from keras_vae.likelihoods import Likelihood
from keras_vae.objectives import Batch, Objective
from keras_vae.posteriors import Posterior, Sampling
from keras_vae.priors import Prior
from keras_vae.scan import is_wanted, scanned
from keras_vae.seal import seal
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
class VAE(LatentVariableModel):
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
        conditions: what is known about each example: a `keras_vae.conditions.Conditions`, or a dict of
            names and kinds, `{"label": "category:num_categories=10", "age": "real"}`. Inputs are then dicts
            with `x` and any of those names.
        preprocessing: a layer from raw data to what the model sees, with `inverse` for the way back;
            none by default.
        seed: makes repeatable the model's own noise, and the initial weights of the parts that are names.
        calibration: the scores of ordinary examples; `tasks.calibrate` sets it.
        **kwargs: arguments of `keras.Model`.

    Call arguments:
        inputs: raw data, `(batch, *event)`; or a dict with `x` and any of the conditions, `(batch,)` each.

    Returns:
        A dict with `posterior` and `likelihood` (the parameters of q(z|x) and of p(x|z)), `z`, which is
        sampled in training and outside it, `log_posterior` (log q(z|x)), and `reconstruction`, the mean
        of p(x|z) in the units of the raw data.

    Raises:
        UnknownNameError: if a part's name is unknown.
        InvalidArgumentError: if `beta` is given beside an objective object, which has its own.
        IncompatiblePartsError: if two parts cannot live together.

    Example:
        >>> import numpy as np
        >>> from keras_vae.networks import convolutional_decoder, convolutional_encoder
        >>> vae = VAE(convolutional_encoder(), convolutional_decoder((28, 28, 1)), latent_dim=2, seed=0)
        >>> vae.compile(optimizer="adam")
        >>> history = vae.fit(np.zeros((8, 28, 28, 1), "float32"), verbose=0)
        >>> sorted(history.history)
        ['kl_loss', 'loss', 'reconstruction_loss']
    """

    train_function: Any

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
        conditions: Conditions | Mapping[str, Condition | str] | None = None,
        preprocessing: keras.layers.Layer | None = None,
        seed: int | None = None,
        calibration: Calibration | None = None,
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
        seeds = child_seeds(seed)
        self.encoder = encoder
        self.decoder = decoder
        self.preprocessing = Rescale() if preprocessing is None else preprocessing
        self.likelihood = specs.build(likelihood, Likelihood, seed=next(seeds))
        self.posterior = specs.build(posterior, Posterior, latent_dim=latent_dim, seed=next(seeds))
        self.prior = specs.build(prior, Prior, latent_dim=self.posterior.latent_dim, seed=next(seeds))
        own = {} if beta is None else {"beta": beta}
        self.objective = specs.build(objective, Objective, seed=next(seeds), **own)
        if conditions is not None and not isinstance(conditions, Conditions):
            conditions = Conditions(conditions, seed=next(seeds))
        self.conditions = conditions
        if conditions is not None:
            self.fusion = Fusion(seed=next(seeds))
        check_parts(self.posterior, self.prior, has_conditions=conditions is not None)
        self.seed = seed
        self.calibration = calibration
        self.sampling = Sampling(seed)
        self.mean_of_terms = _MeanOfTerms()
        self.reconstruction_loss_tracker = keras.metrics.Mean(name="reconstruction_loss")
        self.kl_loss_tracker = keras.metrics.Mean(name="kl_loss")

    def build(self, input_shape: Any) -> None:
        if not isinstance(input_shape, dict):
            input_shape = {"x": input_shape}
        inputs = {name: keras.KerasTensor(tuple(shape)) for name, shape in input_shape.items()}
        event_shape = self.preprocessing.compute_output_spec(inputs["x"]).shape[1:]
        if self.likelihood.event_shape is None:
            self.likelihood.event_shape = event_shape
        if self.conditions is not None and getattr(self.prior, "condition_width", 0) is None:
            self.prior.condition_width = self.conditions.width
        if not self.prior.built:
            self.prior.build(event_shape)
        self.compute_output_spec(inputs)

    def call(self, inputs: Any, training: bool | None = None) -> dict[str, Any]:
        x, columns = split_inputs(inputs)
        c = self._condition(columns, ops.shape(x)[0], training)
        q_parameters = self._posterior_parameters(self.preprocessing(x), c, training)
        q = self.posterior.distribution(q_parameters)
        self.objective.check(q, self._prior(c))
        z, log_q = self.sampling.draw(q, self.objective.num_samples)
        p_parameters = self._decode_parameters(z, c, training)
        reconstruction = self.likelihood.distribution(p_parameters).mean
        outputs = {
            "posterior": q_parameters,
            "z": self._batch_first(z),
            "log_posterior": self._batch_first(log_q),
            "likelihood": self._all_batch_first(p_parameters),
            "reconstruction": self.preprocessing.inverse(self._batch_first(reconstruction)),
        }
        if c is not None:
            outputs["condition"] = c
        if self.objective.needs_detached:
            detached = self._decode_parameters(ops.stop_gradient(z), c, training)
            outputs["detached_likelihood"] = self._all_batch_first(detached)
        return outputs

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
        target = self.preprocessing(split_inputs(x)[0])
        z, p_z = self._samples_first(y_pred["z"]), self._prior(y_pred.get("condition"))
        terms = self.objective.terms(
            Batch(
                log_likelihood=self._log_likelihood(y_pred["likelihood"], target),
                log_posterior=self._samples_first(y_pred["log_posterior"]),
                log_prior=p_z.log_prob(z),
                z=z,
                posterior=self.posterior.distribution(y_pred["posterior"]),
                prior=p_z,
                detached_log_likelihood=self._log_likelihood(y_pred["detached_likelihood"], target)
                if self.objective.needs_detached
                else None,
            )
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
        self._make_variables(x)
        if "validation_data" in kwargs:
            kwargs["validation_data"] = feed(kwargs["validation_data"])
        return super().fit(feed(x), y, *args, sample_weight=sample_weight, **kwargs)

    def evaluate(
        self, x: Any = None, y: Any = None, *args: Any, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """Keras's `evaluate`; with `sample_weight` heeded as in `fit`."""
        y = sample_weight if y is None else y
        return super().evaluate(feed(x), y, *args, sample_weight=sample_weight, **kwargs)

    def test_on_batch(self, x: Any, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Keras's `test_on_batch`; with JAX on several devices every process gives the whole batch."""
        if y is None and is_shared():
            x, y = share(x)
        return super().test_on_batch(x, y, *args, **kwargs)

    def train_step(self, *args: Any) -> Any:
        """Keras's own, for the batch that all shares make together."""
        *state, batch = args
        return super().train_step(*state, without_padding(batch))

    def test_step(self, *args: Any) -> Any:
        """As `train_step`."""
        *state, batch = args
        return super().test_step(*state, without_padding(batch))

    def make_train_function(self, force: bool = False) -> Any:
        """Keras's own; on JAX with `steps_per_execution` as one call of the device."""
        if not is_wanted(self):
            return super().make_train_function(force=force)
        if self.train_function is None or force:
            self.train_function = scanned(self.train_step, self.steps_per_execution)
        return self.train_function

    def save(
        self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
    ) -> None:
        """Keras's `save`; a `.keras` file also says what it holds, which `keras_vae.load` checks.

        `hf://USER/NAME` is a repository of the Hugging Face Hub: beside what Keras keeps there, and loads,
        it gets the `.keras` file.
        """
        if is_address(filepath):
            upload_model(Address.of(filepath), self.save)
            return
        super().save(filepath, overwrite=overwrite, zipped=zipped, **kwargs)
        if Path(filepath).suffix == ".keras" and Path(filepath).is_file():
            seal(Path(filepath))

    def get_config(self) -> dict:
        parts = ("encoder", "decoder", "likelihood", "posterior", "prior", "objective", "preprocessing")
        serialized = {
            part: keras.saving.serialize_keras_object(getattr(self, part))
            for part in (*parts, "conditions", "calibration")
        }
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

    def _make_variables(self, x: Any) -> None:
        """Those of the model and of the optimiser, for data that tell their shape.

        TensorFlow compiles a step twice, and takes twice the time to begin, if the first call makes them.
        """
        if getattr(self, "run_eagerly", False):
            return
        if isinstance(x, keras.utils.PyDataset):
            x = x[0]
            x = x[0] if isinstance(x, tuple) else x
        if not self.built and all(hasattr(each, "shape") for each in keras.tree.flatten(x)):
            self.build(batch_shape(x))
        # There is none before `compile`, which Keras's `fit` then asks for.
        optimizer = getattr(self, "optimizer", None)
        if self.built and optimizer is not None and not optimizer.built:
            optimizer.build(self.trainable_variables)

    def _log_likelihood(self, outputs: dict[str, Tensor], target: Tensor) -> Tensor:
        """log p(x|z) for each sample of z and each example, `(num_samples, batch)`."""
        parameters = {name: self._samples_first(each) for name, each in outputs.items()}
        return self.likelihood.distribution(parameters).log_prob(target)

    def _batch_first(self, samples: Tensor) -> Tensor:
        """`(num_samples, batch, …)` → `(batch, num_samples, …)`; a single sample loses its axis.

        Keras joins what `call` returns along its first axis.
        """
        return samples[0] if self.objective.num_samples == 1 else ops.moveaxis(samples, 0, 1)

    def _all_batch_first(self, parameters: dict[str, Tensor]) -> dict[str, Tensor]:
        return {name: self._batch_first(each) for name, each in parameters.items()}

    def _samples_first(self, outputs: Tensor) -> Tensor:
        """The way back from `_batch_first`."""
        return outputs[None] if self.objective.num_samples == 1 else ops.moveaxis(outputs, 1, 0)
