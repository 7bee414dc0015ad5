"""The separated attribute predictability score."""

import numpy as np

from keras_vae.tasks.disentanglement.information import gap_of_best
from keras_vae.tasks.disentanglement.labelled_codes import LabelledCodes
from keras_vae.tasks.disentanglement.measurement import Measurement


def sap(labelled: LabelledCodes, seed: int = 0) -> Measurement:
    """How much better does the best unit predict a factor than the second best? The SAP score.

    The mean over the factors of S₍₁₎ⱼ − S₍₂₎ⱼ, where Sᵢⱼ is how well thresholds on the unit zᵢ alone tell
    the classes of vⱼ, each class weighing the same (Kumar et al., 2018, section 3). The thresholds are the
    edges of the 20 bins, and a bin stands for the class of which the largest share lies in it. The balanced
    accuracy a is rescaled to (a − 1/C) / (1 − 1/C), C classes, which is 0 by chance and 1 at best: without
    it, no code could reach 1, because the second best unit is right once in C.

    Example:
        >>> factors = np.stack([np.arange(300) % 2, np.arange(300) % 3], axis=1)
        >>> sap(LabelledCodes.of(factors @ [[0, -1], [4, 0]], factors)).scores
        {'sap': 1.0}
    """
    del seed
    gaps = gap_of_best(np.stack([_predictability(each) for each in labelled.counts], axis=1))
    return Measurement({"sap": float(gaps.mean())}, {"sap": gaps})


def _predictability(counts: np.ndarray) -> np.ndarray:
    """The rescaled balanced accuracy of each unit, `(units, bins, classes)` → `(units,)`."""
    sizes = counts[0].sum(axis=0)
    shares = counts[..., sizes > 0] / sizes[sizes > 0]
    num_classes = shares.shape[-1]
    if num_classes < 2:
        return np.zeros(len(counts))
    return (shares.max(axis=-1).sum(axis=-1) - 1.0) / (num_classes - 1.0)
