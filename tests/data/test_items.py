"""Every item of a source, by name and in its order."""

import gzip
import struct

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from keras_vae import data, runs
from keras_vae.conditions import Category, Conditions, Real
from keras_vae.data import DiskArray, ImageReading, Items, items_of_data, items_of_table, load_items
from keras_vae.data.image_file import read_image
from keras_vae.data.image_size import resize
from keras_vae.data.interleaved import Interleaved
from keras_vae.data.split import content_digest, is_test
from keras_vae.errors import DataError, DataNotFoundError
from keras_vae.runs.items import with_conditions
from tests.samples import people

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (100, 9, 7), dtype="uint8")
LABELS = np.arange(100) % 10
GREY = ImageReading((9, 7), is_color=False)


def said(testing):
    return np.where(testing, "test", "train").tolist()


@pytest.fixture
def pictures(tmp_path):
    """Five images of two kinds and three sizes, made out of order, and two files that are none."""
    folder = tmp_path / "pictures"
    for name, size in (
        ("b/9.png", (9, 7)),
        ("a/10.png", (20, 30)),
        ("b/2.jpg", (9, 7)),
        ("a/x.png", (40, 8)),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(GENERATOR.integers(0, 256, (*size, 3), dtype="uint8")).save(folder / name)
    Image.fromarray(IMAGES[0]).save(folder / "loose.png")
    (folder / "a" / "list.png").write_text("no image")
    (folder / "b" / "torn.png").write_bytes((folder / "b" / "9.png").read_bytes()[:60])
    return folder


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize(
    "rows",
    [
        slice(None), slice(3, 9), slice(8, 2, -2), [5, 5, 0], np.array([-1, 2]), 4, -10,
        np.arange(10) % 3 == 0, slice(20, 30),
    ],
    ids=str,
)  # fmt: skip
def test_interleaved_rows_are_those_of_the_whole(rows, on_disk):
    whole = GENERATOR.normal(size=(10, 3)).astype("float32")
    is_second = np.array([0, 1, 1, 0, 0, 0, 1, 0, 1, 0], bool)
    parts = [whole[~is_second], whole[is_second]]
    if on_disk:
        for i, part in enumerate(parts):
            parts[i] = DiskArray((3,), part.dtype)
            parts[i].append(part)
    view = Interleaved(*parts, is_second)
    assert (len(view), view.shape, view.dtype, view.ndim) == (10, (10, 3), np.float32, 2)
    np.testing.assert_array_equal(view[rows], whole[rows])


def test_interleaved_rows_end_where_they_end():
    with pytest.raises(IndexError):
        Interleaved(np.zeros(2), np.zeros(3), np.array([0, 1, 1, 0, 1]))[5]


@pytest.mark.parametrize("large", [False, True])
def test_a_folder_gives_what_can_be_read_in_the_order_of_its_names(pictures, large, monkeypatch):
    if large:
        monkeypatch.setattr("keras_vae.data.rows.MOST_IN_MEMORY", 60)
        monkeypatch.setattr("keras_vae.data.rows._CHUNK", 60)
    reading = ImageReading((9, 7), is_color=True, way="pad")
    items = load_items(pictures, reading)
    assert items.key == "file"
    assert list(items.names) == ["a/10.png", "a/x.png", "b/2.jpg", "b/9.png", "loose.png"]
    assert items.labels.tolist() == ["a", "a", "b", "b", None]
    assert sorted(items.findings.unreadable) == ["a/list.png", "b/torn.png"]
    assert isinstance(items.x, DiskArray) == large
    assert (items.x.shape, items.x.dtype, items.splits) == ((5, 9, 7, 3), np.uint8, None)
    expected = [resize(read_image(pictures / name, True), (9, 7), "pad") for name in items.names]
    np.testing.assert_array_equal(items.x[:], expected)
    assert items.identity(slice(3, 9)) == {"file": ["b/9.png", "loose.png"], "label": ["b", None]}


def test_images_of_16_bits_keep_them(tmp_path):
    deep = GENERATOR.integers(0, 65536, (9, 7), dtype="uint16")
    Image.fromarray(deep).save(tmp_path / "deep.png")
    Image.fromarray(IMAGES[0]).save(tmp_path / "plain.png")
    items = load_items(tmp_path, ImageReading((9, 7), is_color=False, bits=16))
    np.testing.assert_array_equal(items.x[..., 0], [deep, IMAGES[0] * np.uint16(257)])


def test_a_single_image_is_enough(pictures):
    for source in (pictures / "loose.png", str(pictures / "loose.png")):
        items = load_items(source, GREY)
        assert (items.key, list(items.names), items.labels) == ("file", ["loose.png"], None)
        np.testing.assert_array_equal(items.x, IMAGES[:1, ..., None])


def test_folders_without_a_readable_image_are_refused(pictures, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no image files"):
        load_items(tmp_path / "empty", GREY)
    for path in (*pictures.rglob("*.png"), *pictures.rglob("*.jpg")):
        path.write_text("no image")
    with pytest.raises(DataError, match=r"no image that can be read. 7 files cannot be read: .*10\.png"):
        load_items(pictures, GREY)
    with pytest.raises(DataError, match=r"loose\.png cannot be read: it is no image"):
        load_items(pictures / "loose.png", GREY)
    with pytest.raises(DataNotFoundError, match=r"No data file or folder at .*gone\.png"):
        load_items(tmp_path / "gone.png", GREY)


def test_arrays_come_in_the_order_of_their_file(tmp_path):
    np.save(tmp_path / "a.npy", IMAGES[:3])
    np.savez(tmp_path / "whole.npz", x=IMAGES[:3], y=LABELS[:3], angle=LABELS[:3] / 7)
    np.savez(tmp_path / "alone.npz", faces=IMAGES[:3])
    halves = {"x_train": IMAGES[:1], "y_train": LABELS[:1], "x_test": IMAGES[1:3], "y_test": LABELS[1:3]}
    np.savez(tmp_path / "split.npz", **halves, angle_train=LABELS[:1] / 7, angle_test=LABELS[1:3] / 7)
    for kind, array in (("images-idx3", IMAGES[:3]), ("labels-idx1", LABELS[:3].astype("uint8"))):
        head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        for half in ("train", "t10k"):
            (tmp_path / f"{half}-{kind}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))
    known = {
        "a.npy": [],
        "alone.npz": [],
        "whole.npz": ["angle", "label"],
        "split.npz": ["angle", "label"],
        "t10k-images-idx3-ubyte.gz": ["label"],
    }
    for name, columns in known.items():
        items = load_items(tmp_path / name, GREY)
        assert (items.key, list(items.names), items.splits) == ("number", [0, 1, 2], None), name
        np.testing.assert_array_equal(items.x[:][..., 0], IMAGES[:3])
        assert sorted(items.columns) == columns
        assert (items.labels is None) == ("label" not in columns)
        for column in columns:
            np.testing.assert_array_equal(
                items.columns[column], LABELS[:3] / (7 if column == "angle" else 1)
            )


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": IMAGES, "y": LABELS[:9]}, r"'y' must hold one number .* Found shape \(9,\)"),
        ({"x": IMAGES, "y": LABELS / 7}, "an integer. Found shape .* type float64"),
        ({"x": IMAGES, "name": LABELS.astype(str)}, "'name' must hold one number.* type <U"),
        ({"x": IMAGES[0]}, "must be images"),
        ({"one": IMAGES, "two": IMAGES}, "must hold the arrays"),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(arrays, message, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=message):
        load_items(tmp_path / "a.npz", GREY)


def test_a_data_set_comes_back_in_the_order_of_its_array(tmp_path):
    np.savez(tmp_path / "whole.npz", x=IMAGES, y=LABELS, angle=LABELS / 7)
    items = items_of_data(data.load(tmp_path / "whole.npz"), with_splits=True)
    np.testing.assert_array_equal(items.x[:][..., 0], IMAGES)
    np.testing.assert_array_equal(items.columns["angle"], LABELS / 7)
    np.testing.assert_array_equal(items.labels, LABELS)
    assert items.splits.tolist() == said([is_test(content_digest(image)) for image in IMAGES])
    assert 0 < (items.splits == "test").sum() < 30


def test_a_data_set_comes_back_in_the_order_of_its_folder(tmp_path):
    rows = ["file,label,split"]
    for number, pixels in enumerate(IMAGES[:40]):
        Image.fromarray(pixels).save(tmp_path / f"{number:02}.png")
        rows.append(f"{number:02}.png,{'odd' if number % 2 else 'even'},{said(number % 3 == 0)}")
    (tmp_path / "05.png").write_text("no image")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    items = items_of_data(data.load(tmp_path), with_splits=True)
    kept = [number for number in range(40) if number != 5]
    assert list(items.names) == [f"{number:02}.png" for number in kept]
    assert items.labels.tolist() == ["odd" if number % 2 else "even" for number in kept]
    assert items.columns["label"].tolist() == [number % 2 for number in kept]
    assert items.splits.tolist() == said(np.array(kept) % 3 == 0)
    np.testing.assert_array_equal(items.x[:][..., 0], IMAGES[kept])


def test_a_data_set_comes_back_in_the_order_of_its_batches():
    batches = [(IMAGES[start : start + 32], LABELS[start : start + 32]) for start in range(0, 100, 32)]
    items = load_items(batches, GREY)
    np.testing.assert_array_equal(items.x[:][..., 0], IMAGES)
    np.testing.assert_array_equal(items.labels, LABELS)


def test_a_data_set_comes_back_in_the_order_of_its_table():
    table = people(300)
    loaded = data.load(table).conditioned_on(["kind", "age"])
    items = items_of_data(loaded, with_splits=True)
    whole = items_of_table(data.read_table(table, schema=loaded.schema))
    assert items.key == whole.key == "row"
    assert list(items.names) == list(whole.names) == list(range(1, 301))
    np.testing.assert_array_equal(items.x[:], whole.x)
    assert sorted(items.columns) == sorted(whole.columns) == ["age", "kind"]
    for name in ("age", "kind"):
        np.testing.assert_array_equal(items.columns[name], whole.columns[name])
    assert (items.splits == "test").sum() == len(loaded.x_test)
    np.testing.assert_array_equal(items.x[items.splits == "test"], loaded.x_test)


def test_a_table_counts_what_it_does_not_know():
    schema = data.read_table({"height": [1.5, 1.7, 1.6], "pet": ["cat", "dog", "cat"]}).schema
    other = pa.table({"pet": ["eel", None, "dog"], "height": [1.8, 1.9, None]})
    items = items_of_table(data.read_table(other, schema=schema))
    assert items.findings.unknown == {"pet": 1}
    np.testing.assert_array_equal(items.x, np.array([[1.8, np.nan], [1.9, np.nan], [np.nan, 1]], "float32"))
    assert items.identity(slice(None)) == {"row": [1, 2, 3]}


def test_labels_that_tell_nothing_apart_are_no_labels(tmp_path):
    np.save(tmp_path / "a.npy", IMAGES)
    assert items_of_data(data.load(tmp_path / "a.npy")).labels is None
    for number, pixels in enumerate(IMAGES):
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    assert items_of_data(data.load(tmp_path)).labels is None
    (tmp_path / "cats").mkdir()
    for path in tmp_path.glob("*.png"):
        path.rename(tmp_path / "cats" / path.name)
    assert set(items_of_data(data.load(tmp_path)).labels) == {"cats"}


def test_conditions_are_told_what_they_know():
    items = Items(
        "number", range(4), np.zeros((4, 2, 2, 1)), {"shift": np.arange(4.0), "odd": np.arange(4)}
    )
    conditions = Conditions({"odd": Category(2), "shift": Real(), "age": Real()})
    found = with_conditions(items, conditions)
    assert found.columns["odd"].tolist() == [0, 1, -1, -1]
    assert found.columns["shift"].tolist() == [0, 1, 2, 3]
    assert found.findings.unknown == {"odd": 2}
    assert set(found.inputs(conditions.columns)) == {"x", "shift", "odd"}
    assert found.inputs() is items.x


@pytest.mark.parametrize(
    ("condition", "texts", "numbers", "unknown"),
    [
        (Category(2, names=("cat", "dog")), ["dog", "cat", None, "eel"], [1, 0, -1, -1], 1),
        (Category(3), ["2", "0", "3", "x"], [2, 0, -1, -1], 2),
        (Real(), ["1.5", "tall", None, "2"], [1.5, np.nan, np.nan, 2], 1),
    ],
)
def test_labels_by_name_become_the_model_s_numbers(condition, texts, numbers, unknown):
    items = Items("file", list("abcd"), np.zeros((4, 2, 2, 1)), labels=np.array(texts, object))
    found = with_conditions(items, Conditions({"label": condition}))
    np.testing.assert_array_equal(found.columns["label"], numbers)
    assert found.findings.unknown == {"label": unknown}
    assert found.labels.tolist() == texts


def test_a_run_gives_its_own_data_with_their_splits(blobs_run, blobs):
    items = blobs_run.items()
    assert (items.key, list(items.names)) == ("number", list(range(128)))
    assert items.splits.tolist() == ["train"] * 96 + ["test"] * 32
    np.testing.assert_array_equal(items.x[:], np.concatenate([blobs.x_train, blobs.x_test]))
    np.testing.assert_array_equal(items.labels, np.concatenate([blobs.y_train, blobs.y_test]))
    again = runs.Run(blobs_run.folder)
    again.description["data"]["fingerprint"] = "of other data"
    with pytest.raises(DataError, match="has changed since"):
        again.items()


def test_a_run_takes_pictures_as_it_was_trained(blobs_run, conditional_run, pictures):
    items = blobs_run.items(pictures)
    assert items.x.shape == (5, 12, 12, 1)
    expected = [resize(read_image(pictures / name, False), (12, 12)) for name in items.names]
    np.testing.assert_array_equal(items.x, expected)
    (pictures / "a").rename(pictures / "3")
    items = conditional_run.items(pictures)
    assert items.columns["label"].tolist() == [3, 3, -1, -1, -1]
    assert items.findings.unknown == {"label": 2}


def test_a_run_refuses_other_shapes_and_types(blobs_run, tmp_path):
    with pytest.raises(
        DataError, match=r"mnist-5k holds .*\(28, 28, 1\), and this model was trained on \(12, 12, 1\)"
    ):
        blobs_run.items("mnist-5k")
    np.save(tmp_path / "floats.npy", np.zeros((1, 12, 12), "float32"))
    with pytest.raises(DataError, match=r"floats\.npy holds float32 .*uint8: their units would not match"):
        blobs_run.items(tmp_path / "floats.npy")
    with pytest.raises(DataError, match=r"holds examples of shape \(8,\)"):
        blobs_run.items(people(300))
