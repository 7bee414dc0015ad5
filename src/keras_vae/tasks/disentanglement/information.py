"""Entropy and mutual information of classes, in nats, from how often they occur."""

import numpy as np


def entropy(counts: np.ndarray) -> np.ndarray:
    """H = −Σ p log p of the relative frequencies along the last axis, `(…, classes)` → `(…,)`.

    Example:
        >>> float(np.exp(entropy(np.array([5, 5, 5, 0])))).__round__(6)
        3.0
    """
    p = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    return -np.sum(p * np.log(np.where(p > 0, p, 1.0)), axis=-1)


def mutual_information(counts: np.ndarray) -> np.ndarray:
    """I = H(row) + H(column) − H(row, column) of tables of counts, `(…, rows, columns)` → `(…,)`.

    From n examples it is too large, by (rows − 1)(columns − 1) / 2n where the two are independent
    (Miller, 1955).

    Example:
        >>> float(mutual_information(np.array([[2, 0], [0, 2]]))).__round__(3)
        0.693
    """
    joint = entropy(counts.reshape(*counts.shape[:-2], -1))
    return np.maximum(entropy(counts.sum(axis=-1)) + entropy(counts.sum(axis=-2)) - joint, 0.0)


def gap_of_best(scores: np.ndarray) -> np.ndarray:
    """How far the best unit is ahead of the second best, `(units, factors)` → `(factors,)`.

    A single unit is ahead of nothing, by its score.

    Example:
        >>> gap_of_best(np.array([[0.75, 0.0], [0.25, 0.5], [0.5, 0.5]])).tolist()
        [0.25, 0.0]
    """
    second, best = np.sort(np.concatenate([np.zeros_like(scores[:1]), scores]), axis=0)[-2:]
    return best - second
