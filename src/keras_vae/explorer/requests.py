"""What the page may ask for, in types that are checked."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e9, le=1e9)]
Index = Annotated[int, Field(ge=0, le=10**9)]
Unit = Annotated[int, Field(ge=0, le=10**6)]
Texts = Annotated[dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=1000)]
Method = Literal["linear", "spherical"]
Steps = Annotated[int, Field(ge=2, le=64)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Codes(_Strict):
    """Latent codes to decode, under these conditions."""

    codes: Annotated[
        list[Annotated[list[Finite], Field(max_length=10_000)]], Field(min_length=1, max_length=256)
    ]
    conditions: Texts = {}


class Over(_Strict):
    """A map: the plane through two units, or through the principal components."""

    units: tuple[Unit, Unit] | None = None
    conditions: Texts = {}


class Place(Over):
    """A place on a map."""

    point: tuple[Finite, Finite]


class Draw(_Strict):
    """A code of the prior."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)]
    conditions: Texts = {}


class Path(_Strict):
    """The way from one item to another."""

    start: Index
    end: Index
    steps: Steps = 17
    method: Method = "spherical"
    conditions: Texts = {}


class Gallery(_Strict):
    """Items, and how to show them."""

    items: Annotated[list[Index], Field(min_length=1, max_length=200)]
    what: Literal["original", "reconstruction", "where"] = "original"


class Row(_Strict):
    """A row of a table, as texts by column."""

    values: Texts
    conditions: Texts = {}


class Training(_Strict):
    """A training to begin: of what was dropped, or of a data set that comes with the package."""

    dropped: Annotated[str, Field(max_length=40)] | None = None
    data: Literal["mnist-5k"] | None = None
    recipe: Annotated[str, Field(max_length=40)] | None = None
    epochs: Annotated[int, Field(ge=1, le=100_000)] | None = None
    latent_dim: Annotated[int, Field(ge=1, le=4096)] | None = None
    likelihood: Annotated[str, Field(max_length=200)] | None = None
    batch_size: Annotated[int, Field(ge=1, le=65_536)] | None = None
