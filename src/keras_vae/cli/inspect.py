"""`vae inspect`."""

import dataclasses
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_vae.cli.inspect_table import column_rows, odd_columns, table_rows
from keras_vae.cli.loading import waiting
from keras_vae.cli.options import (
    PICTURES,
    Color,
    Columns,
    Json,
    Quiet,
    Resize,
    Size,
    Split,
    example,
    out_option,
    read_data,
)
from keras_vae.cli.output import print_columns, print_json, print_table, write_result

if TYPE_CHECKING:
    from keras_vae.data import Inspection, TableInspection

_MOST_NAMED = 10
_SHOWN = 60


@example("vae inspect photos/ --out photos.png")
def inspect(
    data: Annotated[str, typer.Argument(metavar="DATA", help="As for `vae train`.")],
    size: Size = None,
    resize: Resize = "fill",
    color: Color = "auto",
    column: Columns = None,
    split: Split = None,
    out: Annotated[Path | None, out_option(PICTURES)] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Look at data before training. What was found, what is odd, and which settings that suggests.

    --out draws a contact sheet and a histogram; for a table, a histogram of each column.
    """
    with waiting("reading", quiet):
        import keras_vae.data
        from keras_vae import runs

        dataset = read_data(data, size, resize, color, column, split)
        found = keras_vae.data.inspect(dataset)
    if json:
        print_json({**dataclasses.asdict(found), "settings": found.settings})
    elif not quiet:
        show(data, found)
        typer.echo(f"\n  vae train {shlex.quote(data)} {_options(found, [*(column or ())], split)}")
    if out:
        write_result(out, None, lambda: runs.inspection(dataset), quiet or json)


def show(data: str, found: "Inspection | TableInspection") -> None:
    """Print what was found, and what it suggests."""
    from keras_vae.data import TableInspection

    if isinstance(found, TableInspection):
        print_table(data, table_rows(found) | odd_rows(found) | _suggested(found))
        print_columns("columns", column_rows(found))
    else:
        print_table(data, rows_of(found) | _suggested(found))


def odd_rows(found: "Inspection | TableInspection") -> dict[str, str]:
    """What a person should hear of before training."""
    from keras_vae.data import TableInspection

    rows = odd_columns(found) if isinstance(found, TableInspection) else _left_out(found)
    if found.duplicates:
        rows["copies"] = f"{found.duplicates:,} are copies of another, and in the same split"
    return rows


def _left_out(found: "Inspection") -> dict[str, str]:
    if not found.unreadable:
        return {}
    named = [f"{name}: {why}" for name, why in list(found.unreadable.items())[:_MOST_NAMED]]
    more = len(found.unreadable) - len(named)
    return {"left out": "\n".join(named + [f"and {more} more"] * bool(more))}


def rows_of(found: "Inspection") -> dict[str, str]:
    """What was found, in the order in which a person asks."""
    height, width, channels = found.event_shape
    low, high = found.value_range
    classes = [f"{name} ({number:,})" for name, number in found.classes.items()]
    sizes = [f"{name} ({number:,})" for name, number in found.sizes.items()]
    rows = {
        "images": f"{found.num_train:,} for training, {found.num_test:,} for testing",
        "shape": f"{width}×{height}, {_kind(channels)}, {found.dtype}",
        "values": f"{low:g} to {high:g}",
        "constant": f"{found.constant_elements:,} of {height * width * channels:,} numbers of an image",
    }
    if len(classes) > 1:
        rows["labels"] = _shortened(classes)
    if sizes:
        rows["sizes"] = _shortened(sizes)
    rows |= odd_rows(found)
    return rows


def _suggested(found: "Inspection | TableInspection") -> dict[str, str]:
    return {each.setting: f"{each.value}\n{each.reason}" for each in found.suggestions}


def _kind(channels: int) -> str:
    return {1: "grey", 3: "colour"}.get(channels, f"{channels} channels")


def _shortened(texts: list[str]) -> str:
    more = len(texts) - _MOST_NAMED
    return ", ".join(texts[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _options(found: "Inspection | TableInspection", columns: list[str], split: str | None) -> str:
    options = [f"--{name.replace('_', '-')} {value}" for name, value in found.settings.items()]
    options += [f"--column {shlex.quote(each)}" for each in columns]
    options += [f"--split {shlex.quote(split)}"] if split else []
    return " ".join(options)
