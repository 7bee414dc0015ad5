"""What must be computed before a run can be explored, in a thread of its own."""

import threading
from collections.abc import Iterable
from typing import Any

import numpy as np

from keras_vae import tasks
from keras_vae.data import Items, spread
from keras_vae.data.chosen import choose
from keras_vae.errors import DataError, KerasVaeError
from keras_vae.explorer.faces import face_of
from keras_vae.runs import Run

MOST_ITEMS = 50_000
_MOST_NEIGHBOURS = 20_000
_MOST_MEASURED = 2_000
STAGES = ("model", "codes", "neighbours", "scores")


class NotReadyError(KerasVaeError):
    """What was asked for is still being computed."""


class _ClosedError(KerasVaeError):
    pass


class Preparation:
    """Loads a model, embeds items, and training items to compare with, and scores them.

    Args:
        run: a finished run.
        source: items of another source than the run's own test data.
        limit: how many items at most, evenly spread; as many are shown.
    """

    def __init__(self, run: Run, source: Any = None, limit: int = MOST_ITEMS) -> None:
        self.run = run
        self.source = source
        self.limit = limit
        self.failure: str | None = None
        self.progress = dict.fromkeys(STAGES, 0.0)
        self.model_lock = threading.RLock()
        self._found: dict[str, Any] = {}
        self._changed = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name=f"exploring {run.folder}", daemon=True)
        self._thread.start()

    def get(self, name: str) -> Any:
        """What was found under that name.

        Raises:
            NotReadyError: if it is not found yet.
            DataError: if it never will be; it says why.
        """
        try:
            return self._found[name]
        except KeyError:
            if self.failure:
                raise DataError(self.failure) from None
            raise NotReadyError(f"Not ready yet: the {name}.") from None

    def has(self, name: str) -> bool:
        """Whether it is found."""
        return name in self._found

    def wait(self, name: str, seconds: float = 600.0) -> None:
        """Until it is found, or cannot be."""
        with self._changed:
            self._changed.wait_for(lambda: self.has(name) or self.failure is not None, seconds)

    def close(self) -> None:
        """Compute no more, and wait for what is under way: a back end does not bear to be left amid it."""
        self._is_closed = True
        self._thread.join()

    def _run(self) -> None:
        try:
            for stage in (self._load, self._embed, self._find_neighbours, self._score):
                self._check_open()
                stage()
        except KerasVaeError as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"{type(error).__name__}: {error}")
            raise

    def _check_open(self) -> None:
        if self._is_closed:
            raise _ClosedError("The page was closed.")

    def _fail(self, message: str) -> None:
        with self._changed:
            self.failure = message
            self._changed.notify_all()

    def _keep(self, **found: Any) -> None:
        with self._changed:
            self._found |= found
            self._changed.notify_all()

    def _load(self) -> None:
        with self.model_lock:
            model = self.run.model
            decode = tasks.decoder(model)
            decode(np.zeros((1, model.latent_dim), "float32"))
        self.progress["model"] = 1.0
        self._keep(model=model, decode=decode, face=face_of(self.run))

    def _embed(self) -> None:
        model, items = self.get("model"), self.run.items(self.source)
        rows = _rows_of(items, "test", self.limit)
        inputs = items.inputs(model.condition_names)
        codes = self._joined("codes", len(rows), tasks.embed_batches(model, choose(inputs, rows)))
        some = choose(inputs, rows[spread(len(rows), _MOST_MEASURED)])
        with self.model_lock:
            units = tasks.traverse(model, some, steps=2)
        self._keep(items=items, inputs=inputs, rows=rows, codes=codes, units=units)

    def _score(self) -> None:
        rows = self.get("rows")
        inputs = choose(self.get("inputs"), rows)
        scores = self._joined("scores", len(rows), tasks.score_batches(self.get("model"), inputs))
        self._keep(scores=scores)

    def _find_neighbours(self) -> None:
        """Training items, where they are at hand."""
        found: dict[str, Any] = {"neighbours": np.zeros(0, int), "training": self.get("items")}
        try:
            items = self.get("items") if self.source is None else self.run.items()
        except DataError:
            self._keep(**found)
            return
        rows = _rows_of(items, "train", _MOST_NEIGHBOURS)
        model = self.get("model")
        inputs = choose(items.inputs(model.condition_names), rows)
        codes = self._joined("neighbours", len(rows), tasks.embed_batches(model, inputs))
        self._keep(training=items, neighbours=rows, neighbour_codes=codes)

    def _joined(self, stage: str, total: int, batches: Iterable[Any]) -> Any:
        """All batches together; others may use the model between two of them."""
        parts, done, iterator = [], 0, iter(batches)
        while True:
            self._check_open()
            with self.model_lock:
                part = next(iterator, None)
            if part is None:
                break
            parts.append(part)
            done += len(part if isinstance(part, np.ndarray) else part.score)
            self.progress[stage] = done / total
        if isinstance(parts[0], np.ndarray):
            return np.concatenate(parts)
        return tasks.joined_scores(parts)


def _rows_of(items: Items, split: str, limit: int) -> np.ndarray:
    """At most so many items of a split, or of all where there is none."""
    rows = np.arange(len(items)) if items.splits is None else np.flatnonzero(items.splits == split)
    return rows[spread(len(rows), limit)]
