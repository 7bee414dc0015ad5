"""The score of the β-VAE."""

import numpy as np

from keras_vae.tasks.disentanglement.groups import agreeing_pairs
from keras_vae.tasks.disentanglement.labelled_codes import LabelledCodes
from keras_vae.tasks.disentanglement.measurement import Measurement

#: For each factor, once to learn from and once to be tested on.
NUM_VOTES = 100
NUM_PAIRS = 64


def beta_vae(labelled: LabelledCodes, seed: int = 0) -> Measurement:
    """Can a linear classifier tell which factor two examples agree in, from how their codes differ?

    The mean of |zᵢ − zᵢ′| over 64 pairs of examples that agree in one factor is a point; logistic
    regression learns from 100 points of each factor which factor it was, and its accuracy on 100 others of
    each is the score (Higgins et al., 2017, section 3). Each unit is divided by its standard deviation
    first. With K factors it is 1/K by chance.

    Higgins draws pairs that agree in one factor from a simulator; here they are drawn from the examples at
    hand. In a factor that was put into bins, they agree but for the width of a bin.

    Example:
        >>> factors = np.stack([np.arange(300) % 2, np.arange(300) % 3], axis=1)
        >>> beta_vae(LabelledCodes.of(factors @ [[0, -1], [4, 0]], factors)).scores
        {'beta_vae': 1.0}
    """
    from sklearn.linear_model import LogisticRegression

    generator = np.random.default_rng(seed)
    codes = _standardized(labelled.codes)
    points, factors = [], []
    for number, classes in enumerate(labelled.classes.T):
        first, second = agreeing_pairs(classes, 2 * NUM_VOTES, NUM_PAIRS, generator)
        points.append(np.abs(codes[first] - codes[second]).mean(axis=1))
        factors.append(np.full(2 * NUM_VOTES, number))
    x, y = _standardized(np.concatenate(points)), np.concatenate(factors)
    accuracy = LogisticRegression(max_iter=1000).fit(x[::2], y[::2]).score(x[1::2], y[1::2])
    return Measurement({"beta_vae": float(accuracy)})


def _standardized(values: np.ndarray) -> np.ndarray:
    deviation = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
