"""Parts by name: `"normal:scale=0.1"` becomes `Normal(scale=0.1)`."""

import ast
import inspect
import re
import sys
from typing import Any

from keras_vae.errors import InvalidArgumentError, UnknownNameError


def build(identifier: Any, abstract: type, **context: Any) -> Any:
    """The part that `identifier` stands for.

    Args:
        identifier: a part, which is returned as it is; or its name in snake case, with options behind
            a colon: `"name"`, `"name:option=value,option=value"`.
        abstract: the class they all derive from; its package's `__all__` lists the ones to choose from.
        **context: arguments for the class from the caller, which the text may overrule. Those that
            the class does not take are left out.

    Raises:
        UnknownNameError: if there is no part, or no option, of that name.
        InvalidArgumentError: if the text cannot be read.

    Example:
        >>> from keras_vae.likelihoods import Likelihood
        >>> build("normal:scale=0.5", Likelihood).scale
        0.5
    """
    if not isinstance(identifier, str):
        return identifier
    kind = snake_case(abstract.__name__)
    name, _, text = identifier.partition(":")
    classes = choices(abstract)
    if name not in classes:
        raise UnknownNameError(kind, name, classes)
    return make(classes[name], f"{kind} {name!r}", text, **context)


def make(cls: type, what: str, text: str, **context: Any) -> Any:
    """An object of `cls` with the options that `text` spells, `"option=value,option=value"`.

    Args:
        cls: its class.
        what: what to call it in messages.
        text: the options.
        **context: arguments from the caller, as for `build`.

    Raises:
        UnknownNameError: if the class has no such option.
        InvalidArgumentError: if the text cannot be read.

    Example:
        >>> make(complex, "number", "", real=1.0)
        (1+0j)
    """
    accepted = set(inspect.signature(cls).parameters) - {"kwargs"}
    options = _options(text, what)
    for option in options:
        if option not in accepted:
            raise UnknownNameError(f"option of {what}:", option, accepted)
    arguments = {key: value for key, value in context.items() if key in accepted} | options
    try:
        return cls(**arguments)
    except TypeError as error:
        raise InvalidArgumentError(f"{what} cannot be built: {error}.") from error


def choices(abstract: type) -> dict[str, type]:
    """The public classes in the package of `abstract` that can be made from it, by name in snake case.

    Example:
        >>> from keras_vae.likelihoods import Likelihood
        >>> choices(Likelihood)["bernoulli"].__name__
        'Bernoulli'
    """
    package = sys.modules[abstract.__module__.rpartition(".")[0]]
    members = (getattr(package, name) for name in package.__all__)
    return {
        snake_case(member.__name__): member
        for member in members
        if inspect.isclass(member) and issubclass(member, abstract) and not inspect.isabstract(member)
    }


def snake_case(name: str) -> str:
    """`DiagonalNormal` → `diagonal_normal`, `ELBO` → `elbo`.

    Example:
        >>> snake_case("DiagonalNormal"), snake_case("ELBO")
        ('diagonal_normal', 'elbo')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _options(text: str, what: str) -> dict[str, Any]:
    options = {}
    for item in filter(None, re.split(r",(?![^(\[]*[)\]])", text)):
        option, equals, value = item.partition("=")
        if not equals:
            raise InvalidArgumentError(
                f"{what} cannot be read: expected 'name:option=value,option=value', and {item!r} has "
                "no '='."
            )
        options[option.strip()] = _value(value.strip())
    return options


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
