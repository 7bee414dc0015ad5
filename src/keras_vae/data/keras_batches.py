"""Keras's own data: batches as `fit` takes them → a data set."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from keras_vae.data.batch_table import BatchTable
from keras_vae.data.dataset import UNLABELLED, Dataset
from keras_vae.data.findings import Findings
from keras_vae.data.fit_batch import FitBatch
from keras_vae.data.image_array import checked_images
from keras_vae.data.rows import Rows
from keras_vae.data.split import SPLITS, ContentSplit
from keras_vae.errors import DataError

_INFINITE = -1


def from_batches(batches: Any, name: str = "batches", validation: Any = None) -> Dataset:
    """Batches as `fit` takes them, of images or of rows of a table, as a data set.

    They are read through once, and what is large goes to disk. A batch is x, (x, y) or (x, y,
    sample_weight): x is `(batch, height, width)`, `(batch, height, width, channels)` or `(batch,
    num_columns)`, or a dict of such an "x" and columns, `(batch,)` numbers each. The column "label", or a y
    of one integer or one-hot row for each example, becomes the labels, and of a table a category. Any other
    y is left out, such as images that are their own target, and so are weights.

    Args:
        batches: a `tf.data.Dataset`, a `keras.utils.PyDataset`, a `torch.utils.data.DataLoader`, or
            anything else that yields batches and ends.
        name: what the data set is called.
        validation: batches of the same kind for testing; otherwise an image's content decides, see
            `is_test`.

    Raises:
        DataError: if there is no end to the batches, if they are none, or if they do not belong together.

    Example:
        >>> images = np.random.default_rng(0).integers(0, 256, (300, 8, 8), dtype="uint8")
        >>> batches = ((images[i : i + 32], np.arange(i, min(i + 32, 300)) % 3) for i in range(0, 300, 32))
        >>> data = from_batches(batches)
        >>> data.x_train.shape, data.x_test.shape, np.bincount(data.y_train).tolist()
        ((264, 8, 8, 1), (36, 8, 8, 1), [86, 90, 88])
    """
    sources = {"train": (batches, name)}
    if validation is not None:
        sources["test"] = (validation, f"{name}, validation")
    for source, called in sources.values():
        _check_source(source, called)
    collector: _Collector | BatchTable | None = None
    for split, (source, called) in sources.items():
        for number, batch in enumerate(source):
            parsed = FitBatch.of(batch, f"{called}, batch {number}")
            if collector is None:
                collector = BatchTable(name) if parsed.is_table else _Collector(name)
            collector.add(parsed, split if validation is not None else None)
    if collector is None:
        raise DataError(f"{name} holds no batches. A generator can be read only once: make a new one.")
    return collector.dataset()


class _Collector:
    """Batch after batch into splits."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._content = ContentSplit()
        self._first: FitBatch | None = None
        self._rows: dict[str, Rows] = {}
        self._columns: dict[str, dict[str, list[np.ndarray]]] = {
            split: defaultdict(list) for split in SPLITS
        }
        self._is_labelled = True
        self._testing: list[np.ndarray] = []

    def add(self, batch: FitBatch, split: str | None) -> None:
        if batch.x.shape[:1] == (0,):
            return
        images = checked_images(batch.x, f"{batch.place}: x")
        if self._first is None:
            self._first = batch
            self._rows = {part: Rows(images.shape[1:], images.dtype) for part in SPLITS}
        batch.check_like(self._first)
        testing = self._content.testing(batch.x)
        if split is not None:
            testing[:] = split == "test"
        self._testing.append(testing)
        self._is_labelled &= batch.labels is not None
        labels = np.zeros(len(images), "int64") if batch.labels is None else batch.labels
        for part, chosen in zip(SPLITS, (~testing, testing), strict=True):
            self._rows[part].extend(images[chosen])
            for column, values in {**batch.columns, "label": labels}.items():
                self._columns[part][column].append(values[chosen])

    def dataset(self) -> Dataset:
        if self._first is None:
            raise DataError(f"{self._name} holds no images: all of its batches are empty.")
        counts = {split: len(rows) for split, rows in self._rows.items()}
        if not all(counts.values()):
            raise DataError(
                f"{self._name}: all {sum(counts.values())} images are in one split, by what they hold. "
                "Give more, or those for testing as validation=."
            )
        columns = {
            split: {name: np.concatenate(parts) for name, parts in found.items()}
            for split, found in self._columns.items()
        }
        labels = {split: found.pop("label") * self._is_labelled for split, found in columns.items()}
        return Dataset(
            self._name,
            self._rows["train"].array(),
            labels["train"],
            self._rows["test"].array(),
            labels["test"],
            columns_train=columns["train"],
            columns_test=columns["test"],
            label_names=() if self._is_labelled else UNLABELLED,
            findings=Findings(duplicates=self._content.duplicates),
            testing=np.concatenate(self._testing),
        )


def _check_source(batches: Any, name: str) -> None:
    if (
        not isinstance(batches, Iterable)
        or isinstance(batches, tuple | Mapping | str | bytes)
        or hasattr(batches, "shape")
    ):
        raise DataError(
            f"{name} must be batches as fit takes them: a tf.data.Dataset, a PyDataset, a DataLoader, or "
            f"an iterable. Found: {type(batches).__name__}. Put what is a single batch into a list."
        )
    if _is_infinite(batches):
        raise DataError(
            f"{name} never ends, and must be read to its end. Give a part of it, as by dataset.take(1000), "
            "or a PyDataset that says how many batches it has."
        )


def _is_infinite(batches: Any) -> bool:
    """What `tf.data` says by its cardinality, and a `PyDataset` by having no number of batches."""
    if hasattr(batches, "cardinality"):
        return int(batches.cardinality()) == _INFINITE
    try:
        return getattr(batches, "num_batches", 0) is None
    except NotImplementedError:
        return True
