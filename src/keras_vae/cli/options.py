"""Arguments and options that several commands share."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from keras_vae.errors import InvalidArgumentError

PICTURES = (".png", ".pdf", ".svg")
ARRAYS = (".npy",)
TABLES = (".csv", ".csv.gz", ".parquet")
# A path without an ending: a file for each image.
FOLDERS = ("",)
_MOST_NAMED = 10

RunFolder = Annotated[
    Path,
    typer.Argument(
        metavar="RUN", help="The folder of a finished run, or hf://USER/NAME[@REVISION] for one on the Hub."
    ),
]
Data = Annotated[
    str | None,
    typer.Argument(
        metavar="DATA",
        help="mnist-5k, mnist, shapes, or the path of a folder or a file; the run's own data if left out.",
        show_default=False,
    ),
]
Size = Annotated[
    str | None,
    typer.Option(
        metavar="N|WxH",
        help="For a folder: the size of all images. [default: their own up to 128, else 64]",
        show_default=False,
    ),
]
Resize = Annotated[
    str, typer.Option(help="How they get there: fill (cut what hangs over), pad, or fit (stretch).")
]
Color = Annotated[str, typer.Option(help="For a folder: grey, rgb, or auto: rgb if any image is.")]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="NAME=KIND",
        help="For a table: what a column is, where it is not recognised: real, integer, count, boolean, "
        "category, date, or ignore to leave it out; several times for several.",
        show_default=False,
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="For a table: the column that says train or test of each row. [default: by what a row holds]",
        show_default=False,
    ),
]
Binarize = Annotated[
    str | None,
    typer.Option(
        metavar="WAY",
        help="For images, in black and white: threshold, white from half the brightness on; or sampled, "
        "each pixel white with its brightness as probability, drawn once. [default: as they are]",
        show_default=False,
    ),
]
Endpoints = Annotated[
    list[str] | None,
    typer.Option(
        "--endpoint",
        help="encode, decode, score or sample; several times for several. [default: all]",
        show_default=False,
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")]
Json = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]


def read_data(
    data: str,
    size: str | None,
    resize: str,
    color: str,
    column: list[str] | None = None,
    split: str | None = None,
    binarize: str | None = None,
) -> Any:
    """The data set that the argument and these options name."""
    from keras_vae.data import load, parse_size

    return load(data, parse_size(size) if size else None, resize, color, kinds_of(column), split, binarize)


def run_data(finished: Any, data: str | None) -> Any:
    """The data of a finished run, or others like them; what the model does not know of them is said."""
    dataset = finished.data(data)
    say_unknown(dataset.findings.unknown)
    return dataset


def run_items(finished: Any, data: str | None) -> Any:
    """All items of a source as the model of a run takes them; what is left out or unknown is said."""
    items = finished.items(data)
    unreadable = items.findings.unreadable
    say_left_out(list(unreadable.values())[:_MOST_NAMED], len(unreadable))
    say_unknown(items.findings.unknown)
    return items


def say_left_out(named: Sequence[str], count: int) -> None:
    """Why some of those that cannot be read cannot, and how many more there are."""
    for why in named:
        typer.echo(f"left out: {why}", err=True)
    if count > len(named):
        typer.echo(f"left out: {count - len(named):,} more that cannot be read.", err=True)


def say_unknown(unknown: Mapping[str, int]) -> None:
    """How many entries of a column are categories that the model does not know."""
    for name, count in unknown.items():
        typer.echo(
            f"{name}: {count:,} entries are categories that the model does not know, and count as missing.",
            err=True,
        )


def kinds_of(texts: list[str] | None) -> dict[str, str]:
    """The kinds of columns that `--column` spells."""
    kinds = {}
    for text in texts or ():
        name, equals, kind = text.rpartition("=")
        if not equals:
            raise InvalidArgumentError(f"--column is written NAME=KIND. Received: {text!r}")
        kinds[name] = kind
    return kinds


def out_option(suffixes: tuple[str, ...], default: str | None = None, folder: str = "images") -> Any:
    """`--out FILE`, for files of these kinds; without a `default`, written only if it is given.

    `folder` says what is in one, where "" is among the kinds.
    """
    kinds = ", ".join(suffix or f"no ending for a folder of {folder}" for suffix in suffixes)
    where = default and (default if "/" in default else f"RUN/pictures/{default}")
    return typer.Option(
        "--out",
        metavar="FILE",
        callback=checked(suffixes),
        help=f"Where to write: {kinds}." + (f" [default: {where}]" if where else ""),
        show_default=False,
    )


def example(text: str) -> Callable[[Callable], Any]:
    """Give a command the example that ends its help."""

    def give(command: Callable) -> Callable:
        command.example = f"Example: {text}"  # type: ignore[attr-defined]
        return command

    return give


def has_ending(path: Path, suffixes: tuple[str, ...]) -> bool:
    """Whether a file ends in one of these; "" stands for no ending.

    Example:
        >>> has_ending(Path("a.csv.gz"), (".csv.gz",)), has_ending(Path("made"), (".csv", ""))
        (True, True)
    """
    if not path.suffix:
        return "" in suffixes
    return path.name.lower().endswith(tuple(filter(None, suffixes)))


def checked(suffixes: tuple[str, ...], option: str = "--out") -> Callable[[Path | None], Path | None]:
    """The callback of an option for a file that must end in one of these."""

    def check(path: Path | None) -> Path | None:
        if path is not None and not has_ending(path, suffixes):
            raise InvalidArgumentError(
                f"{option} {path}: files end in {', '.join(filter(None, suffixes))}. "
                f"Received: {path.suffix or 'no ending'}"
            )
        return path

    return check
