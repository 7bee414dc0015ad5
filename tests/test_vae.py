"""The composition: losses, training, saving."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_vae
from keras_vae.data import Rescale
from keras_vae.distributions import kl_divergence
from keras_vae.errors import IncompatiblePartsError, InvalidArgumentError, UnknownNameError
from keras_vae.likelihoods import Normal
from keras_vae.objectives import ELBO
from keras_vae.posteriors import DiagonalNormal
from keras_vae.priors import StandardNormal

FIGURES = {"loss", "reconstruction_loss", "kl_loss"}


def compiled(model):
    model.compile(optimizer=keras.optimizers.Adam(1e-2))
    return model


@pytest.mark.mathematics
def test_the_loss_is_the_written_out_formula(make_vae, blobs, to_numpy):
    """Reconstruction by Keras's own cross-entropy and the article's KL, for the z that was drawn."""
    model = compiled(make_vae(beta=2.5))
    x = blobs.x_train[:16]
    outputs = model(x)
    loss = model.compute_loss(x=x, y_pred=outputs)
    pixels = x.astype("float32") / 255
    cross_entropy = keras.losses.binary_crossentropy(pixels, ops.sigmoid(outputs["likelihood"]["logits"]))
    reconstruction = to_numpy(cross_entropy).sum(axis=(1, 2)).mean()
    mu, log_var = to_numpy(outputs["posterior"]["mu"]), to_numpy(outputs["posterior"]["log_var"])
    kl = (-0.5 * (1 + log_var - mu**2 - np.exp(log_var)).sum(axis=1)).mean()
    assert float(to_numpy(loss)) == pytest.approx(reconstruction + 2.5 * kl, rel=1e-4)
    assert float(model.reconstruction_loss_tracker.result()) == pytest.approx(reconstruction, rel=1e-4)
    assert float(model.kl_loss_tracker.result()) == pytest.approx(kl, rel=1e-4)


@pytest.mark.mathematics
def test_training_reports_three_figures_and_their_twins_and_learns(make_vae, blobs):
    history = (
        compiled(make_vae())
        .fit(blobs.x_train, validation_data=(blobs.x_test,), epochs=4, batch_size=16, verbose=0)
        .history
    )
    assert set(history) == FIGURES | {f"val_{name}" for name in FIGURES}
    assert all(len(column) == 4 for column in history.values())
    for prefix in ("", "val_"):
        parts = np.array(history[f"{prefix}reconstruction_loss"]) + np.array(history[f"{prefix}kl_loss"])
        np.testing.assert_allclose(history[f"{prefix}loss"], parts, rtol=1e-5)
    assert history["val_loss"][-1] < history["val_loss"][0] - 5


@pytest.mark.mathematics
def test_the_scale_of_the_loss_does_not_depend_on_the_batch_size(make_vae, blobs):
    losses = [
        compiled(make_vae()).evaluate(blobs.x_train, batch_size=size, verbose=0, return_dict=True)["loss"]
        for size in (1, 7, 96)
    ]
    np.testing.assert_allclose(losses, losses[0], rtol=0.01)


@pytest.mark.mathematics
def test_the_scale_of_the_loss_is_nats_per_example(make_vae, blobs):
    """Logits near 0 cost log 2 a pixel, whatever the size of the image."""
    model = compiled(make_vae())
    model.build((None, 12, 12, 1))
    model.likelihood.projection.set_weights([np.zeros((3, 3, 4, 1)), np.zeros(1)])
    result = model.evaluate(blobs.x_test, verbose=0, return_dict=True)
    assert result["reconstruction_loss"] == pytest.approx(144 * np.log(2), rel=1e-5)


def test_beta_changes_nothing_but_the_weight_of_the_kl(make_vae, blobs):
    plain, weighted = (
        compiled(make_vae(beta=beta)).evaluate(blobs.x_test, verbose=0, return_dict=True)
        for beta in (1.0, 3.0)
    )
    assert weighted["kl_loss"] == plain["kl_loss"]
    assert weighted["reconstruction_loss"] == plain["reconstruction_loss"]
    assert weighted["loss"] == pytest.approx(plain["loss"] + 2 * plain["kl_loss"], rel=1e-5)


def test_the_same_seed_gives_the_same_losses(make_vae, blobs):
    first, second, other = (
        compiled(make_vae(seed=seed))
        .fit(blobs.x_train, epochs=2, batch_size=32, shuffle=False, verbose=0)
        .history["loss"]
        for seed in (0, 0, 1)
    )
    assert first == second
    assert first != other


def test_sample_weights_weigh_examples(make_vae, blobs):
    x = blobs.x_test[:8]
    chosen = np.array([1, 1, 1, 1, 0, 0, 0, 0], "float32")

    def losses(inputs, **kwargs):
        # Without noise in z, so that only the weights differ.
        model = compiled(make_vae())
        model.build((None, 12, 12, 1))
        model.posterior.log_var_head.set_weights([np.zeros((16, 2)), np.full(2, -100.0)])
        return model.evaluate(inputs, batch_size=8, verbose=0, return_dict=True, **kwargs)

    weighted, half = losses(x, sample_weight=chosen), losses(x[:4])
    for name in FIGURES:
        assert weighted[name] == pytest.approx(half[name] / 2, rel=1e-3)
    trained = compiled(make_vae()).fit(x, sample_weight=chosen, verbose=0).history
    parts = trained["reconstruction_loss"][0] + trained["kl_loss"][0]
    assert trained["loss"][0] == pytest.approx(parts, rel=1e-5)


def test_losses_of_the_parts_are_added(blobs):
    encoder = keras.Sequential(
        [layers.Flatten(), layers.Dense(8, kernel_regularizer=keras.regularizers.L2(0.5))]
    )
    model = keras_vae.VAE(encoder, layers.Dense(8), latent_dim=2, preprocessing=Rescale(1 / 255), seed=0)
    result = compiled(model).evaluate(blobs.x_test, verbose=0, return_dict=True)
    penalty = 0.5 * np.sum(encoder.layers[1].get_weights()[0] ** 2)
    assert result["loss"] == pytest.approx(
        result["reconstruction_loss"] + result["kl_loss"] + penalty, rel=1e-4
    )


@pytest.mark.mathematics
def test_predict_is_batch_first_and_samples(make_vae, blobs):
    model = compiled(make_vae())
    outputs = model.predict(blobs.x_test, batch_size=5, verbose=0)
    assert outputs["z"].shape == (32, 2)
    assert outputs["reconstruction"].shape == outputs["likelihood"]["logits"].shape == (32, 12, 12, 1)
    assert 0 <= outputs["reconstruction"].min() <= outputs["reconstruction"].max() <= 255
    again = model.predict(blobs.x_test, batch_size=5, verbose=0)
    np.testing.assert_array_equal(outputs["posterior"]["mu"], again["posterior"]["mu"])
    assert np.abs(outputs["z"] - again["z"]).max() > 0.01


def test_tf_data_and_callbacks_work(make_vae, blobs, tmp_path):
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensor_slices(blobs.x_train).shuffle(96, seed=0).batch(32)
    validation = tf.data.Dataset.from_tensor_slices(blobs.x_test).batch(32)
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2)
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", save_best_only=True)
    history = compiled(make_vae()).fit(
        dataset,
        validation_data=validation,
        epochs=2,
        callbacks=[stop, checkpoint],
        shuffle=False,
        verbose=0,
    )
    assert len(history.history["val_kl_loss"]) == 2
    loaded = keras.saving.load_model(tmp_path / "best.keras")
    assert loaded.evaluate(validation, verbose=0, return_dict=True).keys() == FIGURES


@pytest.mark.mathematics
@pytest.mark.parametrize("likelihood", ["bernoulli", "normal:scale=0.3", "normal:activation=sigmoid"])
def test_a_model_is_rebuilt_from_its_file(likelihood, make_vae, blobs, tmp_path, to_numpy):
    model = compiled(make_vae(likelihood=likelihood, beta=2.0))
    model.fit(blobs.x_train, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(
        to_numpy(loaded.reconstruct(blobs.x_test)), to_numpy(model.reconstruct(blobs.x_test))
    )
    np.testing.assert_array_equal(to_numpy(loaded.sample(3)), to_numpy(model.sample(3)))
    assert loaded.objective.beta == 2.0
    loaded.fit(blobs.x_train, verbose=0)


@pytest.mark.mathematics
def test_mixed_precision_trains_and_reports_in_float32(make_vae, blobs, tmp_path):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = compiled(make_vae())
        history = model.fit(blobs.x_train, epochs=2, batch_size=32, verbose=0).history
    finally:
        keras.config.set_dtype_policy(before)
    assert np.isfinite(history["loss"]).all()
    assert model.predict(blobs.x_test, verbose=0)["reconstruction"].dtype == "float32"
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.encoder.layers[0].compute_dtype == "bfloat16"


def test_the_target_keeps_its_precision_under_a_mixed_policy(to_numpy):
    """A grey value of 200/255 in bfloat16 would be off by up to 0.2 %."""
    model = keras_vae.VAE(
        keras.Sequential([layers.Flatten(), layers.Dense(4)]), layers.Dense(4), latent_dim=1,
        dtype="mixed_bfloat16", seed=0,
    )  # fmt: skip
    x = np.full((2, 3), 200 / 255, "float32")
    outputs = model(x)
    mean = to_numpy(outputs["likelihood"]["logits"]).astype("float64")
    expected = (np.logaddexp(0, mean) - x.astype("float64") * mean).sum(axis=1)
    model.compute_loss(x=x, y_pred=outputs)
    assert float(model.reconstruction_loss_tracker.result()) == pytest.approx(expected.mean(), rel=1e-6)


@pytest.mark.mathematics
def test_encode_decode_and_reconstruct_agree(make_vae, blobs, to_numpy):
    model = make_vae()
    q = model.encode(blobs.x_test)
    assert tuple(q.mean.shape) == (32, 2)
    p = model.decode(q.mean)
    np.testing.assert_allclose(to_numpy(p.mean) * 255, to_numpy(model.reconstruct(blobs.x_test)), rtol=1e-5)
    several = model.decode(q.sample(3, seed=0))
    assert tuple(several.log_prob(np.zeros((32, 12, 12, 1), "float32")).shape) == (3, 32)


@pytest.mark.mathematics
def test_samples_repeat_with_a_seed(make_vae, to_numpy):
    model = make_vae()
    model.build((None, 12, 12, 1))
    one, two, other = (to_numpy(model.sample(5, seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert np.abs(one - other).max() > 0
    assert one.shape == (5, 12, 12, 1)


@pytest.mark.mathematics
def test_the_importance_weighted_bound_reaches_the_exact_likelihood(to_numpy):
    """On a linear-Gaussian model log p(x) is known: x ~ N(b, W Wᵀ + σ² I)."""
    from scipy import stats

    generator = np.random.default_rng(0)
    weights, bias, scale = (
        generator.normal(size=(2, 3)).astype("float32"),
        np.float32([0.1, -0.2, 0.3]),
        0.5,
    )
    model = keras_vae.VAE(
        layers.Identity(), layers.Identity(), posterior=DiagonalNormal(2),
        likelihood=Normal(event_shape=(3,), scale=scale), seed=0,
    )  # fmt: skip
    model.build((None, 3))
    model.likelihood.projection.body.set_weights([weights, bias])
    x = generator.normal(size=(4, 3)).astype("float32")
    exact = stats.multivariate_normal(bias, weights.T @ weights + scale**2 * np.eye(3)).logpdf(x)
    # An approximate posterior: the exact mean, with the variances of its diagonal.
    precision = np.eye(2) + weights @ weights.T / scale**2
    to_mean = np.linalg.solve(precision, weights / scale**2).T.astype("float32")
    model.posterior.mu_head.set_weights([to_mean, -bias @ to_mean])
    log_var = np.log(np.diag(np.linalg.inv(precision)))
    model.posterior.log_var_head.set_weights([np.zeros((3, 2)), log_var])
    bounds = [
        to_numpy(model.log_likelihood(np.tile(x, (copies, 1)), k, seed=k)).reshape(copies, 4).mean(0)
        for k, copies in ((1, 20_000), (10, 20_000), (1000, 200))
    ]
    assert (bounds[0] < bounds[1]).all()
    assert (bounds[1] < bounds[2]).all()
    np.testing.assert_allclose(bounds[2], exact, atol=0.01)
    q = model.encode(x)
    reconstruction = to_numpy(model.decode(q.sample(4000, seed=0)).log_prob(x)).mean(0)
    elbo = reconstruction - to_numpy(kl_divergence(q.mu, q.log_var))
    np.testing.assert_allclose(bounds[0], elbo, atol=0.5)
    assert (elbo < exact).all()


def test_any_keras_model_fits_as_a_body(blobs):
    inputs = layers.Input((12, 12, 1))
    encoder = keras.Model(inputs, layers.GlobalAveragePooling2D()(layers.Conv2D(3, 3)(inputs)))
    decoder = keras.Sequential([layers.Dense(5, activation="relu"), layers.Dropout(0.5)])
    model = compiled(keras_vae.VAE(encoder, decoder, latent_dim=3, preprocessing=Rescale(1 / 255)))
    model.fit(blobs.x_train, verbose=0)
    assert model.likelihood.event_shape == (12, 12, 1)


def test_parts_that_do_not_fit_are_refused():
    bodies = layers.Flatten(), layers.Flatten()
    with pytest.raises(InvalidArgumentError, match="How many latent units"):
        keras_vae.VAE(*bodies)
    with pytest.raises(InvalidArgumentError, match="given twice"):
        keras_vae.VAE(*bodies, latent_dim=2, objective=ELBO(2.0), beta=3.0)
    with pytest.raises(IncompatiblePartsError, match="2 latent units and the prior 3"):
        keras_vae.VAE(*bodies, posterior=DiagonalNormal(2), prior=StandardNormal(3))
    with pytest.raises(UnknownNameError, match="Did you mean 'diagonal_normal'"):
        keras_vae.VAE(*bodies, latent_dim=2, posterior="diagonal_norm")


def test_an_objective_object_keeps_its_beta():
    model = keras_vae.VAE(layers.Flatten(), layers.Flatten(), latent_dim=2, objective=ELBO(2.0))
    assert model.objective.beta == 2.0


def test_nothing_touches_the_global_generators(make_vae, blobs):
    import random

    from keras_vae.data import Batches

    states = random.getstate(), np.random.get_state()[1].copy()
    model = compiled(make_vae())
    model.fit(Batches(blobs.x_train, 32, seed=0), shuffle=False, verbose=0)
    model.sample(3, seed=0)
    assert np.array_equal(np.random.get_state()[1], states[1])
