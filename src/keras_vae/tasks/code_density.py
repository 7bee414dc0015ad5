"""A density of the codes of data, fitted after training, to sample from in place of the prior."""

from typing import Any

from keras_vae.arguments import positive_integer
from keras_vae.code_density import CodeDensity
from keras_vae.data import count, spread, take
from keras_vae.errors import DataError, IncompatiblePartsError
from keras_vae.tasks.embed import embed
from keras_vae.vae import VAE

_MOST_EXAMPLES = 20_000
_MOST_ITERATIONS = 1000
# In nats an example: a density that is better by less is not worth more iterations.
_LEAST_GAIN = 0.01


def fit_density(model: VAE, x: Any, num_components: int = 10, seed: int = 0) -> CodeDensity:
    """A mixture of full-covariance normals, fitted to samples of the posteriors of `x`.

    One z ~ q(z|x) of each example, of 20,000 at most, spread evenly over `x`; the mixture is scikit-learn's
    `GaussianMixture`, fitted by expectation maximisation from the clusters of k-means. Where the codes do
    not fill the prior, samples of the mixture decode to what was seen in training, and those of the prior
    do not (Ghosh et al., 2020, "From variational to deterministic autoencoders", section 4, ex-post density
    estimation). For a model with conditions the mixture is one of all examples, whatever their conditions.

    Args:
        model: a trained model whose codes do not live on a sphere.
        x: raw data, `(n, *event)`, or a dict with `x` and conditions: best those it was trained on.
        num_components: K; more follow the codes more closely, until they follow single examples.
        seed: of the samples of z and of the clusters: the same seed gives the same density.

    Raises:
        InvalidArgumentError: if `num_components` is no positive integer.
        IncompatiblePartsError: if the codes live on a sphere, where a mixture of normals does not.
        DataError: if there are fewer examples than components, or only one.
    """
    num_components = positive_integer("num_components", num_components)
    if model.posterior.space != "euclidean":
        raise IncompatiblePartsError(
            f"A mixture of normals is no density on the {model.posterior.space} where the codes of a "
            f"{type(model.posterior).__name__} posterior live: sample from its prior, or train with "
            "posterior='diagonal_normal' and prior='standard_normal'."
        )
    total, least = count(x), max(2, num_components)
    if total < least:
        raise DataError(
            f"A mixture of {num_components} normals is fitted to {least} examples or more. "
            f"Received: {total}"
        )
    from sklearn.mixture import GaussianMixture

    codes = embed(model, take(x, spread(total, _MOST_EXAMPLES)), num_samples=1, seed=seed)[:, 0]
    fitted = GaussianMixture(num_components, tol=_LEAST_GAIN, max_iter=_MOST_ITERATIONS, random_state=seed)
    fitted.fit(codes.astype("float64"))
    return CodeDensity(fitted.weights_, fitted.means_, fitted.covariances_)
