"""Conditions, and models that use them."""

import keras
import numpy as np
import pytest
from keras import layers

import keras_vae
from keras_vae import tasks
from keras_vae.conditions import Category, Condition, Conditions, Fusion, Real
from keras_vae.errors import IncompatiblePartsError, InvalidArgumentError, UnknownNameError
from keras_vae.specs import build, choices

pytestmark = pytest.mark.mathematics

COLUMNS = {"label": "category:num_categories=3", "size": "real:mean=10,scale=2"}


@pytest.fixture
def toy():
    """Points around three corners, which the label names, stretched by the size."""
    generator = np.random.default_rng(0)
    label = np.arange(300) % 3
    size = generator.normal(10, 2, 300).astype("float32")
    corners = np.array([[-6, 0, 0, 0], [0, 6, 0, 0], [0, 0, 6, 6]], "float32")
    x = corners[label] + generator.normal(size=(300, 4)) * 0.3 + 0.5 * (size[:, None] - 10)
    return {"x": x.astype("float32"), "label": label, "size": size}


def make_model(**kwargs):
    keras.utils.set_random_seed(0)
    arguments = {"latent_dim": 1, "likelihood": "normal:scale=0.5", "conditions": COLUMNS, "seed": 0}
    body = [layers.Dense(32, activation="relu", kernel_initializer=keras.initializers.HeNormal(seed=1))]
    model = keras_vae.VAE(
        keras.Sequential(body),
        keras.Sequential([layers.Dense(32, activation="relu")]),
        **(arguments | kwargs),
    )
    model.compile(optimizer=keras.optimizers.Adam(1e-2))
    return model


@pytest.mark.parametrize("name", sorted(choices(Condition)))
def test_every_condition_keeps_the_contract(name, to_numpy):
    condition = build(name, Condition, num_categories=4)
    known = to_numpy(condition(np.array([0.0, 1.0, 3.0], "float32")))
    unknown = to_numpy(condition(np.array([condition.unknown], "float32")))
    assert known.shape == (3, condition.width)
    assert known.dtype == np.float32
    assert not unknown.any()
    assert known.any(axis=1).all()
    assert type(condition).from_config(condition.get_config()).get_config() == condition.get_config()


def test_categories_are_one_hot_and_what_is_outside_is_unknown(to_numpy):
    vectors = to_numpy(Category(3)(np.array([0, 2, -1, 3, 99])))
    np.testing.assert_array_equal(vectors, [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]])


def test_features_meet_the_condition_in_a_dense_layer(to_numpy):
    generator = np.random.default_rng(0)
    features, c = generator.normal(size=(5, 2, 3)), generator.normal(size=(5, 4))
    fusion = Fusion(seed=0)
    fused = to_numpy(fusion(features.astype("float32"), c.astype("float32")))
    kernel, bias = fusion.get_weights()
    joined = np.concatenate([features.reshape(5, 6), c], axis=1)
    np.testing.assert_allclose(fused, np.maximum(joined @ kernel + bias, 0), rtol=1e-4, atol=1e-5)
    assert fused.shape == (5, 6)
    again = Fusion.from_config(fusion.get_config())
    np.testing.assert_array_equal(to_numpy(again(features.astype("float32"), c.astype("float32"))), fused)


def test_values_are_read_as_people_write_them():
    conditions = Conditions(COLUMNS)
    assert conditions.parse(["label=2", "size=1e1"]) == {"label": 2, "size": 10.0}
    assert np.isnan(conditions.parse(["size=unknown"])["size"])
    assert conditions.parse(["label=unknown"]) == {"label": -1}
    for text in ("label=3", "label=-1", "label=1.0", "size=inf", "size="):
        with pytest.raises(InvalidArgumentError, match="Received"):
            conditions.parse([text])


def test_numbers_are_standardised(to_numpy):
    vectors = to_numpy(Real(10, 2)(np.array([10, 14, np.nan, np.inf])))
    np.testing.assert_allclose(vectors, [[0, 1], [2, 1], [0, 0], [0, 0]])


def test_known_values_are_hidden_only_while_training(to_numpy):
    conditions = Conditions(COLUMNS, dropout=0.3, seed=0)
    inputs = {"label": np.ones(5000, int), "size": np.full(5000, 12.0)}
    off = to_numpy(conditions(inputs, training=False))
    assert (off == [0, 1, 0, 1, 1]).all()
    on = to_numpy(conditions(inputs, training=True))
    hidden = ~on[:, :3].any(axis=1), ~on[:, 3:].any(axis=1)
    assert np.mean(hidden[0]) == pytest.approx(0.3, abs=0.03)
    assert np.mean(hidden[1]) == pytest.approx(0.3, abs=0.03)
    assert np.mean(hidden[0] & hidden[1]) == pytest.approx(0.09, abs=0.02)


def test_a_conditional_model_generates_what_is_asked_for(toy):
    model = make_model()
    model.fit(toy, epochs=120, batch_size=50, verbose=0)
    for label, corner in enumerate(([-6, 0, 0, 0], [0, 6, 0, 0], [0, 0, 6, 6])):
        made = tasks.sample(model, 50, conditions={"label": label, "size": 10.0})
        np.testing.assert_allclose(made.mean(axis=0), corner, atol=1.0)
    small, large = (
        tasks.sample(model, 50, conditions={"label": 0, "size": size}).mean() for size in (8.0, 12.0)
    )
    assert large - small == pytest.approx(2.0, abs=0.7)
    mixed = tasks.sample(model, 3, conditions={"label": np.array([0, 1, 2]), "size": 10.0})
    assert mixed.argmax(axis=1).tolist()[1] == 1
    assert np.isfinite(tasks.sample(model, 5)).all()


def test_knowing_more_makes_the_data_likelier(toy):
    model = make_model()
    model.fit(toy, epochs=120, batch_size=50, verbose=0)
    known = tasks.evaluate(model, toy, num_samples=20)
    unknown = tasks.evaluate(model, {"x": toy["x"]}, num_samples=20)
    assert known.num_examples == 300
    assert known.log_likelihood > unknown.log_likelihood + 0.5


@pytest.mark.parametrize("prior", ["standard_normal", "conditional_normal"])
def test_a_conditional_model_is_rebuilt_from_its_file(prior, toy, tmp_path, to_numpy):
    model = make_model(prior=prior)
    model.fit(toy, epochs=2, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(to_numpy(loaded.reconstruct(toy)), to_numpy(model.reconstruct(toy)))
    asked = {"label": 2}
    np.testing.assert_array_equal(
        to_numpy(loaded.sample(4, seed=0, conditions=asked)),
        to_numpy(model.sample(4, seed=0, conditions=asked)),
    )
    loaded.fit(toy, verbose=0)
    assert tasks.diagnose(loaded, toy).active_units in (0, 1)


def test_conditions_that_do_not_fit_are_refused(toy):
    model = make_model()
    model.fit(toy, verbose=0)
    with pytest.raises(UnknownNameError, match=r"Unknown condition 'lable'\. Did you mean 'label'"):
        model.sample(2, conditions={"lable": 1})
    with pytest.raises(InvalidArgumentError, match=r"has no conditions\. Received: label"):
        make_model(conditions=None).encode({"x": toy["x"], "label": toy["label"]})
    with pytest.raises(InvalidArgumentError, match="none may be called 'x'"):
        Conditions({"x": "real"})
    with pytest.raises(InvalidArgumentError, match="dropout=1"):
        Conditions(COLUMNS, dropout=1)
    with pytest.raises(InvalidArgumentError, match="num_categories=0"):
        Category(0)
    with pytest.raises(InvalidArgumentError, match="scale=0"):
        Real(scale=0)
    with pytest.raises(IncompatiblePartsError, match="the model has no conditions"):
        make_model(prior="conditional_normal", conditions=None)
