"""The score of the FactorVAE."""

import numpy as np

from keras_vae.tasks.disentanglement.groups import agreeing_rows
from keras_vae.tasks.disentanglement.labelled_codes import LabelledCodes
from keras_vae.tasks.disentanglement.measurement import Measurement

#: For each factor, once to learn from and once to be tested on.
NUM_VOTES = 100
GROUP_SIZE = 64


def factor_vae(labelled: LabelledCodes, seed: int = 0) -> Measurement:
    """Which factor do examples agree in, by the unit that varies least among them?

    Of 64 examples that agree in one factor, the unit with the least variance, relative to its variance over
    all examples, votes for that factor. From 100 votes for each factor each unit is given the factor that
    it voted for most often, and the share of 100 others of each factor that this gets right is the score
    (Kim & Mnih, 2018, section 4). With K factors it is 1/K by chance. A unit that never varies has no vote:
    its variance would always be the least.

    Example:
        >>> factors = np.stack([np.arange(300) % 2, np.arange(300) % 3], axis=1)
        >>> factor_vae(LabelledCodes.of(factors @ [[0, -1], [4, 0]], factors)).scores
        {'factor_vae': 1.0}
    """
    generator = np.random.default_rng(seed)
    codes = labelled.codes[:, labelled.varies]
    codes = codes / codes.std(axis=0)
    num_factors = len(labelled.names)
    if not codes.shape[1]:
        return Measurement({"factor_vae": 1.0 / num_factors})
    votes = np.zeros((2, codes.shape[1], num_factors))
    for factor, classes in enumerate(labelled.classes.T):
        rows = agreeing_rows(classes, 2 * NUM_VOTES, GROUP_SIZE, generator)
        steadiest = codes[rows].var(axis=1).argmin(axis=1)
        for half in range(2):
            votes[half, :, factor] = np.bincount(steadiest[half::2], minlength=codes.shape[1])
    learned, tested = votes
    right = tested[np.arange(len(tested)), learned.argmax(axis=1)].sum()
    return Measurement({"factor_vae": float(right / tested.sum())})
