"""What was noticed while data were read."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Findings:
    """What a person should hear of before training.

    Args:
        sizes: how many images there are of each `(height, width)`, before they were resized.
        unreadable: the files that could not be read, and why.
        duplicates: how many examples are copies of another one.
        unknown: of a table that is read like another one, how many entries of a column are categories that
            the other one did not have; they count as missing.
    """

    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    unreadable: dict[str, str] = field(default_factory=dict)
    duplicates: int = 0
    unknown: dict[str, int] = field(default_factory=dict)
