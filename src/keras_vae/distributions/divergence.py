"""KL divergences: a closed form where one is registered, Monte Carlo where none is."""

from collections.abc import Callable, Iterator
from typing import Any

from keras import ops

from keras_vae.distributions.distribution import Distribution
from keras_vae.distributions.precision import Tensor

_ClosedForm = Callable[[Any, Any], Tensor]
_CLOSED_FORMS: dict[tuple[type, type], _ClosedForm] = {}


def register_kl(q_class: type, p_class: type) -> Callable[[_ClosedForm], _ClosedForm]:
    """Register the decorated `f(q, p)` as the closed form of KL(q ‖ p) for two classes.

    It is also used for classes that derive from them and have no closer form of their own.
    """

    def register(closed_form: _ClosedForm) -> _ClosedForm:
        _CLOSED_FORMS[q_class, p_class] = closed_form
        return closed_form

    return register


def kl(
    q: Distribution,
    p: Distribution,
    log_ratio: Tensor | None = None,
    *,
    num_samples: int = 1,
    seed: Any = None,
) -> Tensor:
    """KL(q ‖ p) in nats, summed over the event.

    Exact where a closed form is registered for the two classes; otherwise the unbiased estimate
    mean over z of log q(z) − log p(z), z ~ q, which a single batch may put below zero.

    Args:
        q: the distribution that is averaged over.
        p: the one it is compared with.
        log_ratio: log q(z) − log p(z) of samples drawn from `q`, `(num_samples, batch)`, for the estimate;
            drawn here if `None`.
        num_samples: how many to draw.
        seed: an integer or a `keras.random.SeedGenerator`.

    Returns:
        `(batch,)`.

    Example:
        >>> import numpy as np
        >>> from keras_vae.distributions import Normal
        >>> q = Normal(mu=np.ones((1, 2), "float32"), log_var=np.zeros((1, 2), "float32"))
        >>> p = Normal(mu=np.zeros((1, 2), "float32"), log_var=np.zeros((1, 2), "float32"))
        >>> print(ops.convert_to_numpy(kl(q, p)))
        [1.]
    """
    for classes in _candidates(type(q), type(p)):
        if classes in _CLOSED_FORMS:
            return _CLOSED_FORMS[classes](q, p)
    if log_ratio is None:
        z, log_q = q.sample_and_log_prob(num_samples, seed=seed)
        log_ratio = log_q - ops.cast(p.log_prob(z), log_q.dtype)
    return ops.mean(log_ratio, axis=0)


def _candidates(q_class: type, p_class: type) -> Iterator[tuple[type, type]]:
    for q_base in q_class.__mro__:
        for p_base in p_class.__mro__:
            yield q_base, p_base
