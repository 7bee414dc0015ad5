"""How far samples are from real images, as sets: the Fréchet distance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_vae.data import count, spread
from keras_vae.data.chosen import Chosen, choose
from keras_vae.errors import InvalidArgumentError
from keras_vae.latent_variable_model import split_inputs
from keras_vae.tasks.batching import map_batches
from keras_vae.tasks.image_features import SPACE, RandomFeatures, image_features
from keras_vae.vae import VAE

_MOST_IMAGES = 10_000


@dataclass(frozen=True)
class Frechet:
    """The distance of samples from test images, and what it would be for real images.

    Args:
        distance: of samples, the means of p(x|z) for z ~ p(z), from the test images.
        reference: of as many training images from the same test images: what a perfect model would reach,
            for the distance of finite sets is never zero, and the larger the smaller they are.
        num_images: in each of the three sets.
        num_features: of an image.
        space: where the distance is measured, and what it can be compared with.
    """

    distance: float
    reference: float
    num_images: int
    num_features: int
    space: str = SPACE


def frechet(
    model: VAE, x_test: Any, x_train: Any, value_range: tuple[float, float], seed: int = 0
) -> Frechet:
    """The Fréchet distance (Heusel et al., 2017) between samples of a model and test images.

    In the features of a fixed random network, see `image_features.RandomFeatures`: it is no FID, and
    compares only images of one size with each other. There are as many samples as test images, or as
    training images if those are fewer, and at most 10,000. A model with conditions is asked for those of
    the test images.

    Args:
        model: a trained model of images.
        x_test: raw images, `(n, height, width, channels)`, or a dict with `x` and conditions.
        x_train: likewise; only its images count.
        value_range: what is black and white.
        seed: of the samples: the same seed gives the same figures.

    Raises:
        InvalidArgumentError: if there are fewer than 2 images, or a side of them is shorter than 8.
    """
    x_train = split_inputs(x_train)[0]
    num_images = min(count(x_test), count(x_train), _MOST_IMAGES)
    images, columns = split_inputs(choose(x_test, spread(count(x_test), num_images)))
    conditions = {name: each[:] for name, each in columns.items()}
    real = image_features(images, value_range)
    others = image_features(Chosen(x_train, spread(count(x_train), num_images)), value_range)
    samples = _features_of_samples(
        model, num_images, RandomFeatures(images.shape[1:], value_range), seed, conditions
    )
    return Frechet(
        distance=frechet_distance(samples, real),
        reference=frechet_distance(others, real),
        num_images=num_images,
        num_features=real.shape[1],
    )


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """‖μ₁ − μ₂‖² + Tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½) of the means and covariances of two sets of features.

    It is the squared Wasserstein distance of the normals that have them (Dowson & Landau, 1982).

    Args:
        a: `(n, num_features)`, n at least 2.
        b: `(m, num_features)`, m at least 2.

    Raises:
        InvalidArgumentError: if a set has fewer than 2 rows.

    Example:
        >>> frechet_distance(np.array([[0.0], [2.0]]), np.array([[3.0], [5.0]]))
        9.0
    """
    if min(len(a), len(b)) < 2:
        raise InvalidArgumentError(
            f"A covariance needs at least 2 examples. Received: {len(a)} and {len(b)}"
        )
    covariances = (np.atleast_2d(np.cov(each, rowvar=False)) for each in (a, b))
    return normal_distance(a.mean(axis=0), b.mean(axis=0), *covariances)


def normal_distance(mu_1: np.ndarray, mu_2: np.ndarray, sigma_1: np.ndarray, sigma_2: np.ndarray) -> float:
    """The same for two normals, with means `(d,)` and covariances `(d, d)`, which may be singular.

    Tr (Σ₁Σ₂)^½ is the sum of the singular values of Σ₁^½ Σ₂^½, which no rounding makes complex.
    """
    overlap = np.linalg.svd(_root(sigma_1) @ _root(sigma_2), compute_uv=False).sum()
    of_covariances = np.trace(sigma_1) + np.trace(sigma_2) - 2.0 * overlap
    return float(((mu_1 - mu_2) ** 2).sum() + max(of_covariances, 0.0))


def _root(covariance: np.ndarray) -> np.ndarray:
    """The symmetric square root, by eigenvalues; those that rounding made negative are zero."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def _features_of_samples(
    model: VAE, num_samples: int, features: RandomFeatures, seed: int, conditions: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Of what `tasks.sample` makes, without all of the images in memory."""
    z = model.sample_latents(num_samples, keras.random.SeedGenerator(seed), conditions)

    def look(batch: dict[str, Any]) -> np.ndarray:
        return features(ops.convert_to_numpy(model.generate(batch.pop("z"), batch)))

    return map_batches(look, {"z": z, **conditions}, features.batch_size)
