"""Folders of images of every kind, arrays, and IDX files."""

import gzip
import struct

import numpy as np
import pytest
from PIL import Image

from keras_vae import data
from keras_vae.data.disk_array import DiskArray
from keras_vae.data.idx import read_idx
from keras_vae.data.image_file import read_header, read_image
from keras_vae.data.image_size import WAYS, parse_size, resize
from keras_vae.data.split import content_digest, is_test
from keras_vae.errors import DataError, InvalidArgumentError, UnknownNameError

GENERATOR = np.random.default_rng(0)
COLOR = GENERATOR.integers(0, 256, (6, 8, 3), dtype="uint8")
GREY = GENERATOR.integers(0, 256, (6, 8), dtype="uint8")


def saved(tmp_path, image, name, **options):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "webp"])
def test_lossless_files_give_their_pixels(suffix, tmp_path):
    path = saved(
        tmp_path, Image.fromarray(COLOR), f"a.{suffix}", **({"lossless": True} if suffix == "webp" else {})
    )
    np.testing.assert_array_equal(read_image(path, is_color=True), COLOR)
    header = read_header(path)
    assert (header.size, header.is_color, header.bits) == ((6, 8), True, 8)


def test_jpeg_and_gif_give_nearly_their_pixels(tmp_path):
    smooth = np.linspace(0, 255, 64 * 48).reshape(48, 64).astype("uint8")
    for name, frames in (
        ("a.jpg", {}),
        ("a.gif", {"save_all": True, "append_images": [Image.new("L", (64, 48))]}),
    ):
        pixels = read_image(saved(tmp_path, Image.fromarray(smooth), name, **frames), is_color=False)
        assert pixels.shape == (48, 64, 1)
        assert np.abs(pixels[..., 0].astype(int) - smooth).max() <= 4


def test_sixteen_bits_are_kept_or_brought_down(tmp_path):
    deep = GENERATOR.integers(0, 65536, (6, 8), dtype="uint16")
    for name in ("a.png", "a.tif"):
        path = saved(tmp_path, Image.fromarray(deep), name)
        assert (read_header(path).bits, read_header(path).is_color) == (16, False)
        np.testing.assert_array_equal(read_image(path, is_color=False, bits=16)[..., 0], deep)
        np.testing.assert_array_equal(read_image(path, is_color=False)[..., 0], deep >> 8)
    path = saved(tmp_path, Image.fromarray(GREY), "b.png")
    np.testing.assert_array_equal(read_image(path, is_color=False, bits=16)[..., 0], GREY * np.uint16(257))


def test_rotations_palettes_and_transparency_are_seen_as_people_see_them(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path, Image.fromarray(COLOR), "turned.png", exif=exif)
    assert read_header(path).size == (8, 6)
    np.testing.assert_array_equal(read_image(path, is_color=True), np.rot90(COLOR, -1))
    few = np.array([[255, 0, 0], [0, 0, 255]], "uint8")[GREY % 2]
    path = saved(tmp_path, Image.fromarray(few).convert("P", palette=Image.Palette.ADAPTIVE), "palette.png")
    np.testing.assert_array_equal(read_image(path, is_color=True), few)
    alpha = np.dstack([COLOR, np.where(GREY > 127, 255, 0).astype("uint8")])
    path = saved(tmp_path, Image.fromarray(alpha), "alpha.png")
    expected = np.where((GREY > 127)[..., None], COLOR, 255)
    np.testing.assert_array_equal(read_image(path, is_color=True), expected)


def test_files_that_are_no_images_are_named(tmp_path):
    (tmp_path / "text.png").write_text("no image")
    whole = saved(tmp_path, Image.fromarray(COLOR.repeat(20, 0)), "whole.png").read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    saved(tmp_path, Image.fromarray(np.ones((4, 4), "float32")), "floats.tif")
    for name, reason in (
        ("text.png", "no image"),
        ("half.png", "cannot be read"),
        ("floats.tif", "floating-point"),
    ):
        with pytest.raises(DataError, match=reason):
            read_image(tmp_path / name, is_color=True)


def test_sizes_are_read_and_refused():
    assert parse_size("64") == (64, 64)
    assert parse_size("96x64") == (64, 96)
    for text in ("", "0", "64x", "big", "-3", "1.5"):
        with pytest.raises(InvalidArgumentError, match="number of pixels"):
            parse_size(text)


def test_ways_to_another_shape():
    wide = np.zeros((10, 30, 1), "uint8")
    wide[:, 10:20] = 200
    made = {way: resize(wide, (10, 10), way) for way in WAYS}
    assert (made["fill"] == 200).all()
    assert (made["pad"][:3] == 0).all()
    assert (made["pad"][7:] == 0).all()
    assert made["pad"][5, 5] > 190
    assert (made["fit"][:, 4:6] > 190).all()
    assert (made["fit"][:, :2] < 20).all()
    deep = np.full((4, 6, 3), 40_000, "uint16")
    assert (resize(deep, (8, 12)) == 40_000).all()
    assert resize(deep, (4, 6)) is deep
    with pytest.raises(UnknownNameError, match="Did you mean 'fill'"):
        resize(wide, (5, 5), "fil")


def test_the_split_is_a_matter_of_content():
    examples = GENERATOR.integers(0, 256, (4000, 5), dtype="uint8")
    first = [is_test(content_digest(each)) for each in examples]
    assert first[::-1] == [is_test(content_digest(each)) for each in examples[::-1].copy()]
    assert np.mean(first) == pytest.approx(0.1, abs=0.02)
    assert content_digest(examples[0]) != content_digest(examples[0].astype("uint16"))


def test_a_disk_array_is_an_array(tmp_path):
    rows = GENERATOR.integers(0, 65536, (50, 3, 2), dtype="uint16")
    array = DiskArray((3, 2), np.dtype("uint16"), tmp_path)
    array.append(rows[:20])
    array.append(rows[20:])
    assert (array.shape, array.ndim, len(array), array.dtype) == (rows.shape, 3, 50, rows.dtype)
    for key in (7, -1, slice(None), slice(5, 17), slice(40, 90), slice(None, None, 7), slice(9, 9),
                np.array([3, 3, 49, 0]), [1, 2], np.arange(50) % 2 == 0, [], [-1, -50],
                np.array([9, 2], "uint8"), slice(None, None, -1)):  # fmt: skip
        np.testing.assert_array_equal(array[key], rows[key])
    for key in (50, -51, [3, 50], [[1, 2], [3, 4]], [True, False], 1.5):
        with pytest.raises(IndexError):
            array[key]


@pytest.fixture
def photographs(tmp_path):
    """60 images of three kinds in two folders, a text file called .png, and a broken one."""
    for number in range(60):
        size = [(40, 30), (32, 32), (25, 50)][number % 3]
        pixels = GENERATOR.integers(0, 256, (*size, 3), dtype="uint8")
        image = Image.fromarray(pixels).convert(["RGB", "L", "RGBA"][number % 3])
        folder = "cats" if number % 2 else "dogs/large"
        saved(tmp_path, image, f"{folder}/{number}.png")
    (tmp_path / "cats" / "notes.png").write_text("buy milk")
    whole = (tmp_path / "cats" / "1.png").read_bytes()
    (tmp_path / "cats" / "torn.png").write_bytes(whole[:200])
    (tmp_path / ".hidden.png").write_text("")
    return tmp_path


def test_a_folder_of_photographs(photographs):
    dataset = data.load(photographs)
    assert dataset.event_shape == (64, 64, 3)
    assert dataset.x_train.dtype == np.uint8
    assert len(dataset.x_train) + len(dataset.x_test) == 60
    assert dataset.label_names == ("cats", "dogs")
    assert np.bincount(np.concatenate([dataset.y_train, dataset.y_test])).tolist() == [30, 30]
    assert sorted(dataset.findings.unreadable) == ["cats/notes.png", "cats/torn.png"]
    assert sum(dataset.findings.sizes.values()) == 60
    again = data.load(photographs, size=(20, 24), way="pad", color="grey")
    assert again.event_shape == (20, 24, 1)
    assert data.load(photographs, **again.reading).fingerprint == again.fingerprint


def test_small_images_of_one_size_stay_as_they_are_and_large_sets_on_disk(tmp_path, monkeypatch):
    images = GENERATOR.integers(0, 256, (40, 20, 24), dtype="uint8")
    for number, pixels in enumerate(images):
        saved(tmp_path, Image.fromarray(pixels), f"{number:02}.png")
    saved(tmp_path, Image.fromarray(images[3]), "copy.bmp")
    dataset = data.load(tmp_path)
    assert dataset.event_shape == (20, 24, 1)
    assert dataset.findings.duplicates == 1
    monkeypatch.setattr("keras_vae.data.rows.MOST_IN_MEMORY", 1000)
    streamed = data.load(tmp_path)
    assert isinstance(streamed.x_train, DiskArray)
    assert streamed.fingerprint == dataset.fingerprint
    np.testing.assert_array_equal(streamed.x_test[:], dataset.x_test)
    copies = [
        (images[3] == each[..., 0]).all(axis=(1, 2)).sum() for each in (dataset.x_train, dataset.x_test)
    ]
    assert sorted(copies) == [0, 2]


def test_labels_may_come_from_a_file_and_splits_from_folders(tmp_path):
    rows = ["file,label"]
    for number in range(30):
        name = f"{'test' if number < 6 else 'train'}/{number}.png"
        saved(tmp_path, Image.fromarray(GENERATOR.integers(0, 256, (8, 8), dtype="uint8")), name)
        rows.append(f"{name},{'odd' if number % 2 else 'even'}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    dataset = data.load(tmp_path)
    assert (len(dataset.x_train), len(dataset.x_test)) == (24, 6)
    assert dataset.label_names == ("even", "odd")
    assert dataset.y_test.tolist() == [0, 1, 0, 1, 0, 1]
    (tmp_path / "labels.csv").write_text("\n".join(rows[:5]))
    with pytest.raises(DataError, match="says nothing of "):
        data.load(tmp_path)
    (tmp_path / "labels.csv").write_text("name,class\n")
    with pytest.raises(DataError, match=r"columns file and label, .*\. Found: name, class"):
        data.load(tmp_path)


def test_splits_may_come_from_a_file(tmp_path):
    splits = {f"{'cats' if number % 2 else 'dogs'}/{number:02}.png": number < 25 for number in range(30)}
    for name in splits:
        saved(tmp_path, Image.fromarray(GENERATOR.integers(0, 256, (8, 8), dtype="uint8")), name)

    def say(header, row):
        lines = [row(name, "train" if train else "test") for name, train in splits.items()]
        (tmp_path / "labels.csv").write_text("\n".join([header, *lines]))

    say("file,split", "{},{}".format)
    dataset = data.load(tmp_path)
    assert (len(dataset.x_train), len(dataset.x_test)) == (25, 5)
    assert dataset.label_names == ("cats", "dogs")
    assert dataset.y_test.tolist() == [0, 0, 0, 1, 1]
    np.testing.assert_array_equal(dataset.x_test[2], read_image(tmp_path / "cats" / "29.png", False))
    say("split,label,file", lambda name, split: f"{split},{name[-5]},{name}")
    dataset = data.load(tmp_path)
    assert [dataset.label_names[label] for label in dataset.y_test] == list("57968")
    say("file,split", lambda name, split: f"{name},{split if '07' not in name else 'validation'}")
    with pytest.raises(DataError, match=r"puts cats/07\.png into the split 'validation': .*train or test"):
        data.load(tmp_path)
    say("file,split", lambda name, _: name)
    with pytest.raises(DataError, match=r"puts dogs/00\.png into the split ''"):
        data.load(tmp_path)
    say("file,split", lambda name, _: f"{name},train")
    with pytest.raises(
        DataError, match=r"no image is left for the split 'test'.*column split of labels\.csv"
    ):
        data.load(tmp_path)
    (tmp_path / "labels.csv").write_text("file,split\ndogs/00.png,train")
    with pytest.raises(DataError, match=r"labels\.csv says nothing of cats/01\.png"):
        data.load(tmp_path)
    (tmp_path / "labels.csv").write_bytes("file,label\ndogs/00.png,M\xf6ps".encode("latin-1"))
    with pytest.raises(DataError, match=r"labels\.csv cannot be read: .*UTF-8"):
        data.load(tmp_path)


def test_a_split_in_a_file_overrules_folders(tmp_path):
    rows = ["file,split"]
    for number in range(30):
        name = f"{'test' if number < 6 else 'train'}/{'odd' if number % 2 else 'even'}/{number:02}.png"
        saved(tmp_path, Image.fromarray(GENERATOR.integers(0, 256, (8, 8), dtype="uint8")), name)
        rows.append(f"{name},{'train' if number < 6 else 'test'}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    dataset = data.load(tmp_path)
    assert (len(dataset.x_train), len(dataset.x_test)) == (6, 24)
    assert dataset.label_names == ("even", "odd")


ORIENTED = Image.Exif()
ORIENTED[0x0112] = 6
#: What people's folders hold: how each picture is converted, and how it is saved.
KINDS = [
    ("RGB", "png", {}),
    ("L", "png", {}),
    ("RGBA", "png", {}),
    ("P", "png", {}),
    ("I;16", "png", {}),
    ("1", "png", {}),
    ("LA", "png", {}),
    ("RGB", "jpg", {}),
    ("CMYK", "jpeg", {}),
    ("RGB", "JPG", {"exif": ORIENTED}),
    ("P", "gif", {}),
    ("RGBA", "webp", {}),
    ("RGB", "tiff", {}),
    ("I;16", "tif", {}),
    ("RGB", "bmp", {}),
]


def photograph(mode, size):
    pixels = Image.fromarray(GENERATOR.integers(0, 256, (*size, 3), dtype="uint8"))
    if mode == "I;16":
        return Image.fromarray(np.asarray(pixels.convert("L")).astype("uint16") * 257)
    return pixels.convert(mode)


def test_a_folder_as_people_have_it(tmp_path):
    """200 photographs of every size and kind, one of them torn and one no image at all."""
    for number in range(198):
        mode, suffix, options = KINDS[number % len(KINDS)]
        image = photograph(mode, (20 + number % 37, 20 + number % 23))
        saved(tmp_path, image, f"{number % 7}/{number}.{suffix}", **options)
    whole = saved(tmp_path, photograph("RGB", (90, 70)), "0/torn.jpg").read_bytes()
    (tmp_path / "0" / "torn.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "1" / "notes.png").write_text("buy milk")
    dataset = data.load(tmp_path)
    assert sorted(dataset.findings.unreadable) == ["0/torn.jpg", "1/notes.png"]
    assert len(dataset.x_train) + len(dataset.x_test) == sum(dataset.findings.sizes.values()) == 198
    assert (dataset.event_shape, dataset.x_train.dtype) == ((64, 64, 3), np.uint8)
    assert dataset.label_names == tuple("0123456")
    assert dataset.findings.duplicates == 0
    assert 50 < dataset.x_train.mean() < 205
    for path in tmp_path.rglob("*.*"):
        path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DataError, match=r"holds 0 images that can be read.* 200 files cannot be read"):
        data.load(tmp_path)


def test_a_folder_does_not_hide_a_data_set_of_its_name(tmp_path, monkeypatch):
    (tmp_path / "mnist-5k").mkdir()
    monkeypatch.chdir(tmp_path)
    assert len(data.load("mnist-5k").x_train) == 4500


def test_folders_that_cannot_be_learned_from_are_refused(tmp_path):
    with pytest.raises(DataError, match="holds no image files"):
        data.load(tmp_path)
    for number in range(30):
        (tmp_path / f"{number}.png").write_text("no image")
    with pytest.raises(
        DataError, match=r"0 images that can be read.*30 files cannot be read: .*it is no image"
    ):
        data.load(tmp_path)
    for number in range(3):
        saved(tmp_path, Image.fromarray(GREY), f"{number}.png")
    with pytest.raises(DataError, match="3 images that can be read, and at least 20"):
        data.load(tmp_path)
    with pytest.raises(UnknownNameError, match="Unknown color 'gray'"):
        data.load(tmp_path, color="gray")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_images_are_written_as_they_were_read(dtype, tmp_path):
    high = {"uint8": 255, "uint16": 65535, "float32": 2.0}[dtype]
    images = GENERATOR.uniform(-0.1 * high, 1.1 * high, (3, 5, 4, 1))
    data.write_images(tmp_path / "made", images, dtype, (0.0, high))
    bits = 16 if dtype == "uint16" else 8
    back = [read_image(tmp_path / "made" / f"000{i}.png", is_color=False, bits=bits) for i in range(3)]
    assert read_header(tmp_path / "made" / "0000.png").bits == bits
    expected = np.clip(images / high, 0, 1) * (2**bits - 1)
    np.testing.assert_allclose(np.stack(back), expected, atol=0.51)
    with pytest.raises(DataError, match=r"2 channels.*\.npy"):
        data.write_images(tmp_path, np.zeros((1, 4, 4, 2)), dtype, (0, 1))


def test_arrays_and_idx_files(tmp_path):
    images = GENERATOR.integers(0, 256, (100, 9, 7), dtype="uint8")
    labels = np.arange(100, dtype="uint8") % 10
    np.save(tmp_path / "images.npy", images)
    dataset = data.load(tmp_path / "images.npy")
    assert (len(dataset.x_train) + len(dataset.x_test), dataset.event_shape) == (100, (9, 7, 1))
    for half, rows in (("train", slice(0, 80)), ("t10k", slice(80, 100))):
        for kind, array in (("images-idx3", images[rows]), ("labels-idx1", labels[rows])):
            head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
            (tmp_path / f"{half}-{kind}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))
    dataset = data.load(tmp_path / "train-images-idx3-ubyte.gz")
    np.testing.assert_array_equal(dataset.x_train[..., 0], images[:80])
    np.testing.assert_array_equal(dataset.y_test, labels[80:])
    (tmp_path / "t10k-images-idx3-ubyte.gz").unlink()
    alone = data.load(tmp_path / "train-images-idx3-ubyte.gz")
    assert len(alone.x_train) + len(alone.x_test) == 80
    (tmp_path / "short.idx").write_bytes(struct.pack(">HBB2I", 0, 8, 2, 3, 3) + bytes(8))
    (tmp_path / "text.idx").write_text("no array")
    (tmp_path / "torn.idx.gz").write_bytes(gzip.compress(bytes(100))[:20])
    with pytest.raises(DataError, match="21 bytes for an array of shape"):
        read_idx(tmp_path / "short.idx")
    with pytest.raises(DataError, match="does not begin as one"):
        read_idx(tmp_path / "text.idx")
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path / "torn.idx.gz")
