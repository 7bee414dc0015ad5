"""The folder of a run: what is in it, and how it is read back."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from keras_vae import tasks
from keras_vae.data import (
    SOURCES,
    Dataset,
    Items,
    Schema,
    Table,
    count,
    load,
    open_table,
    read_table,
    split_table,
    spread,
    take,
)
from keras_vae.errors import DataError, DataNotFoundError, RunError, RunNotFoundError
from keras_vae.hub import Address, is_address
from keras_vae.model_file import load as load_model
from keras_vae.runs.items import find_items, relabelled
from keras_vae.runs.json_file import read_json
from keras_vae.runs.names import DESCRIPTION, HISTORY, METRICS, MODEL, PICTURES, REPORT
from keras_vae.runs.pulled import pulled
from keras_vae.runs.written import written

# Of the mixture of normals that stands for the codes of ordinary examples.
_MOST_COMPONENTS = 30
# P-values in steps of 0.0005 are fine enough; more would take time, and room in the model.
_MOST_CALIBRATED = 2000


@dataclass(frozen=True)
class Run:
    """A finished run, read from its folder.

    Args:
        folder: the folder that `train` wrote; or `hf://USER/NAME`, also with `@REVISION`, for what
            `push` put on the Hugging Face Hub. That is kept in `runs/USER-NAME-COMMIT`, which is then the
            folder.

    Raises:
        HubError: if there is no such run on the Hub, or it cannot be reached.
        RunNotFoundError: if there is no such folder, or its training did not finish.
    """

    folder: Path

    def __post_init__(self) -> None:
        folder = pulled(Address.of(self.folder)) if is_address(self.folder) else Path(self.folder)
        object.__setattr__(self, "folder", folder)
        if not self.folder.is_dir():
            raise RunNotFoundError(
                f"No run folder at {self.folder}. `vae train` writes one and prints where."
            )
        missing = [name for name in (DESCRIPTION, MODEL) if not (self.folder / name).is_file()]
        if missing:
            raise RunNotFoundError(
                f"{self.folder} holds no finished run: {' and '.join(missing)} missing. If its training "
                "was stopped, the same `vae train` with --resume goes on with it."
            )

    @cached_property
    def model(self) -> Any:
        """The trained model."""
        return load_model(self.folder / MODEL)

    @cached_property
    def description(self) -> dict[str, Any]:
        """What was trained on what, from `run.json`."""
        return read_json(self.folder / DESCRIPTION)

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """The figures on the test data, from `metrics.json`."""
        return read_json(self.folder / METRICS)

    @cached_property
    def history(self) -> dict[str, list[float]]:
        """The columns of `history.csv`."""
        return read_history(self.folder / HISTORY)

    @property
    def pictures(self) -> Path:
        """The folder of the pictures."""
        return self.folder / PICTURES

    @property
    def report(self) -> Path:
        """The page of the run."""
        return self.folder / REPORT

    @property
    def tables(self) -> Path:
        """The folder of the tables that the commands write."""
        return self.folder / "tables"

    @property
    def schema(self) -> Schema | None:
        """What the columns are of the tables that the model takes; `None` if it takes images."""
        return getattr(self.model.preprocessing, "schema", None)

    def data(self, name: Any = None) -> Dataset:
        """The data set of that name or path; the one that the run was trained on by default.

        Tables are read with the columns that the model knows, in whatever order.

        Raises:
            DataError: if its examples have another shape or other columns than the model's, or the run's
                own data are no longer what they were.
        """
        own = name is None
        described = self.description["data"]
        source = described["name"] if own else name
        if own and source not in SOURCES and not Path(source).exists():
            raise DataNotFoundError(
                f"The data of this run are not there any more, or came from Python: {source}. Name the "
                "data to use."
            )
        data = self._table(source, own) if self.schema else self._images(source, own)
        if own and data.fingerprint != described["fingerprint"]:
            raise DataError(
                f"{data.name} has changed since this run was trained on it (its fingerprint differs). "
                "Name the data to use if that is what you want."
            )
        return data

    def table(self, source: Any) -> Table:
        """All rows of a table with the columns that the model knows, in whatever order.

        Raises:
            RunError: if the model takes images.
            DataError: which names the columns that are missing, or too many.
        """
        if self.schema is None:
            raise RunError(f"{self.folder} holds a model of images, and none of a table.")
        return read_table(source, schema=self.schema)

    def items(self, source: Any = None) -> Items:
        """Every example of a source by name, as the model takes them; of the run's own data by default.

        Where `data` needs enough examples for two splits, one is enough here.

        Args:
            source: a folder of images, a single one, or whatever else `data` takes. Image files get the
                size, colours and bits of those that the run was trained on; those that cannot be read are
                left out and named in `findings`, with how many labels or categories the model does not
                know.

        Returns:
            All of them in the order of the source, folders by name; of a file that is split, and of a named
            data set, those for training come first. The run's own data say in which split each is.

        Raises:
            DataError: as `data` does, or if no image can be read.
        """
        return find_items(self, source)

    def calibrate(
        self, items: Items | None = None, method: str | None = None, num_samples: int | None = None
    ) -> None:
        """Calibrate the model with ordinary examples, and keep that in `model.keras`.

        Args:
            items: examples that it was not trained on; the run's own test data if left out.
            method: of `tasks.score`; so the next one. What is left out is as it was calibrated before.
            num_samples: K.

        Raises:
            RunError: if the model cannot be written.
            DataError: if the run's own data are needed, and not there any more.
        """
        names = self.model.condition_names
        asked = {"method": method, "num_samples": num_samples}
        before = self.model.calibration.settings if self.model.calibration else {}
        settings = before | {name: each for name, each in asked.items() if each is not None}
        density = None
        if settings.get("method") == "density":
            x_train = self.data().inputs("train", names)
            density = tasks.fit_density(
                self.model, x_train, min(_MOST_COMPONENTS, -(-count(x_train) // 100))
            )
        ordinary = ordinary_examples(self.data(), names) if items is None else items.inputs(names)
        tasks.calibrate(self.model, ordinary, **settings, density=density)
        with written(self.folder / MODEL) as partial:
            self.model.save(partial)

    def _table(self, source: Any, own: bool) -> Dataset:
        assert self.schema is not None
        split = self.description["data"]["reading"]["split"]
        opened = open_table(source)
        return split_table(opened, self.schema, split if own or split in opened.types.names else None)

    def _images(self, source: Any, own: bool) -> Dataset:
        described = self.description["data"]
        is_folder = isinstance(source, str | Path) and Path(source).is_dir()
        reading = described["reading"]
        # The other options are a folder's.
        options = {name: each for name, each in reading.items() if is_folder or name == "binarize"}
        data = load(source, **options)
        self.check_images(data.name, data.x_test)
        if own or self.model.conditions is None:
            return data
        return relabelled(data, self.model.conditions)

    def check_images(self, name: str, images: Any) -> None:
        """Refuse images of that name, `(n, *event)`, that the model cannot take.

        Raises:
            DataError: if they have another shape or type than those it was trained on.
        """
        described = self.description["data"]
        if list(images.shape[1:]) != described["event_shape"]:
            raise DataError(
                f"{name} holds examples of shape {images.shape[1:]}, and this model was trained "
                f"on {tuple(described['event_shape'])}."
            )
        if str(images.dtype) != described["dtype"]:
            raise DataError(
                f"{name} holds {images.dtype} values, and this model was trained on "
                f"{described['dtype']}: their units would not match."
            )


def read_history(path: Path) -> dict[str, list[float]]:
    """The columns of a `history.csv`, also of one that is still being written.

    Raises:
        RunError: if it cannot be read.
    """
    try:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        return {column: [float(row[column]) for row in rows] for column in (rows[0] if rows else ())}
    except (OSError, TypeError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error


def ordinary_examples(data: Dataset, conditions: Iterable[str] = ()) -> Any:
    """What a model is calibrated with: at most 2,000 of its test examples, spread evenly."""
    return take(data.inputs("test", conditions), spread(len(data.x_test), _MOST_CALIBRATED))


def next_folder(stem: str, parent: Path = Path("runs")) -> Path:
    """The first of `parent/stem-1`, `parent/stem-2`, … that is free.

    Example:
        >>> next_folder("digits", Path("no/such/place")).as_posix()
        'no/such/place/digits-1'
    """
    number = 1
    while (parent / f"{stem}-{number}").exists():
        number += 1
    return parent / f"{stem}-{number}"
