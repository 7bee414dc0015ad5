"""Columns on their way to a normal distribution, and back: against SciPy's normal, ranks and shares."""

import json

import keras
import numpy as np
import pytest
from scipy import stats

from keras_vae.columns.column import Column
from keras_vae.data import Schema, TableTransform
from keras_vae.data.stretch import STRETCHES, Stretch, fit_stretch
from keras_vae.errors import InvalidArgumentError, UnknownNameError

pytestmark = pytest.mark.mathematics


def generator(seed=0):
    return np.random.default_rng(seed)


def shapes():
    """Columns of many shapes, by name."""
    rng = generator()
    normal = rng.normal(size=1000)
    return {
        "normal": 50 + 9 * normal,
        "lognormal": np.exp(normal),
        "wide lognormal": np.exp(4 * normal),
        "zeros and more": np.where(rng.random(1000) < 0.3, 0.0, np.exp(normal)),
        "a mass at the top": np.minimum(normal, 0.5),
        "ratings": rng.choice([1.0, 2, 3, 4, 5], 1000, p=[0.1, 0.05, 0.15, 0.3, 0.4]),
        "many integers": np.rint(100 * normal**2),
        "negative": -np.exp(normal),
        "two humps": np.concatenate([normal[:500] - 9, normal[500:] + 9]),
        "heavy tails": rng.standard_cauchy(1000),
        "two values": np.array([3.0, 8.0] * 500),
        "constant": np.full(1000, 7.25),
        "huge": 1e30 * normal,
        "tiny": 1e-30 * np.exp(normal),
    }


SHAPES = shapes()


def one_of_each():
    return np.stack([SHAPES[name] for name in ("zeros and more", "lognormal", "normal", "ratings")], axis=1)


def transform_of(columns, kinds=None):
    """Of raw columns, `(n, num_columns)`, each stretched by the kind that is given, if any."""
    schema = Schema(tuple(Column(f"c{i}", "real") for i in range(columns.shape[1])))
    named = {} if kinds is None else {f"c{i}": kind for i, kind in enumerate(kinds)}
    return TableTransform.of(schema, np.asarray(columns, "float32"), named)


def alone(x, kind=None):
    return transform_of(np.asarray(x)[:, None], [kind] if kind else None)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("normal", "standardize"),
        ("constant", "standardize"),
        ("lognormal", "log"),
        ("wide lognormal", "log"),
        ("tiny", "log"),
        ("zeros and more", "quantile"),
        ("a mass at the top", "quantile"),
        ("ratings", "quantile"),
        ("negative", "quantile"),
        ("two humps", "quantile"),
        ("heavy tails", "quantile"),
        ("two values", "quantile"),
    ],
)
def test_what_suits_a_column_is_chosen(name, kind):
    assert fit_stretch(SHAPES[name]).kind == kind
    for asked in STRETCHES:
        if name != "constant" or asked == "none":
            assert fit_stretch(SHAPES[name], asked).kind == asked


def test_logarithms_keep_zeros_apart_from_what_is_positive():
    x = np.concatenate([[0.0, 0.0], np.exp(generator().normal(size=500))])
    stretch = fit_stretch(x)
    assert stretch.kind == "log"
    assert stretch.shift == np.sort(x)[2] / 2
    assert fit_stretch(x[2:]).shift == 0
    assert fit_stretch(x - 5, "log").shift == 6


def test_positive_numbers_that_are_normal_stay_so():
    # Far from zero, normal and lognormal are hard to tell apart: the simpler is preferred.
    assert fit_stretch(1000 + generator().normal(size=500)).kind == "standardize"
    assert fit_stretch(np.exp(0.05 * generator().normal(size=500))).kind == "standardize"


def test_normal_scores_are_scipy_s_of_the_mid_ranks(to_numpy):
    x = generator().permutation(np.exp(2 * generator().normal(size=40))).astype("float32")
    found = to_numpy(alone(x, "quantile")(x[:, None]))[:, 0]
    np.testing.assert_allclose(found, stats.norm.ppf((stats.rankdata(x) - 0.5) / 40), atol=1e-5)
    # Between two knots the scores are those on the straight line.
    ordered = np.sort(x)
    middles = (ordered[1:] + ordered[:-1]) / 2
    scores = np.sort(found)
    found = to_numpy(alone(x, "quantile")(middles[:, None]))[:, 0]
    np.testing.assert_allclose(found, (scores[1:] + scores[:-1]) / 2, atol=1e-5)


def test_a_point_mass_lies_between_the_scores_of_its_ends(to_numpy):
    x = np.repeat([1.0, 2.0, 3.0, 5.0], [10, 6, 8, 16])
    found = to_numpy(alone(x, "quantile")(np.array([[1.0], [2.0], [3.0], [5.0]])))[:, 0]
    ends = stats.norm.ppf(np.array([0.5, 10, 16, 24, 39.5]) / 40)
    np.testing.assert_allclose(found, (ends[1:] + ends[:-1]) / 2, atol=1e-5)
    # Another column with more knots beside it, which pads these, changes nothing.
    columns = np.stack([x, generator().normal(size=40)], axis=1)
    beside = transform_of(columns, ["quantile", "quantile"])
    padded = to_numpy(beside(np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [5.0, 0.0]])))[:, 0]
    np.testing.assert_allclose(padded, found, atol=1e-6)


def test_standardising_and_logarithms_are_what_they_say(to_numpy):
    normal, log = SHAPES["normal"], SHAPES["lognormal"]
    found = to_numpy(transform_of(np.stack([normal, log, -log], 1), ["standardize", "log", "log"])(
        np.stack([normal, log, -log], 1)
    ))  # fmt: skip
    np.testing.assert_allclose(found[:, 0], stats.zscore(normal), atol=1e-5)
    np.testing.assert_allclose(found[:, 1], stats.zscore(np.log(log)), atol=1e-4)
    np.testing.assert_allclose(found[:, 2], stats.zscore(np.log(1 + log.max() - log)), atol=1e-3)


@pytest.mark.parametrize("kind", [None, *STRETCHES])
@pytest.mark.parametrize("name", SHAPES)
def test_the_way_back_leads_back(name, kind, to_numpy):
    if (name, kind) == ("huge", "log"):
        pytest.skip("logarithms of what lies 10³⁰ apart around zero are not for float32")
    x = SHAPES[name].astype("float32")[:, None]
    transform = alone(SHAPES[name], kind)
    y = to_numpy(transform(x))
    assert y.dtype == np.float32
    assert np.isfinite(y).all()
    back = to_numpy(transform.inverse(y))
    np.testing.assert_allclose(back, x, rtol=1e-4 if transform.stretches[0].kind == "log" else 1e-6,
                               atol=2e-6 * np.abs(x).max())  # fmt: skip
    if transform.stretches[0].kind == "quantile":
        np.testing.assert_allclose(back, x, rtol=2e-5)
    # And it never turns around.
    order = np.argsort(x[:, 0])
    assert (np.diff(y[order, 0]) >= 0).all()


def test_zeros_come_back_as_zeros_and_as_often(to_numpy):
    x = SHAPES["zeros and more"]
    transform = alone(x)
    assert transform.stretches[0].kind == "quantile"
    samples = to_numpy(transform.inverse(generator(1).normal(size=(20_000, 1))))[:, 0]
    share = (x == 0).mean()
    low, high = stats.binom.interval(1 - 1e-6, 20_000, share)
    assert low <= (samples == 0).sum() <= high
    assert samples.min() == 0
    positive = samples[samples > 0]
    # What a hundred knots cannot follow is at most a hundredth.
    assert stats.ks_2samp(positive, x[x > 0]).statistic < 0.01 + 1.95 * np.sqrt(1 / 700 + 1 / len(positive))


def test_integers_come_back_as_often_as_they_were(to_numpy):
    x = SHAPES["ratings"]
    samples = to_numpy(alone(x).inverse(generator(1).normal(size=(50_000, 1))))[:, 0]
    values, counts = np.unique(samples, return_counts=True)
    np.testing.assert_array_equal(values, [1, 2, 3, 4, 5])
    expected = np.array([(x == value).mean() for value in values])
    assert stats.chisquare(counts, 50_000 * expected).pvalue > 1e-6


def test_a_continuous_column_comes_back_as_it_is_distributed(to_numpy):
    for name in ("two humps", "negative", "many integers"):
        x = SHAPES[name]
        samples = to_numpy(alone(x, "quantile").inverse(generator(1).normal(size=(20_000, 1))))[:, 0]
        assert stats.ks_2samp(samples, x).statistic < 0.035, name


def test_outliers_go_on_evenly_and_come_back_clipped(to_numpy):
    x = SHAPES["two humps"]
    transform = alone(x, "quantile")
    spread = x.std()
    far = np.array([[x.max() + step * spread] for step in (0, 1, 2, 10)])
    y = to_numpy(transform(far))[:, 0]
    np.testing.assert_allclose(np.diff(y), [1, 1, 8], rtol=1e-4)
    below = to_numpy(transform(np.array([[x.min()], [x.min() - 3 * spread]])))[:, 0]
    np.testing.assert_allclose(np.diff(below), [-3], rtol=1e-4)
    back = to_numpy(transform.inverse(np.array([[-50.0], [50.0]])))[:, 0]
    np.testing.assert_allclose(back, [x.min(), x.max()], rtol=1e-6)
    assert np.isfinite(to_numpy(transform(np.array([[3e38], [-3e38]])))).all()


def test_whatever_is_drawn_comes_back_finite(to_numpy):
    for name, x in SHAPES.items():
        back = to_numpy(alone(x).inverse(np.array([[-1e4], [-8.0], [8.0], [1e4]], "float32")))
        if name != "huge":
            assert np.isfinite(back).all(), name


def test_missing_stays_missing_in_any_shape(to_numpy):
    columns = np.stack(
        [SHAPES[name] for name in ("zeros and more", "lognormal", "normal", "ratings")], axis=1
    )
    columns[::3, 0] = columns[1::4, 2] = np.nan
    transform = transform_of(columns)
    assert [each.kind for each in transform.stretches] == ["quantile", "log", "standardize", "quantile"]
    x = columns.astype("float32")
    y, back = to_numpy(transform(x)), to_numpy(transform.inverse(transform(x)))
    for each in (y, back):
        np.testing.assert_array_equal(np.isnan(each), np.isnan(x))
    np.testing.assert_allclose(back, x, rtol=1e-4)
    stacked = x[:600].reshape(3, 200, 4)
    for ours, theirs in ((transform(stacked), y), (transform.inverse(transform(stacked)), back)):
        assert tuple(ours.shape) == (3, 200, 4)
        np.testing.assert_allclose(to_numpy(ours).reshape(600, 4), theirs[:600], rtol=1e-5)
    assert to_numpy(transform(x[:1])).shape == (1, 4)
    assert tuple(transform.compute_output_spec(keras.KerasTensor((None, 4))).shape) == (None, 4)


def test_columns_that_lie_on_no_line_are_left_alone(to_numpy):
    schema = Schema((Column("k", "category", ("a", "b")), Column("n", "count"), Column("b", "boolean"),
                     Column("i", "integer"), Column("d", "date")))  # fmt: skip
    x = np.stack([np.arange(50) % 2, np.arange(50) % 5, np.arange(50) % 2, np.arange(50), np.arange(50)], 1)
    transform = TableTransform.of(schema, x.astype("float32"))
    assert [each.kind for each in transform.stretches[:3]] == ["none"] * 3
    np.testing.assert_array_equal(to_numpy(transform(x))[:, :3], x[:, :3])
    np.testing.assert_array_equal(transform.is_linear[:3], True)
    assert abs(to_numpy(transform(x))[:, 3:].mean()) < 1e-5
    with pytest.raises(UnknownNameError, match="Unknown column 'z'"):
        TableTransform.of(schema, x, {"z": "log"})
    with pytest.raises(UnknownNameError, match="Did you mean 'quantile'"):
        TableTransform.of(schema, x, {"i": "quantil"})


def test_a_column_without_numbers_is_left_where_it_is(to_numpy):
    transform = alone(np.full(10, np.nan))
    np.testing.assert_array_equal(to_numpy(transform(np.array([[3.0]]))), [[3.0]])
    constant = alone(SHAPES["constant"])
    assert to_numpy(constant(np.array([[7.25]]))).item() == 0
    assert to_numpy(constant.inverse(np.zeros((1, 1)))).item() == 7.25


def test_transforms_and_stretches_go_through_files(to_numpy, tmp_path):
    columns = np.stack(
        [SHAPES[name] for name in ("zeros and more", "lognormal", "normal", "ratings")], axis=1
    )
    transform = transform_of(columns)
    for stretch in transform.stretches:
        assert Stretch(**json.loads(json.dumps(stretch.get_config()))) == stretch
    again = TableTransform.from_config(json.loads(json.dumps(transform.get_config())))
    assert again.schema == transform.schema
    assert again.stretches == transform.stretches
    x = columns.astype("float32")
    np.testing.assert_array_equal(to_numpy(again(x)), to_numpy(transform(x)))
    model = keras.Sequential([keras.Input((4,)), transform])
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras").layers[-1]
    np.testing.assert_array_equal(
        to_numpy(loaded.inverse(transform(x))), to_numpy(transform.inverse(transform(x)))
    )


def test_broken_stretches_are_refused():
    with pytest.raises(UnknownNameError, match=r"Unknown stretch 'lg'\. Did you mean 'log'"):
        Stretch("lg")
    with pytest.raises(UnknownNameError, match="Unknown stretch"):
        fit_stretch(np.full(9, 1.0), "lg")
    for broken in (
        {"kind": "standardize", "scale": 0.0},
        {"kind": "quantile"},
        {"kind": "quantile", "values": (1.0, 2.0), "scores": (0.0,)},
        {"kind": "quantile", "values": (2.0, 1.0), "scores": (-1.0, 1.0)},
    ):
        with pytest.raises(InvalidArgumentError, match="A stretch has"):
            Stretch(**broken)
    with pytest.raises(InvalidArgumentError, match="a stretch for each of 2 columns"):
        TableTransform(Schema((Column("a", "real"), Column("b", "real"))), [Stretch()])
