"""Keras's own data as a data set: what is read, and what is refused."""

import keras
import numpy as np
import pytest

from keras_vae import data
from keras_vae.data.rows import Rows
from keras_vae.errors import DataError

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (200, 6, 8, 3), dtype="uint8")
LABELS = np.arange(200) % 7
ANGLE = GENERATOR.normal(size=200).astype("float32")


def batched(*arrays, size=32):
    """A generator of batches, as people write them."""
    for start in range(0, len(arrays[0]), size):
        rows = tuple(array[start : start + size] for array in arrays)
        yield rows if len(rows) > 1 else rows[0]


def as_dicts(**columns):
    return (
        {"x": x, **dict(zip(columns, rows, strict=True))} for x, *rows in batched(IMAGES, *columns.values())
    )


class Batches(keras.utils.PyDataset):
    """A `PyDataset` of images and labels, as Keras's documentation writes them; without length if asked."""

    def __init__(self, num_batches=7):
        super().__init__()
        self._num_batches = num_batches

    @property
    def num_batches(self):
        return self._num_batches

    def __getitem__(self, index):
        rows = slice(32 * index, 32 * (index + 1))
        return IMAGES[rows], LABELS[rows]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The same images and labels by way of a file."""
    path = tmp_path_factory.mktemp("data") / "images.npz"
    np.savez(path, x=IMAGES, y=LABELS)
    return data.load(path)


def same(one, other):
    return one.fingerprint == other.fingerprint


def test_a_tf_dataset_is_read(expected):
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).batch(32)
    assert same(data.load(dataset), expected)
    endless = dataset.repeat()
    assert same(data.load(endless.take(7)), expected)
    with pytest.raises(DataError, match=r"digits never ends.*dataset\.take\(1000\)"):
        data.from_batches(endless, "digits")
    with pytest.raises(DataError, match="digits, validation never ends"):
        data.from_batches(dataset, "digits", validation=endless)
    single = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS))
    with pytest.raises(DataError, match=r"y \(\).*batch them first"):
        data.load(single)


def test_a_py_dataset_is_read(expected):
    assert same(data.from_batches(Batches()), expected)
    with pytest.raises(DataError, match="batches never ends"):
        data.from_batches(Batches(num_batches=None))

    class Lengthless(keras.utils.PyDataset):
        def __getitem__(self, index):
            return IMAGES[:32]

    with pytest.raises(DataError, match="how many batches it has"):
        data.from_batches(Lengthless())


def test_a_data_loader_is_read(expected):
    torch = pytest.importorskip("torch")
    tensors = torch.utils.data.TensorDataset(torch.tensor(IMAGES), torch.tensor(LABELS))
    assert same(data.load(torch.utils.data.DataLoader(tensors, batch_size=32)), expected)
    channels_first = torch.tensor(IMAGES).permute(0, 3, 1, 2)
    with pytest.raises(DataError, match=r"permute\(0, 2, 3, 1\)"):
        data.load(torch.utils.data.DataLoader(channels_first, batch_size=32))


def test_what_looks_like_a_tensor_of_torch_is_taken_from_its_device():
    class Tensor:
        def __init__(self, array):
            self.array, self.shape = array, array.shape

        def detach(self):
            return self

        def cpu(self):
            return self.array

        def permute(self, *axes):
            return Tensor(self.array.transpose(axes))

    assert len(data.from_batches([Tensor(IMAGES)]).x_train) > 150
    with pytest.raises(DataError, match=r"shape \(200, 3, 6, 8\).*permute\(0, 2, 3, 1\)"):
        data.from_batches([Tensor(IMAGES.transpose(0, 3, 1, 2))])


@pytest.mark.parametrize(
    "y",
    [LABELS, LABELS[:, None], LABELS.astype("uint8"), np.eye(7)[LABELS], np.eye(7, dtype="int8")[LABELS]],
    ids=["numbers", "columns", "bytes", "one-hot", "one-hot integers"],
)
def test_labels_are_numbers_or_one_hot(y, expected):
    assert same(data.from_batches(batched(IMAGES, y)), expected)
    assert same(data.from_batches(batched(IMAGES, y, np.ones(200))), expected)


@pytest.mark.parametrize(
    "y",
    [IMAGES, ANGLE, np.eye(7)[LABELS] * 0.8, np.where(np.arange(200)[:, None] < 150, [0, 1], [0.5, 0.5])],
    ids=["the images", "numbers", "soft", "soft in the end"],
)
def test_any_other_target_is_left_out(y):
    found = data.from_batches(batched(IMAGES, y))
    assert same(found, data.from_batches(batched(IMAGES)))
    assert not found.y_train.any()


def test_columns_come_in_a_dict(expected):
    found = data.from_batches(as_dicts(label=LABELS, angle=ANGLE))
    np.testing.assert_array_equal(found.x_test, expected.x_test)
    np.testing.assert_array_equal(found.y_train, expected.y_train)
    assert found.columns_train["angle"].dtype == np.float32
    both = np.concatenate([found.columns_train["angle"], found.columns_test["angle"]])
    np.testing.assert_array_equal(np.sort(both), np.sort(ANGLE))
    batches = data.Batches({"x": IMAGES, "label": LABELS, "angle": ANGLE}, 32, shuffle=False)
    assert same(data.from_batches(batches), found)
    paired = zip(as_dicts(angle=ANGLE), batched(LABELS), strict=True)
    assert same(data.from_batches(paired), found)


def test_other_numbers_and_shapes_are_read_as_from_a_file(tmp_path):
    for array in (IMAGES[..., 0], IMAGES / 255, IMAGES[..., :1].astype("int32"), IMAGES.astype("uint16")):
        np.savez(tmp_path / "a.npz", whatever=array)
        assert same(data.from_batches(batched(array)), data.load(tmp_path / "a.npz"))


def test_the_split_may_be_given():
    empty = IMAGES[:0], LABELS[:0]
    train = [*batched(IMAGES[:150], LABELS[:150]), empty]
    found = data.from_batches(train, validation=batched(IMAGES[140:], LABELS[140:]))
    np.testing.assert_array_equal(found.x_train, IMAGES[:150])
    np.testing.assert_array_equal(found.x_test, IMAGES[140:])
    np.testing.assert_array_equal(found.y_test, LABELS[140:])
    assert found.findings.duplicates == 10


def test_what_is_large_goes_to_disk(monkeypatch):
    fractions = (IMAGES / 255).astype("float32")
    held = data.from_batches(batched(fractions, LABELS))
    monkeypatch.setattr("keras_vae.data.rows.MOST_IN_MEMORY", 20_000)
    monkeypatch.setattr("keras_vae.data.rows._CHUNK", 3_000)
    streamed = data.from_batches(batched(fractions, LABELS))
    assert isinstance(streamed.x_train, data.DiskArray)
    assert isinstance(streamed.x_test, np.ndarray)
    assert same(streamed, held)
    assert streamed.value_range == held.value_range == (0.0, 1.0)
    broken = [*batched(fractions), np.full((2, 6, 8, 3), np.nan, "float32")]
    with pytest.raises(DataError, match="batch 7: x holds NaN or infinity in 2 of 2 images"):
        data.from_batches(broken)


def test_rows_are_the_same_in_memory_and_on_disk(monkeypatch):
    table = GENERATOR.normal(size=(5000, 20)).astype("float32")
    for most, kind in ((10**9, np.ndarray), (100_000, data.DiskArray)):
        monkeypatch.setattr("keras_vae.data.rows.MOST_IN_MEMORY", most)
        monkeypatch.setattr("keras_vae.data.rows._CHUNK", 30_000)
        rows, buffer = Rows((20,), np.dtype("float32")), np.empty((1000, 20))
        assert rows.array().shape == (0, 20)
        for start in range(0, 4000, 1000):
            buffer[:] = table[start : start + 1000]
            rows.extend(buffer)
        for row in table[4000:]:
            rows.append(row)
        assert len(rows) == 5000
        assert isinstance(rows.array(), kind)
        np.testing.assert_array_equal(rows.array()[:], table)
        for order in (GENERATOR.permutation(5000), GENERATOR.integers(0, 5000, 64)):
            np.testing.assert_array_equal(rows.array()[order], table[order])


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        (IMAGES, "Found: ndarray. Put what is a single batch into a list"),
        ({"x": IMAGES}, "Found: dict"),
        (17, "Found: int"),
        ((IMAGES, LABELS), "Found: tuple"),
        ([], "holds no batches. A generator can be read only once"),
        ([IMAGES[:3]], "all 3 images are in one split.*validation="),
        ([IMAGES[:8, :, 0, 0]], "holds 8 rows, and at least 20 are needed"),
        ([LABELS], r"batch 0: x must be images.*Found shape \(200,\)"),
        ([None], r"batch 0: x must be images.*Found shape \(\)"),
        ([(IMAGES, LABELS, LABELS, LABELS)], "Found 4 parts"),
        ([{"images": IMAGES}], 'must have "x" among its columns. Found: images'),
        ([(IMAGES, LABELS[:7])], r"x has shape \(200, 6, 8, 3\) and y \(7,\)"),
        ([{"x": IMAGES, "angle": ANGLE[:7]}], r"and angle \(7,\)"),
        ([{"x": IMAGES, "angle": IMAGES}], "'angle' of train must hold one number"),
        ([{"x": IMAGES, "label": ANGLE}], "label must be one integer for each example.*float32"),
        ([IMAGES.astype(str)], "must hold numbers"),
        ([IMAGES, IMAGES[:, :5]], r"batch 1 holds examples of shape \(5, 8, 3\), and .* 0 \(6, 8, 3\)"),
        ([IMAGES, IMAGES / 255], "batch 1 holds numbers of type float64, and batches, batch 0 uint8"),
        ([IMAGES, {"x": IMAGES, "angle": ANGLE}], r"holds the columns \['angle'\], and .* 0 \[\]"),
    ],
)  # fmt: skip
def test_batches_that_do_not_fit_are_refused(batches, message):
    with pytest.raises(DataError, match=message):
        data.from_batches(batches)


def test_a_size_is_for_folders():
    with pytest.raises(DataError, match=r"A size and a colour can be chosen for a folder.* Received: list"):
        data.load([IMAGES], size=(4, 4))


def test_rows_of_a_table_are_read_as_the_same_array_would_be():
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(200, 3)).astype("float32")
    rows[::7, 1] = np.nan
    kinds = generator.integers(0, 3, 200)
    batches = [
        ({"x": rows[i : i + 32], "age": np.arange(200)[i : i + 32] ** 2}, kinds[i : i + 32])
        for i in range(0, 200, 32)
    ]
    found = data.load(batches)
    columns = {f"column {i}": rows[:, i] for i in range(3)}
    expected = data.load(
        columns | {"age": np.arange(200) ** 2, "label": kinds}, kinds={"label": "category"}
    )
    np.testing.assert_array_equal(found.x_train, expected.x_train)
    np.testing.assert_array_equal(found.x_test, expected.x_test)
    assert [each.kind for each in found.schema.columns] == ["real", "real", "real", "integer", "category"]
    parts = data.from_batches([rows[:150]], validation=[rows[150:]])
    np.testing.assert_array_equal(parts.x_test, rows[150:])
