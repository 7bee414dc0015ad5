"""`keras_vae.load`: a model comes back, of this release and of every earlier one; all else is refused."""

import contextlib
import json
import pickle
import random
import resource
import time
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

import keras_vae
from keras_vae.errors import ModelFileError
from keras_vae.seal import FORMAT, SEAL, seal
from scripts.release_fixture import outcome

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.keras"))


@pytest.fixture(scope="module")
def saved():
    """The bytes of a small model's file."""
    return FIXTURES[-1].read_bytes()


@pytest.fixture
def file(tmp_path, saved):
    path = tmp_path / "model.keras"
    path.write_bytes(saved)
    return path


def rewritten(path, changes, is_sealed=True):
    """The archive with some of its files changed, and sealed anew: by somebody who knows how."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist() if name != SEAL}
    with zipfile.ZipFile(path, "w") as archive:
        for name, each in (content | changes).items():
            archive.writestr(name, each)
    if is_sealed:
        seal(path)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_models_of_every_release_load_and_do_what_they_did(path):
    model = keras_vae.load(path)
    with np.load(path.with_name(f"{path.stem}.npz")) as then:
        found = outcome(model, {"x": then["x"], "label": then["label"]})
        for name, value in found.items():
            np.testing.assert_allclose(value, then[name], rtol=1e-4, atol=1e-4, err_msg=name)


def test_there_is_a_fixture_of_this_release():
    assert FIXTURES[-1].stem == keras_vae.__version__


def test_keras_opens_it_as_any_other_model(file):
    assert type(keras.saving.load_model(file, safe_mode=True)) is keras_vae.VAE


def test_what_is_saved_says_what_it_holds(make_vae, tmp_path):
    model = make_vae()
    model.build((None, 12, 12, 1))
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        content = json.loads(archive.read(SEAL))
        assert set(content["members"]) == {"config.json", "metadata.json", "model.weights.h5"}
        assert content["keras_vae"] == keras_vae.__version__
        assert content["members"]["config.json"]["bytes"] == archive.getinfo("config.json").file_size
    again = keras_vae.load(tmp_path / "model.keras")
    for one, two in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_other_files_are_refused_by_what_they_are(tmp_path):
    with h5py.File(tmp_path / "old.h5", "w") as h5:
        h5["weights"] = np.zeros(3)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps({"weights": 1}))
    (tmp_path / "notes.txt").write_text("weights")
    (tmp_path / "empty").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("notes.txt", "weights")
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(tmp_path / "dense.keras")
    for name, message in {
        "old.h5": "is an HDF5 file, which can hold code",
        "model.pkl": "is a pickle, which can hold code",
        "notes.txt": "is no archive",
        "empty": "is no archive",
        "other.zip": "does not say what it holds",
        "dense.keras": "does not say what it holds",
        "nothing": "cannot be read",
        ".": "cannot be read",
    }.items():
        with pytest.raises(ModelFileError, match=message):
            keras_vae.load(tmp_path / name)


def test_a_changed_byte_anywhere_in_its_content_is_found_out(file, saved):
    with zipfile.ZipFile(file) as archive:
        places = [info.header_offset + 40 + info.file_size // 2 for info in archive.infolist()]
    for place in places:
        file.write_bytes(saved[:place] + bytes([saved[place] ^ 4]) + saved[place + 1 :])
        with pytest.raises(ModelFileError, match="is damaged"):
            keras_vae.load(file)


def test_a_newer_format_names_the_release_that_can_read_it(file):
    rewritten(file, {SEAL: json.dumps({"format": FORMAT + 1, "keras_vae": "7.0.0"})}, is_sealed=False)
    with pytest.raises(ModelFileError, match=r"keras-vae 7\.0\.0: that or a newer release can load it"):
        keras_vae.load(file)


def test_archives_that_are_traps_are_refused(file, tmp_path):
    for name in ("../outside", "/etc/outside", "assets/../../outside", "C:\\outside", "..\\outside"):
        rewritten(file, {name: b"x"})
        with pytest.raises(ModelFileError, match="a file that leaves it"):
            keras_vae.load(file)
    bomb = tmp_path / "bomb.keras"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", bytes(50_000_000))
    with pytest.raises(ModelFileError, match="inflates from"):
        keras_vae.load(bomb)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(file, "a") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(ModelFileError, match=r"leaves it|two files of one name"):
        keras_vae.load(file)
    assert not Path("/etc/outside").exists()
    assert not (tmp_path.parent / "outside").exists()


def config_of(file):
    with zipfile.ZipFile(file) as archive:
        return json.loads(archive.read("config.json"))


def changed(content, name, value):
    """The same with another value wherever that name stands."""
    if isinstance(content, dict):
        return {key: value if key == name else changed(each, name, value) for key, each in content.items()}
    return [changed(each, name, value) for each in content] if isinstance(content, list) else content


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units", 10**12),
        ("latent_dim", 10**9),
        ("num_components", 10**10),
        ("input_shape", [None, 10**6, 10**6, 1]),
    ],
)
def test_a_model_that_wants_more_than_its_weights_explain_is_refused_at_once(file, name, value):
    rewritten(file, {"config.json": json.dumps(changed(config_of(file), name, value))})
    started = time.perf_counter()
    with pytest.raises(ModelFileError, match=f"asks for {name}"):
        keras_vae.load(file)
    assert time.perf_counter() - started < 5.0


def test_code_is_refused_however_well_it_is_sealed(file):
    lambda_layer = keras.layers.Lambda(lambda x: x)
    config = config_of(file)
    config["config"]["encoder"] = keras.saving.serialize_keras_object(lambda_layer)
    rewritten(file, {"config.json": json.dumps(config)})
    with pytest.raises(ModelFileError, match=r"cannot be loaded.*[Ll]ambda"):
        keras_vae.load(file)
    config["config"]["encoder"] = {
        "module": "os",
        "class_name": "system",
        "config": "echo",
        "registered_name": None,
    }
    rewritten(file, {"config.json": json.dumps(config)})
    with pytest.raises(ModelFileError, match="cannot be loaded"):
        keras_vae.load(file)
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    rewritten(file, {"config.json": json.dumps(keras.saving.serialize_keras_object(other))})
    with pytest.raises(ModelFileError, match="holds no VAE"):
        keras_vae.load(file)


def test_weights_of_other_shapes_are_refused(file):
    with zipfile.ZipFile(file) as archive:
        path = file.with_name("weights.h5")
        path.write_bytes(archive.read("model.weights.h5"))
    with h5py.File(path, "a") as h5:
        names = []
        h5.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        largest = max(names, key=lambda name: h5[name].size)
        values = h5[largest][:]
        del h5[largest]
        h5[largest] = values[1:]
    rewritten(file, {"model.weights.h5": path.read_bytes()})
    with pytest.raises(ModelFileError, match=r"cannot be loaded.*Layer .dense. expected"):
        keras_vae.load(file)


def test_random_damage_ends_in_one_message(file, saved):
    """300 damaged copies: no other error, no hang, no more memory than a model needs."""
    generator = random.Random(0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(300):
        content = bytearray(saved)
        for _ in range(generator.randint(1, 8)):
            start = generator.randrange(len(content))
            length = generator.choice([1, 1, 4, 100])
            content[start : start + length] = generator.randbytes(generator.choice([0, 1, length]))
        if generator.random() < 0.3:
            del content[generator.randrange(len(content)) :]
        file.write_bytes(content)
        started = time.perf_counter()
        with contextlib.suppress(ModelFileError):  # what was hit may say nothing of the model
            keras_vae.load(file)
        assert time.perf_counter() - started < 5.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000
