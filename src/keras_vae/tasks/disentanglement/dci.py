"""Disentanglement, completeness and informativeness."""

import numpy as np

from keras_vae.tasks.disentanglement.information import entropy
from keras_vae.tasks.disentanglement.labelled_codes import LabelledCodes
from keras_vae.tasks.disentanglement.measurement import Measurement

NUM_TREES = 20
FEWEST_IN_A_LEAF = 5
HELD_OUT = 1 / 3


def dci(labelled: LabelledCodes, seed: int = 0) -> Measurement:
    """How is the work of predicting the factors shared among the units? DCI.

    A forest of 20 trees predicts each factor vⱼ from all units; Rᵢⱼ is the importance of the unit zᵢ, by
    how much its splits lower the Gini impurity, and sums to 1 over the units (Eastwood & Williams, 2018).
    With K factors and D units,

    - disentanglement, the mean of 1 − H_K(Rᵢⱼ / Σⱼ Rᵢⱼ) over the units, weighted by Σⱼ Rᵢⱼ, is 1 if each
      unit serves one factor;
    - completeness, the mean of 1 − H_D(R_{·j}) over the factors, is 1 if each factor needs one unit;
    - informativeness is the mean over the factors of the accuracy on a third of the examples, which no tree
      has seen. By chance it is about the share of the most frequent class, and not 0.

    H_K is the entropy to the base K. Every split looks at all units, so that a unit that says nothing is
    not taken for want of a better one, and every leaf holds 5 examples at least. How sharply the importance
    is concentrated depends on the kind of predictor: figures from other predictors are not comparable.

    Example:
        >>> factors = np.stack([np.arange(300) % 2, np.arange(300) % 3], axis=1)
        >>> found = dci(LabelledCodes.of(factors @ [[0, -1], [4, 0]], factors))
        >>> found.scores["dci_completeness"], found.importance.tolist()
        (1.0, [[0.0, 1.0], [1.0, 0.0]])
    """
    from sklearn.ensemble import RandomForestClassifier

    order = np.random.default_rng(seed).permutation(len(labelled))
    held_out, seen = np.split(order, [round(HELD_OUT * len(order))])
    importance, accuracy = [], []
    for factor in labelled.classes.T:
        forest = RandomForestClassifier(
            NUM_TREES, max_features=None, min_samples_leaf=FEWEST_IN_A_LEAF, random_state=seed
        )
        forest.fit(labelled.codes[seen], factor[seen])
        importance.append(forest.feature_importances_)
        accuracy.append(forest.score(labelled.codes[held_out], factor[held_out]))
    shares = np.stack(importance, axis=1)
    completeness = _concentration(shares.T)
    return Measurement(
        {
            "dci_disentanglement": _weighted_mean(_concentration(shares), shares.sum(axis=1)),
            "dci_completeness": float(completeness.mean()),
            "dci_informativeness": float(np.mean(accuracy)),
        },
        {"dci_completeness": completeness, "dci_informativeness": np.array(accuracy)},
        shares,
    )


def _concentration(shares: np.ndarray) -> np.ndarray:
    """1 − the entropy of each row, to the base of its length; 0 for a row of zeros, 1 for a row of one."""
    most = np.log(shares.shape[1]) if shares.shape[1] > 1 else 1.0
    return np.where(shares.sum(axis=1) > 0, 1.0 - entropy(_unit_sum(shares)) / most, 0.0)


def _unit_sum(shares: np.ndarray) -> np.ndarray:
    total = shares.sum(axis=1, keepdims=True)
    return shares / np.where(total > 0, total, 1.0)


def _weighted_mean(values: np.ndarray, weights: np.ndarray) -> float:
    return float((values * weights).sum() / weights.sum()) if weights.sum() > 0 else 0.0
