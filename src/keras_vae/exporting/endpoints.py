"""The endpoints of a model."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from keras import ops

from keras_vae.conditions import Category
from keras_vae.distributions import GivenNoise, Tensor
from keras_vae.errors import UnknownNameError
from keras_vae.exporting.endpoint import Endpoint, Port
from keras_vae.exporting.strangeness import strangeness
from keras_vae.vae import VAE

ENDPOINTS = ("encode", "decode", "score", "sample")

_OF_SCORES = {
    "score": "How strange it is, the higher the stranger.",
    "reconstruction": "−E_q[log p(x|z)], nats.",
    "kl": "KL(q(z|x) ‖ p(z)), nats.",
    "p_value": "How likely an ordinary example is to be at least as strange.",
}
_OWN_NAMES = ("image", "row", "latents", "decoded", "noise", *_OF_SCORES)


def endpoints_of(model: VAE, dtype: str, names: Iterable[str] = ENDPOINTS) -> list[Endpoint]:
    """What a trained model does, as functions of named arrays: raw data in, raw data out.

    - `encode`: `image`, or `row` of a table, and conditions → `latents`, the mean of q(z|x).
    - `decode`: `latents` and conditions → `decoded`, the mean of p(x|z).
    - `score`: what `encode` takes → `score`, `reconstruction`, `kl` and `p_value`.
    - `sample`: `noise`, numbers from N(0, 1), and conditions → `decoded`: of images the mean of p(x|z) for
      a z from the prior; of a table a draw from p(x|z), or its mean where counts or Student's t are in it.

    Args:
        model: a trained model, in float32.
        dtype: of its raw data.
        names: which of them.

    Raises:
        UnknownNameError: if there is no endpoint of one of the names.

    Example:
        >>> from keras_vae import data, recipes
        >>> model = recipes.get("dense").model(data.load("mnist-5k"), latent_dim=3)
        >>> model.build((None, 28, 28, 1))
        >>> for each in endpoints_of(model, "uint8", ["encode", "sample"]):
        ...     print([(port.name, port.dtype, port.shape) for port in (*each.inputs, *each.outputs)])
        [('image', 'uint8', (28, 28, 1)), ('latents', 'float32', (3,))]
        [('noise', 'float32', (3,)), ('decoded', 'float32', (28, 28, 1))]
    """
    makers = {"encode": _encode, "decode": _decode, "score": _score, "sample": _sample}
    endpoints = []
    for name in names:
        if name not in makers:
            raise UnknownNameError("endpoint", name, ENDPOINTS)
        endpoints.append(makers[name](_Ports(model, dtype)))
    return endpoints


class _Ports:
    """The names, types and shapes of what a model takes and gives."""

    def __init__(self, model: VAE, dtype: str) -> None:
        self.model = model
        event_shape = tuple(model.likelihood.event_shape or ())
        self.is_table = len(event_shape) == 1
        what = "A row, its columns as numbers" if self.is_table else "Pixels"
        self.x = Port("row" if self.is_table else "image", dtype, event_shape, f"{what}.")
        self.latents = Port("latents", "float32", (model.latent_dim,), "A latent code.")
        self.decoded = Port("decoded", "float32", event_shape, f"{what}, in the units of the data.")
        columns = model.conditions.columns if model.conditions else {}
        self.conditions = tuple(
            _condition_port(name, each, name_)
            for (name, each), name_ in zip(columns.items(), _plain_names(columns), strict=True)
        )

    def batch(self, given: Mapping[str, Tensor]) -> Any:
        """What the model takes: the data, or a dict of them and the conditions."""
        return {"x": given[self.x.name], **self.columns(given)} if self.conditions else given[self.x.name]

    def columns(self, given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The conditions by the model's own names."""
        return {str(each.condition): given[each.name] for each in self.conditions}


def _encode(ports: _Ports) -> Endpoint:
    def encode(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {"latents": ports.model.encode(ports.batch(given)).mean}

    return Endpoint("encode", (ports.x, *ports.conditions), (ports.latents,), encode, {})


def _decode(ports: _Ports) -> Endpoint:
    def decode(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {"decoded": ports.model.generate(given["latents"], ports.columns(given))}

    return Endpoint("decode", (ports.latents, *ports.conditions), (ports.decoded,), decode, {})


def _score(ports: _Ports) -> Endpoint:
    function, settings = strangeness(ports.model)

    def score(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return function(ports.batch(given))

    found = [each for each in _OF_SCORES if each != "p_value" or ports.model.calibration is not None]
    outputs = tuple(Port(name, "float32", (), _OF_SCORES[name]) for name in found)
    return Endpoint("score", (ports.x, *ports.conditions), outputs, score, settings)


def _sample(ports: _Ports) -> Endpoint:
    draws = ports.is_table and _can_draw(ports)

    def sample(given: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {"decoded": _sampled(ports, GivenNoise(given["noise"]), ports.columns(given), draws)}

    port = Port("noise", "float32", (_noise_needed(ports, draws),), "Independent numbers from N(0, 1).")
    settings = {"draws": draws}
    return Endpoint("sample", (port, *ports.conditions), (ports.decoded,), sample, settings)


class _CountedNoise(GivenNoise):
    """Zeros, for one example; it counts how many are asked for."""

    def __init__(self) -> None:
        super().__init__(ops.zeros((1, 0)))

    def normal(self, shape: tuple) -> Tensor:
        zeros = ops.zeros((1, *shape[1:]))
        self.used += int(ops.size(zeros))
        return zeros


def _sampled(ports: _Ports, noise: GivenNoise, conditions: dict[str, Tensor], draws: bool) -> Tensor:
    count = ops.shape(noise.noise)[0]
    z = ports.model.sample_latents(count, noise, conditions)
    return ports.model.draw(z, conditions, noise) if draws else ports.model.generate(z, conditions)


def _noise_needed(ports: _Ports, draws: bool) -> int:
    """How many numbers a sample is made of."""
    noise = _CountedNoise()
    _sampled(
        ports, noise, {str(each.condition): ops.zeros(1, each.dtype) for each in ports.conditions}, draws
    )
    return noise.used


def _can_draw(ports: _Ports) -> bool:
    """Whether p(x|z) can be drawn from numbers that are given; gamma variates, of counts, cannot."""
    try:
        _noise_needed(ports, draws=True)
    except ValueError:
        return False
    return True


def _condition_port(name: str, condition: Any, plain: str) -> Port:
    if isinstance(condition, Category):
        names = condition.names or range(condition.num_categories)
        known = ", ".join(f"{i} for {each}" for i, each in enumerate(names))
        return Port(plain, "int32", (), f"{name}: {known}; −1 for unknown.", name)
    return Port(plain, "float32", (), f"{name}; NaN for unknown.", name)


def _plain_names(names: Iterable[str]) -> list[str]:
    """Each with letters, digits and underscores alone, and unlike the others and our own.

    Example:
        >>> _plain_names(["sex (m/f)", "label", "score"])
        ['sex_m_f', 'label', 'score_2']
    """
    taken = {*_OWN_NAMES}
    found = []
    for name in names:
        plain = base = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "condition"
        number = 1
        while plain in taken:
            number += 1
            plain = f"{base}_{number}"
        taken.add(plain)
        found.append(plain)
    return found
