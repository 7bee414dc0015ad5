"""A mixture of normals over latent codes."""

import dataclasses
from dataclasses import dataclass

import keras
import numpy as np

from keras_vae.arguments import positive_integer, positive_number


@keras.saving.register_keras_serializable(package="keras_vae")
@dataclass(frozen=True, eq=False)
class CodeDensity:
    """A mixture of K normals, Σₖ πₖ N(z; μₖ, Σₖ).

    Args:
        weights: πₖ, `(num_components,)`.
        means: μₖ, `(num_components, latent_dim)`.
        covariances: Σₖ, `(num_components, latent_dim, latent_dim)`.

    Example:
        >>> density = CodeDensity(np.ones(1), np.zeros((1, 2)), np.array([[[4.0, 0.0], [0.0, 1.0]]]))
        >>> density.log_prob(np.zeros((1, 2))).round(4)  # −log 2π − log 2
        array([-2.531])
        >>> density.sample(5, seed=0).shape
        (5, 2)
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    @property
    def latent_dim(self) -> int:
        """The number of latent units."""
        return self.means.shape[1]

    def sample(self, num_samples: int, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """Codes from the mixture, `(num_samples, latent_dim)`, float32.

        Args:
            num_samples: how many.
            seed: the same seed gives the same codes.
            temperature: what the standard deviation of each component is multiplied by.

        Raises:
            InvalidArgumentError: if `num_samples` is no positive integer, or `temperature` no positive
                number.
        """
        num_samples = positive_integer("num_samples", num_samples)
        temperature = positive_number("temperature", temperature)
        generator = np.random.default_rng(seed)
        choice = generator.choice(len(self.weights), num_samples, p=self.weights)
        z = generator.normal(size=(num_samples, self.latent_dim))
        for k, scale_tril in enumerate(np.linalg.cholesky(self.covariances)):
            z[choice == k] = self.means[k] + temperature * z[choice == k] @ scale_tril.T
        return z.astype("float32")

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        """The log-density of codes `(n, latent_dim)` in nats, `(n,)`."""
        z = np.asarray(z, "float64")
        of_components = []
        for mean, scale_tril in zip(self.means, np.linalg.cholesky(self.covariances), strict=True):
            noise = np.linalg.solve(scale_tril, (z - mean).T)
            log_scale = np.log(np.diagonal(scale_tril)).sum()
            of_components.append(-0.5 * (noise**2).sum(axis=0) - log_scale)
        with np.errstate(divide="ignore"):  # a component may have lost all its weight
            log_weights = np.log(self.weights)[:, None]
        normaliser = 0.5 * self.latent_dim * np.log(2.0 * np.pi)
        return np.logaddexp.reduce(log_weights + np.stack(of_components), axis=0) - normaliser

    def get_config(self) -> dict:
        """The arguments that rebuild this object."""
        return {field.name: getattr(self, field.name).tolist() for field in dataclasses.fields(self)}

    @classmethod
    def from_config(cls, config: dict) -> "CodeDensity":
        """The object that `get_config` describes."""
        return cls(**{name: np.array(each) for name, each in config.items()})
