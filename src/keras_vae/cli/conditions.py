"""What generation is asked for: `--condition NAME=VALUE`."""

from typing import Annotated, Any

import typer

from keras_vae.errors import InvalidArgumentError

Condition = Annotated[
    list[str] | None,
    typer.Option(
        "--condition",
        metavar="NAME=VALUE",
        help="For a model trained with --condition: label=7; may be given several times. "
        "What is left out is unknown.",
        show_default=False,
    ),
]


def asked(model: Any, texts: list[str] | None) -> dict[str, float]:
    """The values that the options spell, for the conditions of a model."""
    if not texts:
        return {}
    if model.conditions is None:
        raise InvalidArgumentError(
            "This run's model has no conditions: `vae train --condition label` makes one that has."
        )
    schema = getattr(model.preprocessing, "schema", None)
    return model.conditions.parse(texts if schema is None else [_encoded(schema, text) for text in texts])


def _encoded(schema: Any, text: str) -> str:
    """A condition with its value in the model's units, where those are not the table's: of dates, days."""
    name, equals, value = text.partition("=")
    column = next((each for each in schema.given if each.name == name), None)
    value = value.strip()
    if column is None or column.classes or not equals or value == "unknown":
        return text
    return f"{name}={column.number_of(value):.17g}"


def suffix(texts: list[str] | None) -> str:
    """What the conditions add to the name of a file."""
    return "".join(f"-{text}" for text in texts or ()).replace("/", "-")
