"""The estimators by scikit-learn's own checks, and by what they promise beyond."""

import copy
import pickle
import subprocess
import sys

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.stats import betabinom
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from keras_vae import VAE, tasks
from keras_vae.errors import (
    DataError,
    InvalidArgumentError,
    ModelFileError,
    TrainingDivergedError,
    UnknownNameError,
)
from keras_vae.estimators import VAEOutlierDetector, VAETransformer

# One step a fit, without a graph.
TINY = {"latent_dim": 2, "hidden_units": (4,), "epochs": 1, "batch_size": 512, "random_state": 0}
TRAINED = {"latent_dim": 3, "hidden_units": (32,), "epochs": 60, "batch_size": 32, "learning_rate": 5e-3}
# Units that differ, and one column so far from zero that float32 could not tell its numbers apart.
LOCATION = np.array([0.0, 50.0, -3.0, 1e9, 0.0])
SCALE = np.array([1.0, 10.0, 1e-4, 3.0, 1e6])
LOADINGS = np.array([[1.0, 1.0, 0.0, 1.0, -1.0], [0.0, 1.0, 1.0, -1.0, 1.0]])


def rows(count, seed):
    """Five columns that two factors explain, but for a tenth of their variance."""
    generator = np.random.default_rng(seed)
    standard = generator.normal(size=(count, 2)) @ LOADINGS + 0.4 * generator.normal(size=(count, 5))
    return LOCATION + SCALE * standard


def named(x):
    return pd.DataFrame(x, columns=["height", "weight", "width", "time", "income"])


@pytest.fixture(scope="module")
def transformer():
    return VAETransformer(**TRAINED, random_state=0).fit(named(rows(400, seed=0)))


@pytest.fixture(scope="module")
def detector():
    """500 rows, of which 100 are held out; a tenth of false alarms."""
    return VAEOutlierDetector(**TRAINED, random_state=0).fit(rows(500, seed=1))


@parametrize_with_checks([VAETransformer(**TINY), VAEOutlierDetector(**TINY)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_codes_do_not_depend_on_what_stands_beside_them(transformer, detector):
    x = rows(700, seed=2)
    functions = (lambda x: transformer.transform(named(x)), detector.score_samples, detector.p_values)
    for function in functions:
        together = function(x)
        alone = np.concatenate([function(x[i : i + 1]) for i in (0, 333, 699)])
        np.testing.assert_array_equal(together[[0, 333, 699]], alone)
        np.testing.assert_array_equal(function(x[::-1]), together[::-1])


def test_codes_say_what_the_columns_are(transformer):
    """What the two factors leave is 0.4 of at least √1.16 = 1.08, 0.37 of a column's standard deviation;
    column means leave all of it.
    """
    x = rows(300, seed=3)
    back = transformer.inverse_transform(transformer.transform(named(x)))
    assert back.dtype == "float64"
    left = np.sqrt(((back - x) ** 2).mean(axis=0)) / x.std(axis=0)
    assert (left < 0.6).all(), left


def test_the_raw_units_of_the_model_are_those_of_its_schema(transformer):
    schema = transformer.model_.preprocessing.schema
    assert schema.names == list(transformer.feature_names_in_)
    assert [each.start > 0 for each in schema.columns] == [False, False, False, True, False]
    x = rows(10, seed=4)
    codes = tasks.embed(transformer.model_, schema.encode(_arrow(named(x))))
    np.testing.assert_allclose(codes, transformer.transform(named(x)), rtol=1e-4, atol=1e-5)


def _arrow(frame):
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)


def test_frames_come_back_as_frames(transformer):
    frame = named(rows(5, seed=5)).set_index(np.array([10, 20, 30, 40, 50]))
    found = copy.deepcopy(transformer).set_output(transform="pandas").transform(frame)
    assert list(found.columns) == ["vaetransformer0", "vaetransformer1", "vaetransformer2"]
    assert list(found.index) == [10, 20, 30, 40, 50]
    np.testing.assert_array_equal(found.to_numpy(), transformer.transform(frame))
    with pytest.raises(ValueError, match="feature names"):
        transformer.transform(frame[frame.columns[::-1]])


def test_false_alarms_come_at_the_rate_that_was_asked_for(detector):
    """Of n = 100 rows held out, k = ⌊0.1 · 101⌋ = 10 are allowed, so that false alarms among m others are
    beta-binomial, with parameters k and n + 1 − k: 99.9 % of the time within this band, 1 % to 22 %.
    """
    assert len(detector.model_.calibration) == 100
    x = rows(3000, seed=6)
    alarms = int((detector.predict(x) == -1).sum())
    low, high = betabinom(3000, 10, 91).interval(0.999)
    assert low <= alarms <= high
    np.testing.assert_array_equal(detector.predict(x) == -1, detector.p_values(x) <= 0.1)
    np.testing.assert_array_equal(
        detector.decision_function(x), detector.score_samples(x) - detector.offset_
    )


def test_another_rate_is_another_threshold_and_the_same_model():
    x, new = rows(300, seed=7), rows(2000, seed=8)
    rates = (0.02, 0.1, 0.4)
    found = [VAEOutlierDetector(rate, **TINY).fit(x) for rate in rates]
    for rate, each in zip(rates, found, strict=True):
        np.testing.assert_array_equal(each.score_samples(new), found[0].score_samples(new))
        low, high = betabinom(2000, int(rate * 61), 61 - int(rate * 61)).interval(0.999)
        assert low <= (each.predict(new) == -1).sum() <= high


def test_as_many_rows_are_held_out_as_the_rate_takes():
    detector = VAEOutlierDetector(0.05, **TINY).fit(rows(30, seed=0))
    assert len(detector.model_.calibration) == 19
    with pytest.raises(InvalidArgumentError, match="takes 99 ordinary examples"):
        VAEOutlierDetector(0.01, **TINY).fit(rows(99, seed=0))


def test_anomalies_are_found(detector):
    x = rows(500, seed=9)
    far = x + 10 * SCALE * np.eye(5)[np.arange(500) % 5]
    assert (detector.predict(far) == -1).all()
    # Each column by itself is ordinary here; only what hangs together no longer does.
    generator = np.random.default_rng(0)
    shuffled = np.stack([generator.permutation(column) for column in x.T], axis=1)
    scores = -detector.score_samples(np.concatenate([x, shuffled]))
    assert roc_auc_score(np.repeat([0, 1], 500), scores) > 0.9


def test_what_overflows_is_as_strange_as_can_be(detector):
    x = np.full((1, 5), 1e30)
    assert np.isfinite(detector.score_samples(x)).all()
    assert detector.predict(x) == -1
    assert detector.p_values(x) == pytest.approx(1 / 101)


def test_gaps_are_filled_from_what_is_known(transformer, detector):
    """A hidden entry comes back nearer than the mean of its column, which is a standard deviation off."""
    x = rows(400, seed=10)
    hidden = np.arange(5) == (np.arange(400) % 5)[:, None]
    gappy = np.where(hidden, np.nan, x)
    back = transformer.inverse_transform(transformer.transform(named(gappy)))
    error = np.sqrt((((back - x) / SCALE)[hidden] ** 2).mean())
    assert error < 0.8 * np.sqrt((((x - x.mean(axis=0)) / SCALE)[hidden] ** 2).mean())
    assert np.isfinite(detector.score_samples(gappy)).all()
    # The more is known, the more there is to be strange about.
    nothing = np.full((1, 5), np.nan)
    assert detector.score_samples(nothing) > detector.score_samples(gappy).mean()


def test_columns_with_gaps_can_be_learned_from():
    x = rows(200, seed=11)
    x[::3, 1] = np.nan
    assert np.isfinite(VAETransformer(**TINY).fit_transform(x)).all()
    x[:, 1] = np.nan
    with pytest.raises(DataError, match="missing in every row"):
        VAETransformer(**TINY).fit(x)


def test_in_a_pipeline_and_a_search():
    x, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(VAETransformer(**TINY), LogisticRegression())
    search = GridSearchCV(pipeline, {"vaetransformer__latent_dim": np.array([1, 4])}, cv=2).fit(x, y)
    # Codes of hardly trained weights, too, tell more than that there are three classes.
    assert search.best_score_ > 1 / 3
    width = search.best_params_["vaetransformer__latent_dim"]
    assert search.best_estimator_[:-1].transform(x).shape == (150, width)


def test_a_pickle_is_the_same_to_the_bit_also_in_another_process(transformer, detector, tmp_path):
    x = rows(50, seed=12)
    for other in (pickle.loads(pickle.dumps(detector)), copy.deepcopy(detector)):
        np.testing.assert_array_equal(other.score_samples(x), detector.score_samples(x))
        assert other.model_ is not detector.model_
    joblib.dump((transformer, detector, named(x)), tmp_path / "both.joblib")
    program = """
import sys
import joblib
import numpy as np
transformer, detector, x = joblib.load(sys.argv[1])
np.savez(sys.argv[2], transformer.transform(x), detector.decision_function(x.to_numpy()))
"""
    paths = [tmp_path / "both.joblib", tmp_path / "found.npz"]
    subprocess.run([sys.executable, "-c", program, *paths], check=True)
    with np.load(paths[1]) as found:
        np.testing.assert_array_equal(found["arr_0"], transformer.transform(named(x)))
        np.testing.assert_array_equal(found["arr_1"], detector.decision_function(x))


def test_a_pickle_holds_the_artefact_and_refuses_code(transformer, monkeypatch):
    """`safe_mode` is on, so that a layer made of code cannot come in with a pickled model."""
    import keras

    state = transformer.__getstate__()
    assert state["model_"][:2] == b"PK"  # what every `.keras` file, a zip archive, begins with
    hostile = VAE(keras.layers.Lambda(lambda x: x), keras.layers.Identity(), latent_dim=2)
    hostile.build((None, 5))
    monkeypatch.setattr(transformer, "model_", hostile)
    with pytest.raises(ModelFileError, match="Lambda"):
        pickle.loads(pickle.dumps(transformer))


def test_the_random_state_is_scikit_learns():
    x = rows(40, seed=13)

    def codes(state):
        return clone(VAETransformer(**TINY)).set_params(random_state=state).fit_transform(x)

    first = codes(0)
    np.testing.assert_array_equal(codes(0), first)
    np.testing.assert_array_equal(codes(np.random.RandomState(0)), first)
    assert not np.array_equal(codes(1), first)
    assert not np.array_equal(codes(None), codes(None))


def test_few_steps_are_taken_without_a_graph(detector):
    assert VAETransformer(**TINY).fit(rows(40, seed=14)).model_.run_eagerly
    assert not detector.model_.run_eagerly


def test_counts_and_truths_are_taken_as_they_are():
    x = np.random.default_rng(0).integers(0, 2, (60, 4)).astype(float)
    transformer = VAETransformer(**TINY, likelihood="bernoulli").fit(x)
    np.testing.assert_array_equal(transformer.model_.preprocessing(x), x)
    back = transformer.inverse_transform(transformer.transform(x))
    assert 0 < back.min() < back.max() < 1
    with pytest.raises(DataError, match=r"lie in \[0, 2\], and this likelihood is defined on \[0, 1\]"):
        transformer.transform(2 * x)


@pytest.mark.parametrize(
    ("estimator", "settings", "error", "message"),
    [
        (VAETransformer, {"latent_dim": 0}, InvalidArgumentError, "latent_dim must be a positive integer"),
        (VAETransformer, {"latent_dim": 2.5}, InvalidArgumentError, "latent_dim=2.5"),
        (VAETransformer, {"epochs": 0}, InvalidArgumentError, "epochs=0"),
        (VAETransformer, {"hidden_units": (8, -1)}, InvalidArgumentError, "hidden_units=-1"),
        (VAETransformer, {"learning_rate": 0.0}, InvalidArgumentError, "learning_rate=0.0"),
        (VAETransformer, {"likelihood": "norml"}, UnknownNameError, "Did you mean 'normal'"),
        (VAETransformer, {"stretch": "bend"}, UnknownNameError, "Unknown stretch 'bend'"),
        (VAEOutlierDetector, {"calibration_share": 1.0}, InvalidArgumentError, "calibration_share=1.0"),
        (VAEOutlierDetector, {"false_alarm_rate": 0.0}, InvalidArgumentError, "Received: 0.0"),
        (VAEOutlierDetector, {"method": "bond"}, UnknownNameError, "Did you mean 'bound'"),
    ],
)
def test_settings_out_of_range_are_refused(estimator, settings, error, message):
    with pytest.raises(error, match=message):
        estimator(**(TINY | settings)).fit(rows(40, seed=15))


def test_numbers_that_do_not_fit_are_refused(transformer):
    x = rows(40, seed=16)
    x[3, 0] = 1e39
    with pytest.raises(DataError, match=r"numbers up to 1e\+39"):
        VAETransformer(**TINY).fit(x)
    with pytest.raises(
        InvalidArgumentError, match=r"holds 3 numbers. Received: an array of shape \(2, 4\)"
    ):
        transformer.inverse_transform(np.zeros((2, 4)))


def test_a_loss_that_becomes_infinite_is_an_error():
    with pytest.raises(TrainingDivergedError, match="lower learning_rate"):
        VAETransformer(**(TINY | {"epochs": 8, "learning_rate": 1e30})).fit(rows(40, seed=17))


def test_what_is_not_fitted_says_so():
    x = rows(10, seed=18)
    for function in (VAETransformer().inverse_transform, VAEOutlierDetector().p_values):
        with pytest.raises(NotFittedError):
            function(x)
