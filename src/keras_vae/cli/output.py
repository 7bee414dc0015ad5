"""What the commands print and write."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from keras_vae.cli.options import ARRAYS, TABLES, has_ending
from keras_vae.errors import InvalidArgumentError, KerasVaeError, RunError, StoppedError
from keras_vae.plain import plain

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from rich.console import Console

    from keras_vae.data import Schema


def exit_code(error: KerasVaeError) -> int:
    """What the command exits with.

    Example:
        >>> exit_code(InvalidArgumentError("too small"))
        2
    """
    return 128 + error.signal if isinstance(error, StoppedError) else 2


def print_json(content: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(plain(content), indent=2, ensure_ascii=False))


def print_table(title: str, rows: dict[str, str]) -> None:
    """Names and figures, in two columns."""
    from rich.table import Table

    table = Table(title=title, show_header=False, title_justify="left", title_style="bold")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, figure in rows.items():
        table.add_row(name, figure)
    _console(100).print(table)


def print_columns(title: str | None, rows: list[list[str]]) -> None:
    """A table with its line of headings first."""
    from rich.table import Column, Table

    columns = (Column(heading, overflow="fold") for heading in rows[0])
    table = Table(*columns, title=title, title_justify="left", title_style="bold", header_style="dim")
    for row in rows[1:]:
        table.add_row(*row)
    _console(120).print(table)


def _console(width: int) -> "Console":
    """As wide as the terminal, or so wide where there is none; brackets in data are no markup."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else width, markup=False, emoji=False)


def diagnosis_rows(diagnosis: dict[str, Any]) -> dict[str, str]:
    """The rows of a table that tell what the latent units do."""
    rows = {"active units": f"{diagnosis['active_units']} of {len(diagnosis['variance_of_means'])}"}
    if diagnosis["kl_per_unit"] is not None:
        rows["KL per unit"] = ", ".join(f"{kl:.2f}" for kl in diagnosis["kl_per_unit"]) + " nats"
    return {**rows, "verdict": diagnosis["verdict"]}


def write_result(
    out: Path,
    array: "np.ndarray | None",
    figure: Callable[[], "Figure"],
    quiet: bool,
    described: dict[str, Any] | None = None,
    json: bool = False,
) -> None:
    """Write an array (`.npy`), its images (no ending) or its picture, and say where, as JSON if asked to.

    For images, `described` is what the run's description says of its data.

    Raises:
        RunError: if the file cannot be written.
    """
    if has_ending(out, TABLES):
        raise InvalidArgumentError(
            f"{out}: this run's model makes images, which become a picture, an .npy file or a folder."
        )
    from keras_vae.data import whole_file

    with writing(out, quiet, json):
        if out.suffix.lower() == ".npy":
            import numpy as np

            with whole_file(out) as partial:
                np.save(partial, np.asarray(array))
        elif not out.suffix:
            from keras_vae.data import write_images

            assert array is not None
            assert described is not None
            write_images(out, array, described["dtype"], described["value_range"])
        else:
            drawn = figure()
            with whole_file(out) as partial:
                drawn.savefig(partial)


def write_rows(
    out: Path,
    schema: "Schema",
    matrix: "np.ndarray",
    quiet: bool,
    given: dict[str, Any] | None = None,
    first: "dict[str, np.ndarray] | None" = None,
    json: bool = False,
) -> None:
    """Write rows as a table in the types of its columns, or as an `.npy` file of numbers, and say where.

    Args:
        out: the file.
        schema: what the columns are.
        matrix: `(…, num_columns)`; a table has all rows, one after the other.
        quiet: whether to say nothing.
        given: values of conditions, which become the last columns.
        first: a value for each row of columns before the others; where the table has one of that name, it
            gets an underscore.
        json: whether to say where as JSON.

    Raises:
        InvalidArgumentError: if the file is of another kind.
        RunError: if it cannot be written.
    """
    if not has_ending(out, (*TABLES, *ARRAYS)):
        raise InvalidArgumentError(
            f"{out}: this run's model makes rows of a table, which are written as "
            f"{', '.join(TABLES + ARRAYS)}."
        )
    from keras_vae.data import whole_file, write_table

    with writing(out, quiet, json):
        if has_ending(out, ARRAYS):
            import numpy as np

            with whole_file(out) as partial:
                np.save(partial, matrix)
        else:
            rows = schema.decode(matrix.reshape(-1, matrix.shape[-1]), given)
            for name, values in reversed((first or {}).items()):
                while name in rows.column_names:
                    name += "_"
                rows = rows.add_column(0, name, [values])
            write_table(out, rows)


@contextlib.contextmanager
def writing(out: Path, quiet: bool, json: bool = False) -> Iterator[None]:
    """Inside it a file is written; then it says where, as JSON if asked to.

    Raises:
        RunError: if that fails.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise RunError(f"{out} cannot be written: {error}") from error
    if json:
        print_json({"file": str(out)})
    elif not quiet:
        typer.echo(f"Wrote {out}")
