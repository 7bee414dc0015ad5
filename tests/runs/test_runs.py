"""Training runs and their folders."""

import csv
import json
import os
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from keras_vae import data, recipes, runs, tasks
from keras_vae.data import Dataset
from keras_vae.errors import (
    DataError,
    InvalidArgumentError,
    ModelFileError,
    RunError,
    RunExistsError,
    RunNotFoundError,
    TrainingDivergedError,
    UnknownNameError,
)
from keras_vae.runs.folder import next_folder
from keras_vae.runs.json_file import read_json, write_json
from keras_vae.runs.precision import _cpu_flags, resolve_precision

COLUMNS = (
    "epoch,loss,reconstruction_loss,kl_loss,val_loss,val_reconstruction_loss,val_kl_loss,rollbacks,seconds"
)
FAST = {"recipe": "article", "epochs": 1, "batch_size": 32, "precision": "float32"}


def test_a_run_writes_all_it_promises(blobs_run):
    files = {path.relative_to(blobs_run.folder).as_posix() for path in blobs_run.folder.rglob("*.*")}
    pictures = (
        "data", "samples", "reconstructions", "interpolation", "traversal", "latent_space", "training",
    )  # fmt: skip
    assert files == {"model.keras", "run.json", "history.csv", "metrics.json", "report.html"} | {
        f"pictures/{name}.png" for name in pictures
    }
    with (blobs_run.folder / "history.csv").open() as file:
        rows = list(csv.reader(file))
    assert ",".join(rows[0]) == COLUMNS
    assert [row[0] for row in rows[1:]] == ["1", "2"]


def test_run_json_tells_how_to_repeat_it(blobs_run, blobs):
    description = json.loads((blobs_run.folder / "run.json").read_text())
    assert description["settings"] == {
        "recipe": "article", "latent_dim": 2, "beta": 1.0, "likelihood": "bernoulli",
        "posterior": "diagonal_normal", "prior": "standard_normal", "objective": "elbo", "conditions": [],
        "schedules": [], "epochs": 2,
        "batch_size": 32, "learning_rate": 1e-3, "learning_rate_schedule": "constant", "seed": 0,
        "precision": "float32",
    }  # fmt: skip
    assert description["data"]["fingerprint"] == blobs.fingerprint
    assert description["dtype_policy"] == "float32"
    assert description["seconds"] > 0
    assert description["versions"]["keras"] == keras.version()
    assert "unknown" not in description["versions"].values()


def test_metrics_are_those_of_the_saved_model(blobs_run, blobs):
    evaluation = tasks.evaluate(blobs_run.model, blobs.x_test)
    assert blobs_run.metrics["test"]["elbo"] == pytest.approx(evaluation.elbo, rel=1e-6)
    assert blobs_run.metrics["diagnosis"]["active_units"] in (0, 1, 2)


def test_the_same_seed_gives_the_same_run(blobs_run, blobs_npz, tmp_path):
    settings = runs.Settings("article", epochs=2, batch_size=32, precision="float32")
    again = runs.train(data.load(blobs_npz), tmp_path / "again", settings)
    for column in COLUMNS.split(",")[:-1]:
        assert again.history[column] == blobs_run.history[column]
    for one, two in zip(again.model.get_weights(), blobs_run.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_conditional_run_makes_what_it_is_asked_for(conditional_run, blobs):
    model = conditional_run.model
    assert model.condition_names == ("label", "shift")
    assert conditional_run.description["settings"]["conditions"] == ["label", "shift"]
    for label in range(4):
        images = tasks.sample(model, 20, conditions={"label": label}).mean((0, 3))
        quarters = images.reshape(2, 6, 2, 6).mean((1, 3)).ravel()
        assert quarters.argmax() == label
    with_conditions = tasks.evaluate(model, blobs.inputs("test", model.condition_names))
    assert conditional_run.metrics["test"]["elbo"] == pytest.approx(with_conditions.elbo)
    assert with_conditions.elbo > tasks.evaluate(model, {"x": blobs.x_test}).elbo


def test_images_without_labels_are_unknown_to_a_conditional_run(conditional_run, blobs, tmp_path):
    np.save(tmp_path / "x.npy", np.concatenate([blobs.x_train, blobs.x_test]))
    other, model = conditional_run.data(tmp_path / "x.npy"), conditional_run.model
    inputs = other.inputs("test", model.condition_names)
    assert set(inputs["label"]) == {-1}
    assert tasks.evaluate(model, inputs).elbo == tasks.evaluate(model, {"x": other.x_test}).elbo


def test_classes_of_another_folder_are_known_by_their_names(conditional_run, blobs, tmp_path):
    expected = {"zebra": (1, -1), "3": (3, 3), "0": (0, 0)}
    for name, (quarter, _) in expected.items():
        (tmp_path / name).mkdir()
        for number, image in enumerate(blobs.x_train[blobs.y_train == quarter]):
            Image.fromarray(image[..., 0]).save(tmp_path / name / f"{number}.png")
    other = conditional_run.data(tmp_path)
    quarters = other.x_test.reshape(-1, 2, 6, 2, 6).mean((2, 4)).reshape(-1, 4).argmax(1)
    assert set(zip(quarters.tolist(), other.y_test.tolist(), strict=True)) == set(expected.values())
    assert other.findings.unknown == {"label": (blobs.y_train == 1).sum()}


def test_a_schedule_ends_where_it_should(conditional_run):
    assert float(conditional_run.model.objective.beta) == 0.5


def test_a_fresh_process_reconstructs_to_the_bit(blobs_run, blobs, tmp_path):
    before = tasks.reconstruct(blobs_run.model, blobs.x_test)
    np.save(tmp_path / "x.npy", blobs.x_test)
    program = f"""
import keras, keras_vae, numpy as np
model = keras.saving.load_model({str(blobs_run.folder / "model.keras")!r}, safe_mode=True)
x = np.load({str(tmp_path / "x.npy")!r})
np.save({str(tmp_path / "after.npy")!r}, keras_vae.tasks.reconstruct(model, x))
"""
    tensorflow_s_own = "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
    subprocess.run(
        [sys.executable, "-W", "error", "-W", tensorflow_s_own, "-c", program], check=True, env=os.environ
    )
    np.testing.assert_array_equal(np.load(tmp_path / "after.npy"), before)


@pytest.mark.parametrize("shape", [(9, 13, 3), (28, 28, 1), (5, 5, 2)])
def test_the_article_s_network_takes_images_of_any_size(shape, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (40, *shape), dtype="uint8")
    labels = np.arange(40) % 2
    dataset = Dataset("noise", images[:30], labels[:30], images[30:], labels[30:])
    run = runs.train(dataset, tmp_path / "run", runs.Settings(latent_dim=3, **FAST))
    assert tasks.sample(run.model, 2).shape == (2, *shape)


@pytest.mark.parametrize(
    ("low", "high", "likelihood"),
    [(-1, 1, "normal:activation=tanh"), (-40, 90, "normal:scale=5"), (0, 1, "bernoulli")],
)
def test_numbers_train_with_a_likelihood_that_fits(low, high, likelihood, tmp_path):
    images = np.random.default_rng(0).uniform(low, high, (40, 8, 8)).astype("float32")
    labels = np.arange(40)
    dataset = Dataset("numbers", images[:30], labels[:30], images[30:], labels[30:])
    run = runs.train(dataset, tmp_path / "run", runs.Settings(likelihood=likelihood, **FAST))
    assert np.isfinite(run.history["val_loss"]).all()


def test_uint8_pixels_are_rescaled_to_the_likelihood(blobs):
    for likelihood, low, high in (("normal:activation=tanh", -1, 1), ("normal", 0, 1), ("bernoulli", 0, 1)):
        model = recipes.get("article").model(blobs, likelihood=likelihood)
        scaled = keras.ops.convert_to_numpy(model.preprocessing(np.array([[0, 255]], "uint8")))
        np.testing.assert_allclose(scaled, [[low, high]])


def test_values_outside_the_likelihood_s_range_are_refused_before_anything_is_written(tmp_path):
    images = np.random.default_rng(0).normal(size=(40, 8, 8)).astype("float32")
    labels = np.arange(40)
    dataset = Dataset("numbers", images[:30], labels[:30], images[30:], labels[30:])
    with pytest.raises(DataError, match=r"bernoulli likelihood is defined on \[0, 1\].*normal"):
        runs.train(dataset, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latent_dim": 0}, "latent_dim must be at least 1"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"learning_rate": 0.0}, "learning_rate must be a positive number"),
        ({"learning_rate": float("nan")}, "learning_rate must be a positive number"),
        ({"learning_rate_schedule": "cosin"}, "Did you mean 'cosine'"),
        ({"beta": -1.0}, "beta"),
        ({"conditions": ("lable",)}, "Unknown column 'lable'. Did you mean 'label'"),
        ({"conditions": ("label=reel",)}, "Unknown condition 'reel'. Did you mean 'real'"),
        ({"conditions": ("shift=category:num=3",)}, "Unknown option of condition 'category': 'num'"),
        ({"schedules": ("gamma",)}, "ELBO has no weight 'gamma' to schedule. It has: beta"),
        ({"schedules": ("beta:epoch=3",)}, "Did you mean 'epochs'"),
        ({"schedules": ("beta:epochs=0",)}, "epochs must be positive"),
        ({"schedules": ("beta:epochs",)}, "schedule 'beta' cannot be read"),
    ],
)
def test_settings_out_of_range_are_refused_before_anything_is_written(changes, message, blobs, tmp_path):
    with pytest.raises(InvalidArgumentError, match=message):
        runs.train(blobs, tmp_path / "run", runs.Settings(**changes))
    assert not (tmp_path / "run").exists()


def test_unknown_names_are_refused(blobs, tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean 'article'"):
        runs.train(blobs, tmp_path / "run", runs.Settings(recipe="artcle"))
    with pytest.raises(UnknownNameError, match="Unknown precision 'float16'"):
        runs.train(blobs, tmp_path / "run", runs.Settings(precision="float16"))


def test_columns_that_are_no_categories_are_refused(blobs, tmp_path):
    broken = {"shift": blobs.columns_train["shift"] + 0.5}, blobs.columns_test
    halves = Dataset("half", blobs.x_train, blobs.y_train, blobs.x_test, blobs.y_test, *broken)
    with pytest.raises(DataError, match=r"'shift' holds values from .* and a category is an integer"):
        runs.train(halves, tmp_path / "run", runs.Settings(conditions=("shift=category",)))


def test_nothing_is_overwritten(blobs_run, blobs):
    before = (blobs_run.folder / "model.keras").read_bytes()
    with pytest.raises(RunExistsError, match="Nothing there is overwritten"):
        runs.train(blobs, blobs_run.folder)
    assert (blobs_run.folder / "model.keras").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_refused(blobs, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be made"):
        runs.train(blobs, tmp_path / "file" / "run")


def test_divergence_ends_with_a_diagnosis_and_no_model(blobs, tmp_path):
    settings = runs.Settings(learning_rate=1e30, **(FAST | {"epochs": 3}))
    with pytest.raises(TrainingDivergedError, match="Lower the learning rate"):
        runs.train(blobs, tmp_path / "run", settings, notify=print)
    assert not (tmp_path / "run" / "model.keras").exists()
    with pytest.raises(RunNotFoundError, match=r"model\.keras missing"):
        runs.Run(tmp_path / "run")


def test_the_dtype_policy_is_put_back(blobs, tmp_path):
    before = keras.config.dtype_policy().name
    run = runs.train(blobs, tmp_path / "run", runs.Settings(**(FAST | {"precision": "bfloat16"})))
    assert keras.config.dtype_policy().name == before
    assert run.description["dtype_policy"] == "mixed_bfloat16"
    assert np.isfinite(run.history["loss"]).all()


def test_auto_precision_asks_the_cpu(tmp_path, monkeypatch):
    (tmp_path / "new").write_text("processor : 0\nflags : sse4_2 avx512_bf16\n")
    (tmp_path / "old").write_text("processor : 0\nflags : sse4_2 avx2\n")
    assert "avx512_bf16" in _cpu_flags(tmp_path / "new")
    assert _cpu_flags(tmp_path / "none") == set()
    monkeypatch.setattr(keras.config, "backend", lambda: "tensorflow")
    for name, policy in (("new", "mixed_bfloat16"), ("old", "float32")):
        flags = _cpu_flags(tmp_path / name)
        monkeypatch.setattr("keras_vae.runs.precision._cpu_flags", lambda flags=flags: flags)
        assert resolve_precision("auto") == policy


def test_the_next_free_folder(tmp_path):
    assert next_folder("a", tmp_path).name == "a-1"
    (tmp_path / "a-1").mkdir()
    assert next_folder("a", tmp_path).name == "a-2"


def test_runs_refuse_what_is_no_run(tmp_path):
    with pytest.raises(RunNotFoundError, match="No run folder"):
        runs.Run(tmp_path / "nowhere")
    with pytest.raises(RunNotFoundError, match=r"run\.json and model\.keras missing"):
        runs.Run(tmp_path)
    (tmp_path / "run.json").write_text("{")
    (tmp_path / "model.keras").write_text("no archive")
    broken = runs.Run(tmp_path)
    with pytest.raises(ModelFileError, match=r"model\.keras is no archive"):
        _ = broken.model
    with pytest.raises(RunError, match=r"run\.json cannot be read"):
        _ = broken.description


def test_files_that_were_changed_are_not_believed(blobs_run, tmp_path):
    run = runs.Run(shutil.copytree(blobs_run.folder, tmp_path / "run"))
    path = run.folder / "metrics.json"
    path.write_text(path.read_text().replace('"elbo": -', '"elbo": -0'))
    with pytest.raises(RunError, match=r"metrics\.json cannot be read"):
        _ = run.metrics
    path.write_text((blobs_run.folder / "metrics.json").read_text().replace('"elbo": -', '"elbo": '))
    with pytest.raises(RunError, match=r"metrics\.json was changed or damaged"):
        _ = run.metrics
    (run.folder / "run.json").write_text("[]")
    with pytest.raises(RunError, match=r"run\.json was changed or damaged"):
        _ = run.description


def test_json_files_have_no_numbers_that_json_lacks(tmp_path):
    write_json(tmp_path / "a.json", {"gap": float("nan"), "test": {"elbo": -1.5, "sizes": (1, 2)}})
    assert read_json(tmp_path / "a.json") == {"gap": None, "test": {"elbo": -1.5, "sizes": [1, 2]}}
    text = (tmp_path / "a.json").read_text()
    assert "null" in text
    assert "sha256" in text


def test_data_that_do_not_fit_the_model_are_refused(blobs_run, tmp_path):
    with pytest.raises(
        DataError, match=r"shape \(28, 28, 1\), and this model was trained on \(12, 12, 1\)"
    ):
        blobs_run.data("mnist-5k")
    floats = np.zeros((4, 12, 12), "float32")
    np.savez(tmp_path / "floats.npz", x_train=floats, y_train=range(4), x_test=floats, y_test=range(4))
    with pytest.raises(DataError, match="their units would not match"):
        blobs_run.data(tmp_path / "floats.npz")


def test_data_that_changed_since_are_refused(blobs, tmp_path):
    def save(images):
        np.savez(
            tmp_path / "d.npz",
            x_train=images,
            y_train=blobs.y_train,
            x_test=blobs.x_test,
            y_test=blobs.y_test,
        )

    save(blobs.x_train)
    run = runs.train(data.load(tmp_path / "d.npz"), tmp_path / "run", runs.Settings(**FAST))
    run.data()
    save(blobs.x_train + 1)
    with pytest.raises(DataError, match="has changed since"):
        run.data()
    assert len(run.data(tmp_path / "d.npz").x_train) == 96
