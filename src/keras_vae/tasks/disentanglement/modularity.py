"""The modularity score."""

import numpy as np

from keras_vae.tasks.disentanglement.labelled_codes import LabelledCodes
from keras_vae.tasks.disentanglement.measurement import Measurement


def modularity(labelled: LabelledCodes, seed: int = 0) -> Measurement:
    """Does each unit speak of one factor alone?

    The mean over the units of 1 − Σ_{j ≠ j*} I(zᵢ; vⱼ)² / ((K − 1) I(zᵢ; v_{j*})²), where j* is the factor
    that the unit says most of (Ridgeway & Mozer, 2018, section 3); 0 for a unit that says nothing.

    It is not 0 by chance: of a unit that is noise, the mutual information is too large by an amount that
    grows with the number of a factor's classes, so that it seems to prefer the factor with the most.

    Example:
        >>> factors = np.stack([np.arange(300) % 2, np.arange(300) % 3], axis=1)
        >>> found = modularity(LabelledCodes.of(factors @ [[1, 1], [4, 0]], factors)).scores["modularity"]
        >>> bool(np.isclose(found, (1 - np.log(2) ** 2 / np.log(3) ** 2 + 1) / 2))
        True
    """
    del seed
    squares = labelled.mutual_information**2
    best = squares.max(axis=1)
    others = (squares.sum(axis=1) - best) / (squares.shape[1] - 1)
    each = np.where(best > 0, 1.0 - others / np.where(best > 0, best, 1.0), 0.0)
    return Measurement({"modularity": float(each.mean())})
