"""Images inside Parquet files are what they are as files."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from PIL import Image

from keras_vae import bulk, tasks
from keras_vae.errors import DataError

COUNT = 90


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Images as files, of several sizes and kinds; and their contents, two of which are no images."""
    folder = tmp_path_factory.mktemp("pictures")
    generator = np.random.default_rng(0)
    contents = []
    for number in range(COUNT):
        size = (12, 12) if number % 3 else (20, 16)
        image = Image.fromarray(generator.integers(0, 256, (*size, 3), dtype="uint8"))
        stream = io.BytesIO()
        image.convert("RGB" if number % 2 else "L").save(stream, "PNG" if number % 5 else "JPEG")
        contents.append(stream.getvalue())
    for number, content in enumerate(contents):
        (folder / f"{number:03}.png").write_bytes(content)
    contents[7], contents[50] = b"no image", None
    return folder, contents


def as_struct(contents):
    """As Hugging Face's datasets write them."""
    structs = [{"bytes": each, "path": f"{i}.png"} for i, each in enumerate(contents)]
    return pa.table({"image": structs, "label": [i % 4 for i in range(len(contents))]})


def as_bytes(contents):
    return pa.table({"jpg": pa.array(contents, pa.large_binary()), "caption": ["none"] * len(contents)})


def codes_in(out):
    table = pyarrow.parquet.read_table(out)
    return table["row"].to_pylist(), np.stack([table[f"z{i}"].to_numpy() for i in (1, 2)], axis=1)


@pytest.mark.parametrize("form", [as_struct, as_bytes])
def test_they_are_decoded_as_files_are_and_the_broken_are_counted(
    form, blobs_run, pictures, tmp_path, monkeypatch
):
    monkeypatch.setattr("keras_vae.bulk.image_reader._MOST_BYTES", 12 * 12 * 500)
    folder, contents = pictures
    (tmp_path / "data").mkdir()
    table = form(contents)
    pyarrow.parquet.write_table(table, tmp_path / "data" / "a.parquet", row_group_size=40)
    outcome = bulk.process(blobs_run, tmp_path / "data", tmp_path / "out", "embed")
    assert (outcome.items, outcome.unreadable) == (COUNT - 2, 2)
    assert outcome.named == [
        "a.parquet, row 8, cannot be read: it is no image.",
        "a.parquet, row 51, cannot be read: it holds no image.",
    ]
    rows, codes = codes_in(tmp_path / "out")
    assert rows == [i + 1 for i in range(COUNT) if i not in (7, 50)]
    files = blobs_run.items(folder)
    expected = tasks.embed(blobs_run.model, files.x[np.array(rows) - 1])
    np.testing.assert_allclose(codes, expected, rtol=0, atol=1e-5)


def test_conditions_are_columns_beside_them(conditional_run, pictures, tmp_path):
    folder, contents = pictures
    (tmp_path / "data").mkdir()
    table = as_struct(contents).append_column("shift", [[None if i == 3 else i % 3 for i in range(COUNT)]])
    labels = ["9" if i == 5 else str(i % 4) for i in range(COUNT)]
    table = table.set_column(1, "label", [labels])
    pyarrow.parquet.write_table(table, tmp_path / "data" / "a.parquet")
    outcome = bulk.process(conditional_run, tmp_path / "data", tmp_path / "out", "embed")
    assert outcome.unknown == {"label": 1}
    rows, codes = codes_in(tmp_path / "out")
    places = np.array(rows) - 1
    inputs = {
        "x": conditional_run.items(folder).x[places],
        "label": np.where(places == 5, -1, places % 4),
        "shift": np.where(places == 3, np.nan, places % 3).astype("float32"),
    }
    np.testing.assert_allclose(codes, tasks.embed(conditional_run.model, inputs), rtol=0, atol=1e-5)


def test_a_file_of_which_no_image_can_be_read_becomes_one_without_rows(blobs_run, pictures, tmp_path):
    _, contents = pictures
    (tmp_path / "data").mkdir()
    pyarrow.parquet.write_table(as_struct([b"no", b"image"]), tmp_path / "data" / "a.parquet")
    pyarrow.parquet.write_table(as_struct(contents[:3]), tmp_path / "data" / "b.parquet")
    outcome = bulk.process(blobs_run, tmp_path / "data", tmp_path / "out", "score")
    assert (outcome.items, outcome.unreadable, outcome.parts) == (3, 2, 2)
    assert pyarrow.parquet.read_table(tmp_path / "out").num_rows == 3


def test_the_command_names_them(vae, blobs_run, pictures, tmp_path):
    (tmp_path / "data").mkdir()
    pyarrow.parquet.write_table(as_struct(pictures[1]), tmp_path / "data" / "a.parquet")
    code, out, err = vae("score", blobs_run.folder, tmp_path / "data", "--out", tmp_path / "out", "--json")
    said = json.loads(out)
    assert (code, said["items"], said["unreadable"]) == (0, COUNT - 2, 2)
    assert err.splitlines() == [
        "left out: a.parquet, row 8, cannot be read: it is no image.",
        "left out: a.parquet, row 51, cannot be read: it holds no image.",
    ]


def test_a_table_without_images_is_refused(blobs_run, pictures, tmp_path):
    (tmp_path / "data").mkdir()
    contents = pa.array(pictures[1])
    for columns, message in (
        ({"age": [1]}, r"a\.parquet: the model takes images.*Its columns: age"),
        ({"left": contents, "right": contents}, r"Found: left, right"),
    ):
        pyarrow.parquet.write_table(pa.table(columns), tmp_path / "data" / "a.parquet")
        with pytest.raises(DataError, match=message):
            bulk.process(blobs_run, tmp_path / "data", tmp_path / "out", "embed")
