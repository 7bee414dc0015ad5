"""The mutual information gap."""

import numpy as np

from keras_vae.tasks.disentanglement.information import gap_of_best
from keras_vae.tasks.disentanglement.labelled_codes import LabelledCodes
from keras_vae.tasks.disentanglement.measurement import Measurement


def mig(labelled: LabelledCodes, seed: int = 0) -> Measurement:
    """Is there one unit for each factor, and no second one? The mutual information gap.

    1/K Σⱼ (I(z₍₁₎; vⱼ) − I(z₍₂₎; vⱼ)) / H(vⱼ), where z₍₁₎ and z₍₂₎ are the two units that say most of the
    factor vⱼ (Chen et al., 2018, section 4). All in nats, so that the quotient is from 0 to 1; by chance
    it is 0, up to what the mutual information of finitely many examples is too large.

    Example:
        >>> factors = np.stack([np.arange(300) % 2, np.arange(300) % 3], axis=1)
        >>> mig(LabelledCodes.of(factors @ [[0, -1], [4, 0]], factors)).scores
        {'mig': 1.0}
    """
    del seed
    gaps = gap_of_best(labelled.mutual_information)
    gaps = gaps / np.maximum(labelled.entropies, np.finfo("float64").tiny)
    return Measurement({"mig": float(gaps.mean())}, {"mig": gaps})
