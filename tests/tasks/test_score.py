"""Anomaly scores: the same every time, exact where the truth is known; p-values that keep their word."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers
from scipy import stats

import keras_vae
from keras_vae import tasks
from keras_vae.calibration import Calibration
from keras_vae.data import load_table
from keras_vae.distributions import FixedNoise
from keras_vae.errors import InvalidArgumentError, UnknownNameError
from keras_vae.likelihoods import Normal
from keras_vae.posteriors import DiagonalNormal
from keras_vae.recipes import get
from tests.samples import people

POSTERIORS = {
    "diagonal_normal": "standard_normal",
    "full_normal": "standard_normal",
    "planar_flow": "standard_normal",
    "inverse_autoregressive_flow": "standard_normal",
    "von_mises_fisher": "uniform_sphere",
}


@pytest.fixture(scope="module")
def exact():
    """x = wz + b + σε with its exact posterior: a model, and the normal distribution of its data."""
    w, bias, scale = np.float32([[0.8, -0.5, 1.2, 0.3]]), np.float32([0.1, -0.2, 0.3, 0.0]), 0.7
    model = keras_vae.VAE(
        layers.Identity(), layers.Identity(), posterior=DiagonalNormal(1),
        likelihood=Normal(event_shape=(4,), scale=scale), seed=0,
    )  # fmt: skip
    model.build((None, 4))
    model.likelihood.projection.body.set_weights([w, bias])
    precision = 1.0 + (w @ w.T).item() / scale**2
    to_mean = w.T / scale**2 / precision
    model.posterior.mu_head.set_weights([to_mean, -bias @ to_mean])
    model.posterior.log_var_head.set_weights([np.zeros((4, 1)), np.log([1.0 / precision])])
    return model, stats.multivariate_normal(bias, w.T @ w + scale**2 * np.eye(4))


@pytest.mark.parametrize("posterior", POSTERIORS)
def test_a_score_depends_on_nothing_but_the_example(make_vae, blobs, posterior):
    model = make_vae(posterior=posterior, prior=POSTERIORS[posterior])
    x = blobs.x_test
    order = np.random.default_rng(0).permutation(len(x))
    for method in ("bound", "importance"):

        def scores(examples, method=method):
            return tasks.score(model, examples, method, num_samples=4).score

        together = scores(x)
        np.testing.assert_allclose(scores(x[:1]), together[:1], rtol=0, atol=1e-5)
        np.testing.assert_allclose(scores(x[order]), together[order], rtol=0, atol=1e-5)
    # As many as do not fill a batch evenly.
    many = scores(np.concatenate([x[:7]] * 75))
    np.testing.assert_allclose(many, np.tile(together[:7], 75), rtol=0, atol=1e-5)


def test_another_process_gives_the_same_scores(make_vae, blobs, tmp_path):
    model = make_vae()
    tasks.calibrate(model, blobs.x_train)
    here = tasks.score(model, blobs.x_test)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", blobs.x_test[::-1])
    program = (
        "import keras, numpy as np, keras_vae; from keras_vae import tasks;"
        "found = tasks.score(keras.saving.load_model('model.keras'), np.load('x.npy'));"
        "np.save('there.npy', np.stack([found.score, found.p_value]))"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    score, p_value = np.load(tmp_path / "there.npy")[:, ::-1]
    np.testing.assert_allclose(score, here.score, rtol=0, atol=1e-5)
    np.testing.assert_allclose(p_value, here.p_value, rtol=0, atol=1.5 / (len(blobs.x_train) + 1))


@pytest.mark.parametrize("method", ["bound", "importance"])
@pytest.mark.parametrize("num_samples", [1, 7, 16])
def test_the_score_is_the_exact_likelihood_where_the_posterior_is_exact(exact, method, num_samples):
    # Then every weight p(x|z) p(z) / q(z|x) is p(x), whatever the samples; the bound has its expected
    # reconstruction by quadrature, which is as exact as the points' second moment.
    model, truth = exact
    x = truth.rvs(20, random_state=0).astype("float32")
    found = tasks.score(model, x, method, num_samples)
    tolerance = 1e-4 if method == "importance" else 3.0 / num_samples
    np.testing.assert_allclose(found.score, -truth.logpdf(x), rtol=0, atol=tolerance)


def test_the_bound_is_its_two_parts_and_agrees_with_monte_carlo(make_vae, blobs):
    model = make_vae(latent_dim=3)
    found = tasks.score(model, blobs.x_test, num_samples=256)
    np.testing.assert_allclose(found.reconstruction + found.kl, found.score, rtol=1e-6)
    weights = model.log_weights(blobs.x_test, 2000, seed=0)
    draws = -keras.ops.convert_to_numpy(weights["log_likelihood"])
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(found.reconstruction - draws.mean(axis=0)) < 5 * error + 1e-3).all()


def test_fixed_noise_is_more_even_than_draws():
    # Of 64 independent numbers, |mean| is 0.1 on average; of a scrambled Sobol net, far less.
    points = FixedNoise(3).points(64, 5)
    assert np.abs(points.mean(axis=0)).max() < 0.05
    np.testing.assert_allclose(points.std(axis=0), 1.0, atol=0.1)
    assert np.isfinite(FixedNoise(0).points(4096, 3)).all()
    np.testing.assert_array_equal(FixedNoise(3).points(5, 5), points[:5])
    assert not np.array_equal(FixedNoise(4).points(64, 5), points)


def test_seven_samples_are_seven(make_vae, blobs, monkeypatch):
    model, decoded = make_vae(), []
    decode = model.decode
    monkeypatch.setattr(model, "decode", lambda z, c=None: decoded.append(z.shape) or decode(z, c))
    tasks.score(model, blobs.x_test[:2], "importance", num_samples=7)
    assert [shape[0] for shape in decoded] == [7]


def test_the_map_adds_up_and_shows_where(make_vae, blobs):
    model = make_vae()
    model.compile(optimizer="adam")
    model.fit(blobs.x_train, epochs=5, verbose=0)
    x = blobs.x_test[:4].copy()
    before = tasks.score(model, x, with_map=True)
    x[:, 2:4, 8:10] = 255 - x[:, 2:4, 8:10]
    after = tasks.score(model, x, with_map=True)
    assert after.map.shape == x.shape
    np.testing.assert_allclose(after.map.sum(axis=(1, 2, 3)), after.reconstruction, rtol=1e-4)
    assert tasks.score(model, x).map is None
    changed = np.abs(after.map - before.map).mean(axis=(0, 3))
    here = np.zeros((12, 12), bool)
    here[2:4, 8:10] = True
    assert changed[here].min() > 2 * changed[~here].max()


def test_the_map_of_a_table_names_the_column_and_skips_gaps():
    data = load_table(people(400))
    model = get("table").model(data, seed=0)
    model.compile(optimizer="adam")
    model.fit(data.x_train, epochs=20, batch_size=32, verbose=0)
    rows = np.asarray(data.x_test[:])
    rows = rows[~np.isnan(rows).all(axis=1)][:20]
    names = [column.name for column in data.schema.columns]
    height = names.index("height")
    odd = rows.copy()
    odd[:, height] = 9.0
    found = tasks.score(model, odd, with_map=True)
    assert (found.map.argmax(axis=1) == height).mean() > 0.9
    assert (found.map[np.isnan(odd)] == 0).all()
    assert (found.score > tasks.score(model, rows).score).all()


def test_p_values_are_ranks_among_the_ordinary():
    generator = np.random.default_rng(0)
    scores, asked = generator.normal(size=57), generator.normal(size=200)
    expected = (1 + (scores.astype("f4") >= asked.astype("f4")[:, None]).sum(axis=1)) / 58
    np.testing.assert_allclose(Calibration(scores).p_values(asked), expected)
    assert np.isnan(Calibration(scores).p_values([np.nan])).all()


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1, 0.25])
def test_the_threshold_and_the_p_values_say_the_same(rate):
    calibration = Calibration(np.random.default_rng(1).normal(size=199))
    scores = np.concatenate([calibration.scores, np.linspace(-4, 4, 500)])
    alarms = scores.astype("f4") > np.float32(calibration.threshold(rate))
    np.testing.assert_array_equal(alarms, calibration.p_values(scores) <= rate)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.1])
def test_false_alarms_are_as_rare_as_asked_for(exact, rate):
    # 200 times new ordinary data: 99 to calibrate with, others to judge. Of one judged each time, alarms
    # are binomial; of 50 each time, which share a calibration, they are beta-binomial.
    model, truth = exact
    calibrated, judged = 99, 50
    x = truth.rvs((200, calibrated + judged), random_state=2).astype("float32")
    scores = tasks.score(model, x.reshape(-1, 4), num_samples=1).score.reshape(200, -1)
    alarms = np.array([Calibration(row[:calibrated]).p_values(row[calibrated:]) <= rate for row in scores])
    low, high = stats.binom.interval(0.999, 200, rate)
    assert low <= alarms[:, 0].sum() <= high
    allowed = round(rate * (calibrated + 1))
    each = stats.betabinom(judged, allowed, calibrated + 1 - allowed)
    total, spread = 200 * each.mean(), np.sqrt(200 * each.var())
    assert each.mean() == pytest.approx(rate * judged)
    assert abs(alarms.sum() - total) < 4 * spread


def test_a_calibration_is_part_of_the_model(make_vae, blobs, tmp_path):
    model = make_vae()
    assert tasks.score(model, blobs.x_test).p_value is None
    tasks.calibrate(model, blobs.x_train, "importance", num_samples=3, seed=5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    found = tasks.score(loaded, blobs.x_test)
    assert found.settings == {"method": "importance", "num_samples": 3, "seed": 5}
    np.testing.assert_array_equal(found.p_value, tasks.score(model, blobs.x_test).p_value)
    # Scores of another kind are not to be judged by these.
    assert tasks.score(loaded, blobs.x_test, num_samples=4).p_value is None


def test_bad_requests_are_refused(make_vae, blobs):
    model = make_vae()
    with pytest.raises(UnknownNameError, match="Unknown method of scoring 'bond'"):
        tasks.score(model, blobs.x_test, "bond")
    with pytest.raises(InvalidArgumentError, match="num_samples"):
        tasks.score(model, blobs.x_test, num_samples=0)
    with pytest.raises(InvalidArgumentError, match="0 scores"):
        Calibration([])
    with pytest.raises(InvalidArgumentError, match="1 of them NaN"):
        Calibration([1.0, np.nan])
    with pytest.raises(InvalidArgumentError, match="takes 99 ordinary"):
        Calibration(np.arange(50.0)).threshold(0.01)
    with pytest.raises(InvalidArgumentError, match="between 0 and 1"):
        Calibration(np.arange(50.0)).threshold(1.0)
