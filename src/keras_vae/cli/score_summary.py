"""What `vae score` says of all items together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_vae.bulk import Outcome
    from keras_vae.data import Items
    from keras_vae.tasks import Scores

SHOWN = 10


@dataclass(frozen=True)
class Summary:
    """How many items are called anomalies, and which are the strangest.

    Args:
        items: how many there are.
        settings: how they were scored.
        rate: of false alarms; `None` where nothing is called an anomaly.
        anomalies: how many are called so; `None` likewise.
        strangest: the columns that name an item, `score`, and `p_value` where there is one; the strangest
            first.
        names: of the columns that name an item.
    """

    items: int
    settings: dict[str, Any]
    rate: float | None
    anomalies: int | None
    strangest: list[dict[str, Any]]
    names: Sequence[str]

    @classmethod
    def of_parts(cls, outcome: "Outcome", settings: dict[str, Any], rate: float | None) -> "Summary":
        """The summary of a folder of Parquet files."""
        called = None if rate is None else outcome.anomalies
        return cls(outcome.items, settings, rate, called, outcome.strangest, ("file", "row"))

    def described(self) -> dict[str, Any]:
        return {
            "items": self.items,
            "settings": self.settings,
            "false_alarm_rate": self.rate,
            "anomalies": self.anomalies,
            "strangest": self.strangest,
        }

    def title(self) -> str:
        count = f"{self.items:,} items"
        if self.anomalies is None or self.rate is None:
            return f"Without p-values, which take more ordinary items, the strangest of {count}:"
        return (
            f"{self.anomalies:,} of {count} are called anomalies; were all of them ordinary, about "
            f"{self.rate * self.items:.3g} would be. The strangest:"
        )

    def rows(self) -> list[list[str]]:
        has_p_values = any("p_value" in each for each in self.strangest)
        head = [*self.names, "score"] + (["p-value"] if has_p_values else [])
        return [head] + [
            [str(each[name]) for name in self.names]
            + [_figure(each["score"], ".4g")]
            + ([_figure(each["p_value"], ".2g")] if has_p_values else [])
            for each in self.strangest
        ]


class Scored:
    """Writes scores beside the names of their items, and remembers what is said of all of them."""

    def __init__(self, items: "Items", rate: float | None) -> None:
        self.items = items
        self.rate = rate
        self.scores: list[float] = []
        self.p_values: list[float] = []
        self.settings: dict[str, Any] = {}

    def tables(self, batches: "Iterator[Scores]") -> Iterator[dict[str, Any]]:
        from keras_vae.runs.result_columns import score_columns

        for batch in batches:
            start = len(self.scores)
            self.scores += batch.score.tolist()
            self.settings = batch.settings
            if batch.p_value is not None:
                self.p_values += batch.p_value.tolist()
            yield score_columns(self.items.identity(slice(start, len(self.scores))), batch, self.rate)

    @property
    def strangest(self) -> list[int]:
        """The numbers of the strangest items, the strangest first."""
        return sorted(range(len(self.scores)), key=lambda i: -self.scores[i])[:SHOWN]

    def summary(self) -> Summary:
        rate = self.rate if self.p_values else None
        called = None if rate is None else sum(p <= rate for p in self.p_values)
        strangest = [
            {self.items.key: self.items.names[i], "score": self.scores[i]}
            | ({"p_value": self.p_values[i]} if self.p_values else {})
            for i in self.strangest
        ]
        return Summary(len(self.scores), self.settings, rate, called, strangest, (self.items.key,))


def _figure(value: float | None, form: str) -> str:
    return "none" if value is None else format(value, form)
