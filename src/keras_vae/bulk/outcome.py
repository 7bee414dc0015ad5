"""What is said of all parts together."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from keras_vae.bulk.job import Done
from keras_vae.bulk.verbs import strangest
from keras_vae.bulk.work import NAMED


@dataclass
class Outcome:
    """What came of a folder; it does not grow with the number of parts.

    Args:
        parts: how many are written.
        kept: how many of them were there already.
        items: how many rows were embedded or scored.
        unreadable: how many could not be read.
        named: the first of those, and why.
        unknown: how many entries of a column are categories that the model does not know.
        anomalies: how many rows are called so; of scores.
        strangest: the ten strangest rows, the strangest first; likewise.
    """

    parts: int = 0
    kept: int = 0
    items: int = 0
    unreadable: int = 0
    named: list[str] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    anomalies: int = 0
    strangest: list[dict[str, Any]] = field(default_factory=list)

    def add(self, done: Done) -> None:
        """One more part."""
        self.parts += 1
        self.items += done.items
        self.unreadable += done.unreadable
        self.named += done.named[: NAMED - len(self.named)]
        self.unknown.update(done.unknown)
        self.anomalies += done.summary.get("anomalies", 0)
        self.strangest = strangest(self.strangest + done.summary.get("strangest", []))
