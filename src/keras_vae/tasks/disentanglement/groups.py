"""Examples that agree in one factor."""

import numpy as np


def agreeing_rows(
    classes: np.ndarray, num_groups: int, size: int, generator: np.random.Generator
) -> np.ndarray:
    """Groups of examples with the same class, that of an example drawn at random.

    A group is drawn with replacement.

    Args:
        classes: `(n,)`, of one factor.
        num_groups: how many groups.
        size: examples in a group.
        generator: of the draws.

    Returns:
        `(num_groups, size)`, indices of examples.

    Example:
        >>> rows = agreeing_rows(np.array([0, 1, 0, 1, 1]), 3, 4, np.random.default_rng(0))
        >>> rows.shape, [len(set(group % 2)) for group in np.array([0, 1, 0, 1, 1])[rows]]
        ((3, 4), [1, 1, 1])
    """
    members = _Members(classes, num_groups, generator)
    return members.at(generator.integers(0, members.sizes[:, None], (num_groups, size)))


def agreeing_pairs(
    classes: np.ndarray, num_groups: int, size: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Likewise groups of pairs: two different examples each, both `(num_groups, size)`.

    Within a group each pair has a class of its own.

    Example:
        >>> first, second = agreeing_pairs(np.array([0, 1, 0, 1, 7]), 2, 5, np.random.default_rng(0))
        >>> (np.abs(first - second) == 2).all()
        np.True_
    """
    members = _Members(classes, num_groups * size, generator)
    place = generator.integers(0, members.sizes)
    other = (place + generator.integers(1, members.sizes)) % members.sizes
    return members.at(place).reshape(num_groups, size), members.at(other).reshape(num_groups, size)


class _Members:
    """For each of some examples, drawn at random, all examples of its class: two at least."""

    def __init__(self, classes: np.ndarray, num_drawn: int, generator: np.random.Generator) -> None:
        counts = np.bincount(classes)
        drawn = classes[generator.choice(np.flatnonzero(counts[classes] > 1), num_drawn)]
        self._order = np.argsort(classes, kind="stable")
        self._starts = (np.cumsum(counts) - counts)[drawn]
        self.sizes = counts[drawn]

    def at(self, places: np.ndarray) -> np.ndarray:
        """The examples at these places of each class, `(num_drawn,)` or `(num_drawn, size)`."""
        starts = self._starts.reshape(-1, *[1] * (places.ndim - 1))
        return self._order[starts + places]
