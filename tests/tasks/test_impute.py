"""Missing entries: what they cost, and what is put in their place."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_vae
from keras_vae import tasks
from keras_vae.columns.column import Column
from keras_vae.data import Schema, Standardize, TableTransform
from keras_vae.data.stretch import Stretch
from keras_vae.distributions import Mixed as MixedDistribution
from keras_vae.distributions import Normal
from keras_vae.errors import InvalidArgumentError
from keras_vae.likelihoods import Mixed
from keras_vae.networks import TableFeatures, dense_decoder, table_encoder

GENERATOR = np.random.default_rng(0)
LOADINGS = np.array([[1.5, 0.0, 1.0, -0.8], [0.0, 1.2, 1.0, 0.6]], "float32")
NOISE = 0.5


@pytest.mark.mathematics
def test_missing_entries_cost_nothing(to_numpy):
    mu, log_var = GENERATOR.normal(size=(2, 3, 4)).astype("float32")
    x = GENERATOR.normal(size=(3, 4)).astype("float32")
    x[0, 1] = x[1, :] = x[2, 3] = np.nan
    known = ~np.isnan(x)
    p = MixedDistribution([Normal(mu[:, :1], log_var[:, :1]), Normal(mu[:, 1:], log_var[:, 1:])], [1, 3])
    elements = to_numpy(Normal(mu, log_var).element_log_prob(np.where(known, x, 0.0)))
    np.testing.assert_allclose(to_numpy(p.element_log_prob(x)), np.where(known, elements, 0), rtol=1e-5)
    np.testing.assert_allclose(to_numpy(p.log_prob(x)), (elements * known).sum(-1), rtol=1e-5)


@pytest.mark.mathematics
def test_the_encoder_can_tell_a_zero_from_a_gap(to_numpy):
    x = np.array([[0.0, 0.0], [np.nan, 2.0], [1.5, np.nan]], "float32")
    features = to_numpy(TableFeatures([None, 3])(x))
    np.testing.assert_array_equal(features, [[0, 1, 0, 0, 1, 1], [0, 0, 0, 1, 0, 1], [1.5, 0, 0, 0, 1, 0]])
    encoder = table_encoder([None, 3], (8,), seed=0)
    assert encoder.compute_output_shape((None, 2)) == (None, 8)
    assert np.isfinite(to_numpy(encoder(x))).all()


@pytest.mark.mathematics
def test_standardising_is_reversible_and_leaves_gaps(to_numpy):
    x = GENERATOR.normal(50, 9, (200, 3))
    x[:, 1] = 4.0
    x[::3, 0] = np.nan
    standardize = Standardize.of(x, columns=[0, 1])
    y = to_numpy(standardize(x))
    np.testing.assert_allclose([np.nanmean(y[:, 0]), np.nanstd(y[:, 0])], [0, 1], atol=1e-5)
    assert (y[:, 1] == 0).all()
    np.testing.assert_allclose(y[:, 2], x[:, 2], rtol=1e-6)
    np.testing.assert_allclose(to_numpy(standardize.inverse(y)), x, rtol=1e-5)
    again = Standardize.from_config(standardize.get_config())
    np.testing.assert_array_equal(to_numpy(again(x)), y)
    with pytest.raises(InvalidArgumentError, match="Column 1 is missing"):
        Standardize.of(np.array([[1.0, np.nan]]))


def linear_model(preprocessing=None):
    """p(x|z) = N(zW, 0.5²), z ~ N(0, I), which makes x normal; and q(z|x) = p(z), which knows nothing."""
    model = keras_vae.VAE(
        keras.Sequential([TableFeatures([None] * 4), layers.Dense(3, kernel_initializer="zeros")]),
        keras.Sequential([layers.Dense(2, kernel_initializer="identity")]),
        latent_dim=2,
        likelihood=Mixed(columns=[(4, f"normal:scale={NOISE}")]),
        preprocessing=preprocessing or Standardize([1.0] * 4, [2.0] * 4),
        seed=0,
    )
    model.build((None, 4))
    for weight in model.trainable_weights:
        if weight.shape == LOADINGS.shape:
            weight.assign(LOADINGS)
    return model


@pytest.mark.mathematics
def test_imputations_are_the_conditional_normal_s():
    covariance = LOADINGS.T @ LOADINGS + NOISE**2 * np.eye(4)
    x = np.array([[0.8, np.nan, np.nan, 1.4], [np.nan, -0.5, 2.0, np.nan], [1.0, 2.0, 3.0, 4.0]])
    found = tasks.impute(linear_model(), x, num_samples=40_000, num_draws=400)
    for row in range(2):
        gap = np.isnan(x[row])
        weights = covariance[gap][:, ~gap] @ np.linalg.inv(covariance[~gap][:, ~gap])
        mean = 1 + 2 * weights @ ((x[row, ~gap] - 1) / 2)
        rest = 4 * (covariance[gap][:, gap] - weights @ covariance[~gap][:, gap])
        np.testing.assert_allclose(found.filled[row, gap], mean, atol=0.06)
        np.testing.assert_allclose(found.uncertainty[row, gap], np.sqrt(np.diag(rest)), rtol=0.05)
        draws = found.draws[:, row][:, gap]
        np.testing.assert_allclose(draws.mean(0), mean, atol=0.25)
        np.testing.assert_allclose(np.cov(draws.T), rest, atol=0.45)
    known = ~np.isnan(x)
    np.testing.assert_array_equal(found.filled[known], x[known].astype("float32"))
    assert (found.draws[:, known] == x[known].astype("float32")).all()
    assert (found.uncertainty[known] == 0).all()


@pytest.mark.mathematics
def test_what_is_filled_in_is_the_mean_in_raw_units():
    """Of a lognormal column, that is exp(μ + σ²/2), and not exp(μ)."""
    log, line = Stretch("log", mean=1.0, scale=0.5, shift=0.2), Stretch("standardize", mean=1.0, scale=2.0)
    schema = Schema(tuple(Column(f"c{i}", "real") for i in range(4)))
    model = linear_model(TableTransform(schema, [line, log, log, line]))
    x = np.array([[0.8, np.nan, 4.0, 1.4], [0.5, np.nan, np.nan, 2.0]])
    found = tasks.impute(model, x, num_samples=40_000, num_draws=400)
    y = np.stack([(x[:, 0] - 1) / 2, *(2 * (np.log(x[:, 1:3] + 0.2) - 1)).T, (x[:, 3] - 1) / 2], axis=1)
    covariance = LOADINGS.T @ LOADINGS + NOISE**2 * np.eye(4)
    for row in range(2):
        gap = np.isnan(x[row])
        weights = covariance[gap][:, ~gap] @ np.linalg.inv(covariance[~gap][:, ~gap])
        mean = 1 + 0.5 * weights @ y[row, ~gap]
        variance = 0.25 * np.diag(covariance[gap][:, gap] - weights @ covariance[~gap][:, gap])
        expected = np.exp(mean + variance / 2)
        np.testing.assert_allclose(found.filled[row, gap] + 0.2, expected, rtol=0.03)
        spread = expected * np.sqrt(np.expm1(variance))
        np.testing.assert_allclose(found.uncertainty[row, gap], spread, rtol=0.08)
        np.testing.assert_allclose(found.draws[:, row][:, gap].mean(0) + 0.2, expected, rtol=0.15)
        assert (np.exp(mean) < 0.95 * expected).all()
    known = ~np.isnan(x)
    np.testing.assert_array_equal(found.filled[known], x[known].astype("float32"))


def test_a_trained_model_fills_numbers_and_classes():
    z = GENERATOR.normal(size=(3000, 2)).astype("float32")
    numbers = z @ LOADINGS + NOISE * GENERATOR.normal(size=(3000, 4))
    kind = (z[:, :1] > 0.4).astype(int) + (z[:, :1] > -0.4)
    table = np.concatenate([10 + 3 * numbers, kind], axis=1).astype("float32")
    holes = GENERATOR.random(table.shape) < 0.2
    x = np.where(holes, np.nan, table)
    model = keras_vae.VAE(
        table_encoder([None] * 4 + [3], (64,), seed=1),
        dense_decoder((64,), seed=2),
        latent_dim=2,
        likelihood=Mixed(columns=[(4, "normal:scale=learned"), "categorical:num_categories=3"]),
        preprocessing=Standardize.of(x[:2500], columns=range(4)),
        seed=0,
    )
    model.compile(optimizer=keras.optimizers.Adam(3e-3))
    losses = model.fit(x[:2500], epochs=40, batch_size=50, verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    found = tasks.impute(model, x[2500:], seed=1)
    errors, gaps = found.filled - table[2500:], holes[2500:]
    means = np.nanmean(x[:2500, :4], axis=0)
    covariance = 9 * (LOADINGS.T @ LOADINGS + NOISE**2 * np.eye(4))
    best, best_of_means = [], []
    for row, gap in zip(table[2500:, :4], gaps[:, :4], strict=True):
        weights = covariance[gap][:, ~gap] @ np.linalg.inv(covariance[~gap][:, ~gap])
        best.append(row[gap] - 10 - weights @ (row[~gap] - 10))
        best_of_means.append((row - means)[gap])
    rmse = np.sqrt(np.mean(errors[:, :4][gaps[:, :4]] ** 2))
    oracle, naive = (np.sqrt(np.mean(np.concatenate(each) ** 2)) for each in (best, best_of_means))
    assert rmse < 1.1 * oracle
    assert rmse < 0.7 * naive
    z_scores = errors[:, :4][gaps[:, :4]] / found.uncertainty[:, :4][gaps[:, :4]]
    assert z_scores.std() == pytest.approx(1, abs=0.2)
    right = found.filled[gaps[:, 4], 4] == table[2500:][gaps[:, 4], 4]
    assert right.mean() > 0.75
    assert 1 - right.mean() == pytest.approx(found.uncertainty[gaps[:, 4], 4].mean(), abs=0.12)
    again = tasks.impute(model, x[2500:], seed=1)
    np.testing.assert_array_equal(again.draws, found.draws)


def test_draws_scatter_as_the_likelihood_says():
    model = linear_model()
    rows = tasks.sample(model, 20_000, seed=3, draw=True)
    covariance = 4 * (LOADINGS.T @ LOADINGS + NOISE**2 * np.eye(4))
    np.testing.assert_allclose(np.cov(rows.T), covariance, atol=0.25)
    np.testing.assert_array_equal(rows[:5], tasks.sample(model, 20_000, seed=3, draw=True)[:5])
    means = tasks.sample(model, 20_000, seed=3)
    np.testing.assert_allclose(np.cov(means.T), covariance - 4 * NOISE**2 * np.eye(4), atol=0.25)


def test_what_cannot_be_imputed_is_refused(make_vae, blobs):
    with pytest.raises(InvalidArgumentError, match="Bernoulli likelihood takes no missing entries"):
        tasks.impute(make_vae(), blobs.x_test)
    with pytest.raises(InvalidArgumentError, match="At least one sample"):
        tasks.impute(linear_model(), np.zeros((1, 4)), num_samples=0)
