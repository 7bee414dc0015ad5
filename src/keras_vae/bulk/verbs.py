"""What is done with every row: it is embedded, or scored."""

import hashlib
from typing import Any, Protocol

import numpy as np

from keras_vae.bulk.parts import Part
from keras_vae.bulk.pieces import Piece
from keras_vae.runs.result_columns import code_columns, score_columns
from keras_vae.tasks import Embedder, Scorer, joined_scores
from keras_vae.vae import VAE

#: How many of the strangest rows are remembered.
STRANGEST = 10


class Verb(Protocol):
    """What is done with the rows of one part after another."""

    def batch_size(self, event_shape: tuple[int, ...]) -> int:
        """How many examples of that shape go through the model at a time."""

    def begin(self, part: Part) -> None:
        """The pieces that follow are of this part."""

    def columns(self, piece: Piece) -> dict[str, Any]:
        """What is written of a piece."""

    def summary(self) -> dict[str, Any]:
        """What is said of the part, in types that JSON knows."""


class Embedding:
    """The codes of all rows.

    Args:
        model: a trained model.
        num_samples: how many samples of q(z|x) a row; its mean if left out.
        seed: of the samples, of which each part has its own.
    """

    def __init__(self, model: VAE, num_samples: int | None = None, seed: int = 0) -> None:
        self._encode = Embedder(model, num_samples)
        self._shape = (model.latent_dim,) if num_samples is None else (num_samples, model.latent_dim)
        self._seed = seed

    def batch_size(self, event_shape: tuple[int, ...]) -> int:
        return self._encode.batch_size(event_shape)

    def begin(self, part: Part) -> None:
        self._file = part.source.file
        place = f"{self._seed}:{self._file}:{part.first_row}".encode()
        self._encode.restart(int.from_bytes(hashlib.blake2b(place, digest_size=4).digest(), "big") >> 1)

    def columns(self, piece: Piece) -> dict[str, Any]:
        none = np.empty((0, *self._shape), "float32")
        return code_columns(
            _identity(self._file, piece), np.concatenate([none, *self._encode(piece.inputs)])
        )

    def summary(self) -> dict[str, Any]:
        return {}


class Scoring:
    """How strange all rows are.

    Args:
        model: a trained model.
        rate: of false alarms, below which a p-value is called an anomaly; `None` to call nothing one.
        settings: the method, the number of samples and the seed, as `tasks.score` takes them.
    """

    def __init__(self, model: VAE, rate: float | None = None, **settings: Any) -> None:
        self._score = Scorer(model, **settings)
        self._rate = rate

    def batch_size(self, event_shape: tuple[int, ...]) -> int:
        return self._score.batch_size(event_shape)

    def begin(self, part: Part) -> None:
        self._file = part.source.file
        self._strangest: list[dict[str, Any]] = []
        self._anomalies = 0

    def columns(self, piece: Piece) -> dict[str, Any]:
        found = joined_scores(list(self._score(piece.inputs)) or [self._score.of_none()])
        columns = score_columns(_identity(self._file, piece), found, self._rate)
        self._anomalies += int(columns["anomaly"].sum()) if "anomaly" in columns else 0
        places = np.argsort(-_strangeness(found.score), kind="stable")[:STRANGEST].tolist()
        some = [
            {"file": self._file, "row": int(piece.rows[i]), "score": float(found.score[i])}
            | ({} if found.p_value is None else {"p_value": float(found.p_value[i])})
            for i in places
        ]
        self._strangest = strangest(self._strangest + some)
        return columns

    def summary(self) -> dict[str, Any]:
        return {"strangest": self._strangest, "anomalies": self._anomalies}


VERBS: dict[str, type[Embedding] | type[Scoring]] = {"embed": Embedding, "score": Scoring}


def verb_for(name: str, model: VAE, options: dict[str, Any]) -> Verb:
    """The verb of that name with its options."""
    return VERBS[name](model, **options)


def strangest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The strangest of some rows, at most ten, the strangest first; of equals those that come first."""
    return sorted(rows, key=lambda row: -_strangeness(np.array(row["score"], float)))[:STRANGEST]


def _strangeness(scores: np.ndarray) -> np.ndarray:
    """What is no number is as strange as can be."""
    return np.nan_to_num(scores, nan=np.inf, posinf=np.inf)


def _identity(file: str, piece: Piece) -> dict[str, Any]:
    return {"file": np.full(len(piece.rows), file, object), "row": piece.rows}
