"""A run one looks at: what the page asks about its model and its items."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from keras_vae import tasks
from keras_vae.conditions import Category
from keras_vae.data import Items, take
from keras_vae.errors import InvalidArgumentError
from keras_vae.explorer.plane import Plane
from keras_vae.explorer.preparation import Preparation
from keras_vae.tasks.interpolate import check_code, latent_path

# Numbers of codes that are decoded together: another number would be another graph.
_SIZES = (1, 8, 64, 512)
_NEAREST = 8
_VALUES = ("label", "score", "p_value", "bound")


class OpenedRun:
    """Answers of several threads' questions; what is not computed yet raises `NotReadyError`.

    Args:
        prepared: of the run.
    """

    def __init__(self, prepared: Preparation) -> None:
        self.prepared = prepared
        self._decoding = threading.Lock()
        self._planes: dict[tuple[int, int] | None, Plane] = {}

    @property
    def face(self) -> Any:
        """How its examples look."""
        return self.prepared.get("face")

    @property
    def model(self) -> Any:
        """The model."""
        return self.prepared.get("model")

    @property
    def codes(self) -> np.ndarray:
        """Of the items, `(n, latent_dim)`."""
        return self.prepared.get("codes")

    def about(self) -> dict[str, Any]:
        """All that the page begins with."""
        units = self.prepared.get("units")
        by = units.variance_of_means if units.kl is None else units.kl
        calibration = self.model.calibration
        settings = calibration.settings if calibration else {}
        return {
            "kind": self.face.kind,
            **self.face.about(),
            "latent_dim": self.model.latent_dim,
            "space": self.model.posterior.space,
            "count": len(self.codes),
            "is_own": self.prepared.source is None,
            "key": self.prepared.get("items").key,
            "labels": self._labels()[1],
            "conditions": self.model.conditions.described() if self.model.conditions else [],
            "mean": numbers(self.codes.mean(axis=0)),
            "units": [
                {
                    "unit": int(unit),
                    "measure": number(measure),
                    "alive": bool(alive),
                    "range": numbers(ends),
                }
                for unit, measure, alive, ends in zip(
                    units.units, by, units.active, units.values, strict=True
                )
            ],
            "measure": "variance of means" if units.kl is None else "KL, nats",
            "score": settings.get("method", "bound"),
            "calibrated_with": len(calibration) if calibration else 0,
        }

    def plane(self, units: tuple[int, int] | None = None) -> Plane:
        """The plane through two latent units, or through the principal components."""
        if units not in self._planes:
            self._planes[units] = Plane(self.codes, units, self.model.posterior.space == "sphere")
        return self._planes[units]

    def values(self, what: str) -> np.ndarray:
        """A number for each item, float32: "label" (−1 for none), "score", "p_value" or "bound"."""
        if what == "label":
            return self._labels()[0].astype("float32")
        scores = self.prepared.get("scores")
        if what == "bound":
            return -(scores.reconstruction + scores.kl).astype("float32")
        found = getattr(scores, what)
        return np.full(len(self.codes), np.nan, "float32") if found is None else found.astype("float32")

    def column(self, index: int) -> np.ndarray:
        """A number for each item, float32, NaN where it is missing: a column of a table.

        Raises:
            InvalidArgumentError: if there is no such column.
        """
        names = self.face.about().get("columns", [])
        if not 0 <= index < len(names):
            raise InvalidArgumentError(f"There are {len(names)} columns to colour by: {index} is none.")
        x = _x(self.prepared.get("inputs"))
        return np.asarray(x[self.prepared.get("rows")])[:, index].astype("float32")

    def parse(self, conditions: Mapping[str, str] | None) -> dict[str, Any]:
        """Values of conditions from a person's texts; those left out are unknown.

        Raises:
            InvalidArgumentError: if the model has no such condition, or it no such value.
        """
        given = {name: value for name, value in (conditions or {}).items() if value != ""}
        if given and self.model.conditions is None:
            raise InvalidArgumentError("This model has no conditions.")
        return (
            self.model.conditions.parse(f"{name}={each}" for name, each in given.items()) if given else {}
        )

    def decode(self, codes: np.ndarray, conditions: Mapping[str, Any] | None = None) -> np.ndarray:
        """What codes mean, `(n, latent_dim)` → `(n, *event)`, in the units of the data."""
        codes = np.asarray(codes, "float32")
        check_code(self.model, codes[0])
        decode = self.prepared.get("decode")
        size = next((size for size in _SIZES if size >= len(codes)), _SIZES[-1])
        parts = []
        for start in range(0, len(codes), size):
            part = codes[start : start + size]
            filled = np.concatenate([part, np.repeat(part[-1:], size - len(part), axis=0)])
            with self._decoding:
                parts.append(decode(filled, self._every(conditions))[: len(part)])
        return np.concatenate(parts)

    def sample(self, conditions: Mapping[str, Any], seed: int) -> np.ndarray:
        """A code of the prior, `(1, latent_dim)`."""
        with self.prepared.model_lock:
            drawn = self.model.sample_latents(1, keras.random.SeedGenerator(seed), conditions)
        return keras.ops.convert_to_numpy(drawn)

    def path(
        self, start: int, end: int, steps: int, method: str, conditions: Mapping[str, Any] | None = None
    ) -> np.ndarray:
        """What lies on the way from one item to another, `(steps, *event)`.

        Conditions that are not given are those on which the two agree.
        """
        ends = [self._columns(each) for each in (start, end)]
        codes = latent_path(self.codes[start], self.codes[end], steps, method)
        return self.decode(codes, {**tasks.shared_conditions(*ends), **(conditions or {})})

    def item(self, index: int) -> dict[str, Any]:
        """An item: what it is, what becomes of it, and its score where that is known."""
        self._checked(index)
        found = {**self.names([index])[0], "index": index, "code": numbers(self.codes[index])}
        if self.prepared.has("scores"):
            found |= {what: number(self.values(what)[index]) for what in _VALUES[1:]}
        x = _x(take(self.prepared.get("inputs"), self._rows([index])))
        made = self.decode(self.codes[index : index + 1], self._columns(index))
        return found | {"original": self.face.show(np.asarray(x)), "reconstruction": self.face.show(made)}

    def names(self, indices: Sequence[int]) -> list[dict[str, Any]]:
        """What items are called."""
        return _identities(self.prepared.get("items"), self._rows(indices))

    def gallery(self, indices: Sequence[int], what: str) -> dict[str, Any]:
        """Items: "original"s, "reconstruction"s, or "where" they are strange."""
        batch = take(self.prepared.get("inputs"), self._rows(indices))
        if what == "original":
            return self.face.show(np.asarray(_x(batch)))
        with self.prepared.model_lock:
            if what == "reconstruction":
                return self.face.show(tasks.reconstruct(self.model, batch))
            shares = self._scored(batch).map
            if shares is None:
                shares = self.face.difference(np.asarray(_x(batch)), tasks.reconstruct(self.model, batch))
        return self.face.show_shares(shares)

    def examine(self, content: Any, conditions: Mapping[str, str] | None = None) -> dict[str, Any]:
        """An example of a person's own: what becomes of it, how strange it is, and what is like it."""
        x = self.face.read(content)
        given = {name: np.array([value]) for name, value in self.parse(conditions).items()}
        batch = {"x": x, **given} if self.model.condition_names else x
        with self.prepared.model_lock:
            code = tasks.embed(self.model, batch)
            scores = self._scored(batch)
            made = tasks.reconstruct(self.model, batch)
        difference = self.face.difference(x, made)
        return {
            "code": numbers(code[0]),
            "point": numbers(self.plane().project(code)[0]),
            "score": number(scores.score[0]),
            "p_value": None if scores.p_value is None else number(scores.p_value[0]),
            "bound": number(-(scores.reconstruction + scores.kl)[0]),
            "nearest": self._nearest(code[0]),
            "original": self.face.show(x),
            "reconstruction": self.face.show(made),
            "difference": self.face.show_shares(difference),
            "where": self.face.show_shares(difference if scores.map is None else scores.map),
        }

    def _nearest(self, code: np.ndarray) -> dict[str, Any] | None:
        """The training items whose codes are nearest; `None` where they are not at hand."""
        self.prepared.wait("neighbours")
        rows = self.prepared.get("neighbours")
        if not len(rows):
            return None
        distances = np.linalg.norm(self.prepared.get("neighbour_codes") - code, axis=1)
        order = np.argsort(distances, kind="stable")[:_NEAREST]
        items = self.prepared.get("training")
        return {
            "distances": numbers(distances[order]),
            "names": _identities(items, rows[order]),
            **self.face.show(np.asarray(items.x[rows[order]])),
        }

    def _scored(self, batch: Any) -> tasks.Scores:
        """Scores, with the share of each element where the likelihood splits into elements."""
        try:
            return tasks.score(self.model, batch, with_map=True)
        except InvalidArgumentError:
            return tasks.score(self.model, batch)

    def _labels(self) -> tuple[np.ndarray, list[str]]:
        """The label of each item by number, −1 for none, and what the numbers are called."""
        labels, rows = self.prepared.get("items").labels, self.prepared.get("rows")
        if labels is None:
            return np.full(len(rows), -1), []
        texts = np.array(["" if each is None else str(each) for each in labels[rows]])
        names = sorted({*texts.tolist()} - {""}, key=_in_order)
        places = {name: i for i, name in enumerate(names)}
        return np.array([places.get(text, -1) for text in texts.tolist()]), names

    def _every(self, conditions: Mapping[str, Any] | None) -> dict[str, np.ndarray]:
        """A value for each condition, unknown for those left out: one graph for all."""
        columns = self.model.conditions.columns if self.model.conditions else {}
        return {
            name: np.asarray(
                (conditions or {}).get(name, each.unknown),
                "int32" if isinstance(each, Category) else "float32",
            )
            for name, each in columns.items()
        }

    def _columns(self, index: int) -> dict[str, Any]:
        """What is known of the conditions of an item."""
        inputs = self.prepared.get("inputs")
        row = self._rows([index])[0]
        columns = inputs.items() if isinstance(inputs, dict) else ()
        return {name: each[row] for name, each in columns if name != "x"}

    def _rows(self, indices: Sequence[int]) -> np.ndarray:
        return self.prepared.get("rows")[[self._checked(each) for each in indices]]

    def _checked(self, index: int) -> int:
        if not 0 <= index < len(self.codes):
            raise InvalidArgumentError(f"There are the items 0 to {len(self.codes) - 1}: {index} is none.")
        return index


def numbers(values: Any) -> list[float | None]:
    """As JSON takes them."""
    return [number(each) for each in np.asarray(values, "float64")]


def number(value: Any) -> float | None:
    """As JSON takes it: what is no number is null."""
    return round(float(value), 6) if np.isfinite(value) else None


def _identities(items: Items, rows: np.ndarray) -> list[dict[str, Any]]:
    """What items are called, one by one."""
    found = (items.identity(slice(row, row + 1)) for row in rows)
    return [{name: values[0] for name, values in each.items()} for each in found]


def _x(batch: Any) -> Any:
    return batch["x"] if isinstance(batch, dict) else batch


def _in_order(name: str) -> tuple[bool, int, str]:
    """Numbers by their size, before other names."""
    return not name.isdecimal(), int(name) if name.isdecimal() else 0, name
