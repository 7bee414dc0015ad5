"""Which parts cannot live together, as the parts themselves state it."""

from keras_vae.errors import IncompatiblePartsError
from keras_vae.posteriors import Posterior
from keras_vae.priors import Prior


def check_parts(posterior: Posterior, prior: Prior, has_conditions: bool) -> None:
    """Refuse a composition that has no meaning.

    Raises:
        IncompatiblePartsError: which names the two parts and the remedy.

    Example:
        >>> from keras_vae.posteriors import DiagonalNormal
        >>> from keras_vae.priors import StandardNormal
        >>> check_parts(DiagonalNormal(2), StandardNormal(2), has_conditions=False)
    """
    names = type(posterior).__name__, type(prior).__name__
    if prior.latent_dim != posterior.latent_dim:
        raise IncompatiblePartsError(
            f"The posterior has {posterior.latent_dim} latent units and the prior {prior.latent_dim}: "
            "give both the same latent_dim."
        )
    if prior.space != posterior.space:
        raise IncompatiblePartsError(
            f"The posterior {names[0]} lives in a latent space that is called {posterior.space!r}, and the "
            f"prior {names[1]} in one called {prior.space!r}. Use prior='uniform_sphere' with "
            "posterior='von_mises_fisher', and neither without the other."
        )
    if prior.needs_condition and not has_conditions:
        raise IncompatiblePartsError(
            f"The prior {names[1]} is p(z|c), and the model has no conditions. Give "
            "conditions={'label': 'category:num_categories=10'}, or another prior."
        )
