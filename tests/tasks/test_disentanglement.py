"""Metrics of disentanglement, on codes of which the score is known on paper.

The examples are every combination of three factors of ten values each, so that the factors are independent.
"""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
from sklearn import metrics

from keras_vae import tasks
from keras_vae.errors import DataError, InvalidArgumentError, UnknownNameError
from keras_vae.tasks.disentanglement import METRICS, LabelledCodes, disentangle, measure_all
from keras_vae.tasks.disentanglement.discretize import equal_frequency, equal_width

FACTORS = np.array(list(itertools.product(range(10), repeat=3)), float)
NOISE = np.random.default_rng(0).normal(size=(len(FACTORS), 4))
#: Codes that say much of the factors, and not all: each of two factors, or of one, with noise.
BLURRED = FACTORS @ np.array([[1.0, 0.4, 0.0, 0.0], [0.0, 1.0, 0.3, 0.0], [0.0, 0.0, 0.0, 1.0]]) + 2 * NOISE
NAMES = (
    "mig", "sap", "modularity", "factor_vae", "beta_vae",
    "dci_disentanglement", "dci_completeness", "dci_informativeness",
)  # fmt: skip


def scores(codes, factors=FACTORS, seed=0, only=METRICS):
    """Of all examples, without intervals."""
    labelled = LabelledCodes.of(codes, factors)
    found = [METRICS[name].measure(labelled, seed).scores for name in only]
    return {name: value for each in found for name, value in each.items()}


def test_the_factors_themselves_score_1_on_every_metric():
    """In another order, and of any scale and sign."""
    found = scores(FACTORS[:, [2, 0, 1]] * [-3.0, 0.01, 100.0] + [5.0, 0.0, -1.0])
    assert found == pytest.approx(dict.fromkeys(NAMES, 1.0), abs=1e-9)


def test_noise_scores_what_is_chance():
    """0 for gaps and entropies, 1 in 3 for telling three factors apart, 1 in 10 for guessing ten values.

    Modularity is not 0 by chance. Of noise, I ≈ (bins − 1)(classes − 1) / 2n, with ten classes each nearly
    alike for the three factors; of 3, 4 and 10 classes it is as 2 to 3 to 9, and the modularity is
    1 − (2² + 3²) / (2 · 9²) = 0.92, though the codes say nothing.
    """
    found = scores(NOISE)
    for name in ("mig", "sap", "dci_disentanglement", "dci_completeness"):
        assert found[name] < 0.02, name
    many_votes = np.mean(
        [list(scores(NOISE, only=["beta_vae", "factor_vae"], seed=s).values()) for s in range(5)]
    )
    assert many_votes == pytest.approx(1 / 3, abs=0.03)
    assert found["dci_informativeness"] == pytest.approx(1 / 10, abs=0.05)
    assert found["modularity"] < 0.3
    few, some = FACTORS[:, 0] // 4, FACTORS[:, 1] // 3
    unequal = np.stack([few, some, FACTORS[:, 2]], axis=1)
    many = np.tile(unequal, (10, 1))
    noise = np.random.default_rng(1).normal(size=(len(many), 20))
    assert scores(noise, many, only=["modularity"])["modularity"] == pytest.approx(0.92, abs=0.05)


def test_codes_turned_by_45_degrees_in_the_plane_of_two_factors():
    """z₁ = v₁ + v₂ and z₂ = v₁ − v₂ say equally much of v₁ and of v₂, and z₃ = v₃: worked out by hand.

    - MIG and SAP: no unit is ahead for v₁ and v₂, one is wholly for v₃: (0 + 0 + 1) / 3.
    - Modularity: z₁ and z₂ speak as much of a second factor, 1 − 1/2 each: (1/2 + 1/2 + 1) / 3.
    - β-VAE and FactorVAE: agreeing in v₁ and agreeing in v₂ look alike: (1/2 + 1/2 + 1) / 3.
    - DCI: the importance of z₁ and z₂ is one half for v₁ and for v₂, of which the entropy is log 2:
      disentanglement and completeness are (2 (1 − log 2 / log 3) + 1) / 3.
    """
    v1, v2, v3 = FACTORS.T
    found = scores(np.stack([v1 + v2, v1 - v2, v3], axis=1))
    assert found["mig"] == pytest.approx(1 / 3, abs=1e-9)
    assert found["sap"] == pytest.approx(1 / 3, abs=1e-9)
    assert found["modularity"] == pytest.approx(2 / 3, abs=1e-9)
    assert found["factor_vae"] == pytest.approx(2 / 3, abs=0.05)
    assert found["beta_vae"] == pytest.approx(2 / 3, abs=0.06)
    expected = (2 * (1 - np.log(2) / np.log(3)) + 1) / 3
    assert found["dci_disentanglement"] == pytest.approx(expected, abs=0.03)
    assert found["dci_completeness"] == pytest.approx(expected, abs=0.03)


def test_a_unit_that_is_there_twice_costs_completeness_and_the_gaps():
    """Of v₁ there are two units: no gap, and the importance is halved, 1 − log 2 / log 4 = 1/2.

    Nothing else changes: each unit still speaks of one factor.
    """
    found = scores(FACTORS[:, [0, 0, 1, 2]])
    expected = dict.fromkeys(NAMES, 1.0) | {"mig": 2 / 3, "sap": 2 / 3}
    assert found.pop("dci_completeness") == pytest.approx((0.5 + 1 + 1) / 3, abs=0.02)
    expected.pop("dci_completeness")
    assert found == pytest.approx(expected, abs=1e-9)


def test_two_factors_in_one_unit_cost_modularity_and_disentanglement():
    """z₁ holds v₁ and v₂, each of its hundred values a pair of theirs; z₂ = v₃.

    Completeness stays 1, but for the last splits of the trees: one unit is enough for each factor. z₁
    serves two of three factors, z₂ one: disentanglement is (2 (1 − log 2 / log 3) + 1) / 3.
    """
    v1, v2, v3 = FACTORS.T
    found = scores(np.stack([10 * v1 + v2, v3], axis=1), only=["dci"])
    assert found["dci_completeness"] == pytest.approx(1.0, abs=0.03)
    expected = (2 * (1 - np.log(2) / np.log(3)) + 1) / 3
    assert found["dci_disentanglement"] == pytest.approx(expected, abs=0.03)


def test_order_scale_and_sign_of_the_units_do_not_matter():
    one, other = scores(BLURRED), scores(BLURRED[:, [3, 1, 0, 2]] * [-2.0, 8.0, 0.5, -16.0])
    for name in ("mig", "sap", "modularity", "factor_vae"):
        assert other[name] == pytest.approx(one[name], abs=1e-9), name
    for name in ("beta_vae", "dci_disentanglement", "dci_completeness", "dci_informativeness"):
        assert other[name] == pytest.approx(one[name], abs=0.05), name
    assert 0.05 < one["mig"] < 0.5


def test_better_codes_score_higher():
    blurs = [scores(FACTORS + blur * NOISE[:, :3]) for blur in (0.5, 2.0, 10.0)]
    for name in set(NAMES) - {"modularity"}:
        assert blurs[0][name] >= blurs[1][name] > blurs[2][name], name


def test_information_is_that_of_scikit_learn_and_entropy_that_of_scipy():
    labelled = LabelledCodes.of(BLURRED, FACTORS)
    expected = [
        [metrics.mutual_info_score(bins, factor) for factor in labelled.classes.T]
        for bins in labelled.bins.T
    ]
    np.testing.assert_allclose(labelled.mutual_information, expected, rtol=1e-9)
    np.testing.assert_allclose(labelled.entropies, np.log(10), rtol=1e-9)
    best = np.sort(expected, axis=0)[::-1]
    gap = np.mean((best[0] - best[1]) / scipy.stats.entropy(np.full(10, 0.1)))
    assert scores(BLURRED, only=["mig"])["mig"] == pytest.approx(gap, rel=1e-9)


def test_sap_is_made_of_scikit_learn_s_balanced_accuracy():
    """Classes of unequal size; each bin stands for the class of which the largest share lies in it."""
    factors = np.stack([np.minimum(FACTORS[:, 0], 4), FACTORS[:, 1] > 7], axis=1)
    labelled = LabelledCodes.of(BLURRED, factors)
    found = np.empty((4, 2))
    for unit, factor in itertools.product(range(4), range(2)):
        bins, classes = labelled.bins[:, unit], labelled.classes[:, factor]
        shares = np.stack(
            [np.bincount(bins[classes == c], minlength=20) / (classes == c).sum() for c in set(classes)]
        )
        found[unit, factor] = metrics.balanced_accuracy_score(
            classes, shares.argmax(axis=0)[bins], adjusted=True
        )
    best = np.sort(found, axis=0)[::-1]
    assert scores(BLURRED, factors, only=["sap"])["sap"] == pytest.approx(
        (best[0] - best[1]).mean(), rel=1e-9
    )


def test_dci_is_made_of_scipy_s_entropy():
    found = METRICS["dci"].measure(LabelledCodes.of(BLURRED, FACTORS), 0)
    shares = found.importance
    np.testing.assert_allclose(shares.sum(axis=0), 1.0)
    each = 1 - scipy.stats.entropy(shares, base=4)
    assert found.scores["dci_completeness"] == pytest.approx(each.mean(), rel=1e-9)
    weights = shares.sum(axis=1) / shares.sum()
    disentanglement = weights @ (1 - scipy.stats.entropy(shares, axis=1, base=3))
    assert found.scores["dci_disentanglement"] == pytest.approx(disentanglement, rel=1e-9)


def test_bins_are_those_of_a_histogram_or_hold_equally_many():
    values = np.random.default_rng(0).normal(size=1000)
    np.testing.assert_array_equal(
        np.bincount(equal_width(values), minlength=20), np.histogram(values, 20)[0]
    )
    np.testing.assert_array_equal(np.bincount(equal_frequency(np.exp(3 * values))), np.full(20, 50))
    tied = equal_frequency(np.repeat(np.arange(30.0), 10))
    assert all(len(set(tied[10 * i : 10 * i + 10])) == 1 for i in range(30))
    assert sorted(set(tied)) == list(range(20))
    assert equal_width(np.full(5, 3.0)).tolist() == [0] * 5


def test_a_unit_that_carries_nothing_does_not_win():
    """A collapsed unit's mean is nearly constant, but here it holds a factor in its last digits.

    Left in, it would be taken for that factor's best unit; a constant one would have every vote of the
    FactorVAE's score, and make it chance.
    """
    dead = np.stack([1e-3 * FACTORS[:, 0], np.full(len(FACTORS), 0.1)], axis=1)
    cheap = ["mig", "sap", "modularity", "factor_vae", "beta_vae"]
    some = {"num_bootstraps": 0, "metrics": ["mig", "factor_vae", "dci"]}
    with_dead = disentangle(np.concatenate([dead, BLURRED], axis=1), FACTORS, **some)
    without = disentangle(BLURRED, FACTORS, **some)
    assert with_dead.scores == without.scores
    assert with_dead.active_units == [2, 3, 4, 5]
    assert np.shape(with_dead.mutual_information) == np.shape(with_dead.importance) == (6, 3)
    assert not np.any(with_dead.mutual_information[:2])
    assert scores(np.concatenate([dead[:, 1:], FACTORS], axis=1), only=cheap) == pytest.approx(
        dict.fromkeys(cheap, 1.0) | {"modularity": 3 / 4}, abs=1e-9
    )
    kept = disentangle(dead, FACTORS, metrics=["mig"], num_bootstraps=0, least_variance=0)
    assert kept.active_units == [0]
    assert kept.scores["mig"].value == pytest.approx(1 / 3)


@pytest.fixture(scope="module")
def found():
    heard = []
    with tasks.reporting(lambda done, total: heard.append((done, total))):
        result = tasks.disentangle(BLURRED, FACTORS, ["colour", "size", "place"], num_bootstraps=30)
    assert heard == [(done, 229) for done in range(1, 230)]  # 5 × (1 + 30 + 10) and 1 + 20 + 3
    return result


def test_intervals_hold_the_score_and_its_chance_is_stated(found):
    assert tuple(found.scores) == NAMES
    for name, score in found.scores.items():
        assert 0 <= score.low <= score.value <= score.high <= 1, name
        assert score.high - score.low < 0.2, name
        assert score.chance < score.low, name
        assert score.num_bootstraps == (20 if name.startswith("dci") else 30)
    assert {
        name: each.value for name, each in found.scores.items() if name in ("mig", "sap", "modularity")
    } == scores(BLURRED, only=["mig", "sap", "modularity"])
    for name, expected in {
        "beta_vae": 1 / 3,
        "factor_vae": 1 / 3,
        "dci_informativeness": 1 / 10,
        "mig": 0,
    }.items():
        assert found.scores[name].chance == pytest.approx(expected, abs=0.05), name


def test_what_is_told_of_each_factor_makes_up_the_score(found):
    assert (found.factors, found.num_classes) == (("colour", "size", "place"), [10, 10, 10])
    assert set(found.per_factor) == {"mig", "sap", "dci_completeness", "dci_informativeness"}
    for name, each in found.per_factor.items():
        assert np.mean(each) == pytest.approx(found.scores[name].value, rel=1e-9)
    assert np.argmax(found.mutual_information, axis=0).tolist() == [0, 1, 3]
    assert np.argmax(found.importance, axis=0).tolist() == [0, 1, 3]


def test_the_same_seed_gives_the_same_figures(found):
    names = ["colour", "size", "place"]
    few = {"names": names, "num_bootstraps": 30, "metrics": ["factor_vae", "mig", "beta_vae"]}
    again = disentangle(BLURRED, FACTORS, **few)
    assert again.scores == {name: found.scores[name] for name in again.scores}
    assert disentangle(BLURRED, FACTORS, metrics=["dci"], num_bootstraps=0).importance == found.importance
    other = disentangle(BLURRED, FACTORS, seed=1, **few)
    assert other.scores["mig"].value == found.scores["mig"].value
    assert other.scores["mig"].low != found.scores["mig"].low
    assert other.scores["beta_vae"] != found.scores["beta_vae"]


def test_the_interval_is_as_wide_as_scores_of_new_examples_scatter():
    """2 · 1.96 of the standard deviations that 60 samples of 400 examples from the same source give."""
    generator = np.random.default_rng(0)

    def draw():
        factors = generator.integers(0, 5, (400, 2))
        return factors @ [[1.0, 0.5], [0.0, 1.0]] + generator.normal(size=(400, 2)), factors

    cheap = {name: replace(METRICS[name], num_shuffles=1) for name in ("mig", "sap")}
    many = [measure_all(cheap, LabelledCodes.of(*draw()), 60, seed)[1] for seed in range(60)]
    for name in cheap:
        deviation = np.std([each[name].value for each in many], ddof=1)
        width = np.mean([each[name].high - each[name].low for each in many])
        assert width == pytest.approx(2 * 1.96 * deviation, rel=0.3), name


def test_halves_repeat_no_example():
    labelled = LabelledCodes.of(np.arange(1000.0)[:, None], FACTORS)
    half = labelled.half(np.random.default_rng(0))
    assert len(half) == len(np.unique(half.codes)) == 500


def test_a_continuous_factor_is_put_into_bins():
    factors = np.concatenate([FACTORS[:, :2], np.exp(NOISE[:, :1])], axis=1)
    result = disentangle(factors, factors, num_bootstraps=0, metrics=["mig", "factor_vae"])
    assert result.num_classes == [10, 10, 20]
    assert result.entropy[2] == pytest.approx(np.log(20), rel=1e-9)
    assert (result.scores["mig"].low, result.scores["factor_vae"].high) == (None, None)
    assert result.scores["factor_vae"].value > 0.95


@pytest.mark.parametrize(
    ("codes", "factors", "message"),
    [
        (NOISE[:199], FACTORS[:199], "At least 200 examples .* Found 199"),
        (NOISE, FACTORS[:, :1], "at least 2 of them. Found 1: factor 1"),
        (
            NOISE,
            FACTORS * [1, 0, 1],
            "'factor 2' has the same value in 1000 of 1000 .*at least 10 must have",
        ),
        (NOISE, np.where(FACTORS == 3, np.nan, FACTORS), "'factor 1' is NaN or infinite in 100 of 1000"),
        (np.where(NOISE > 3, np.inf, NOISE), FACTORS, "Codes must be finite. Found NaN or infinity in"),
        (NOISE[:500], FACTORS, r"Found shapes \(500, 4\) and \(1000, 3\)"),
        (NOISE[:, 0], FACTORS, r"Found shapes \(1000,\) and"),
        (0.01 * NOISE, FACTORS, "None of the 4 units has a variance above 0.01"),
    ],
)
def test_what_cannot_be_measured_is_refused(codes, factors, message):
    with pytest.raises(DataError, match=message):
        disentangle(codes, factors)


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"at least 20 halves .*num_bootstraps=5"):
        disentangle(NOISE, FACTORS, num_bootstraps=5)
    with pytest.raises(UnknownNameError, match="Did you mean 'mig'"):
        disentangle(NOISE, FACTORS, metrics=["mog"])
    with pytest.raises(DataError, match="2 names were given for 3 factors: a, b"):
        disentangle(NOISE, FACTORS, ["a", "b"])
