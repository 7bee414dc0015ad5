"""A folder of Parquet files: the same results as of one table, in parts that outlive their process."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from keras_vae import bulk, runs, tasks
from keras_vae.bulk import parts
from keras_vae.bulk.progress import PROGRESS
from keras_vae.errors import DataError, InvalidArgumentError, KerasVaeError, RunBusyError
from keras_vae.runs.lock import locked
from tests.samples import people

FILES = ("day=1/a.parquet", "day=1/b.snappy.parquet", "day=2/a.parquet")


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
    """A run on people that is conditional on the kind of pet."""
    from keras_vae import data

    folder = tmp_path_factory.mktemp("people")
    data.write_table(folder / "people.parquet", people(200, seed=1))
    settings = runs.Settings("table", conditions=("kind",), epochs=1, precision="float32")
    return runs.train(data.load(folder / "people.parquet"), folder / "run", settings)


@pytest.fixture
def folder(tmp_path):
    """Three files, one of them in a group of rows each 50, and what Spark leaves beside them."""
    source = tmp_path / "data"
    for number, name in enumerate(FILES):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        table = people(300 + number, seed=10 + number)
        pyarrow.parquet.write_table(table, source / name, row_group_size=50 if number == 1 else None)
    (source / "_SUCCESS").touch()
    (source / "_temporary").mkdir()
    (source / "_temporary" / "half.parquet").write_text("no table")
    return source


def whole(source):
    """All rows as one table, in the order of the files."""
    return pa.concat_tables(
        [pyarrow.parquet.read_table(source / name, partitioning=None) for name in FILES]
    )


def written(out):
    """All rows of the parts, in their order."""
    paths = sorted(path for path in out.rglob("*.parquet"))
    return pa.concat_tables([pyarrow.parquet.read_table(path, partitioning=None) for path in paths])


def bytes_of(out):
    """A digest of each part by name."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.rglob("*.parquet")
    }


def codes_of(table):
    names = [name for name in table.column_names if name.startswith("z")]
    return np.stack([table[name].to_numpy() for name in names], axis=1)


@pytest.mark.parametrize("run", ["table_run", "conditional"])
def test_codes_are_those_of_one_table_with_file_and_row(request, run, folder, tmp_path, monkeypatch):
    run = request.getfixturevalue(run)
    monkeypatch.setattr(parts, "MOST_ROWS", 120)
    monkeypatch.setattr("keras_vae.bulk.table_reader._MOST_ROWS", 64)
    outcome = bulk.process(run, folder, tmp_path / "out", "embed")
    assert (outcome.parts, outcome.kept, outcome.items) == (5, 0, 903)
    assert sorted(bytes_of(tmp_path / "out")) == [
        "day=1/a.parquet",
        *(f"day=1/b.snappy.part-{number:04}.parquet" for number in (1, 2, 3)),
        "day=2/a.parquet",
    ]
    found = written(tmp_path / "out")
    expected = tasks.embed(run.model, run.table(whole(folder)).inputs())
    np.testing.assert_allclose(codes_of(found), expected, rtol=0, atol=1e-5)
    assert found["file"].to_pylist() == [name for i, name in enumerate(FILES) for _ in range(300 + i)]
    assert found["row"].to_pylist() == [row for i in range(3) for row in range(1, 301 + i)]
    whole_folder = pyarrow.parquet.read_table(tmp_path / "out")
    assert whole_folder.num_rows == 903  # which other readers take for one data set


def test_scores_are_those_of_one_table_and_the_strangest_are_of_all(
    table_run, folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(parts, "MOST_ROWS", 120)
    settings = {"rate": 0.1, "method": "bound", "num_samples": 4, "seed": 0}
    outcome = bulk.process(table_run, folder, tmp_path / "out", "score", settings)
    found = written(tmp_path / "out")
    expected = tasks.score(table_run.model, table_run.table(whole(folder)).inputs(), "bound", 4)
    for name in ("score", "reconstruction", "kl"):
        np.testing.assert_allclose(found[name].to_numpy(), getattr(expected, name), rtol=0, atol=1e-5)
    order = np.argsort(-expected.score)[:10]
    assert [each["score"] for each in outcome.strangest] == pytest.approx(expected.score[order].tolist())
    assert [(each["file"], each["row"]) for each in outcome.strangest] == [
        (found["file"][i].as_py(), found["row"][i].as_py()) for i in order
    ]
    assert "p_value" not in found.column_names  # another number of samples than it was calibrated with


def test_anomalies_are_counted(table_run, folder, tmp_path):
    outcome = bulk.process(table_run, folder, tmp_path / "out", "score", {"rate": 0.2})
    found = written(tmp_path / "out")
    assert outcome.anomalies == int(np.sum(found["p_value"].to_numpy() <= 0.2)) > 0
    assert outcome.anomalies == sum(found["anomaly"].to_pylist())


def test_samples_are_the_same_each_time_and_of_the_posterior(table_run, folder, tmp_path):
    for name in ("one", "two"):
        bulk.process(table_run, folder, tmp_path / name, "embed", {"num_samples": 400, "seed": 3})
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    found = written(tmp_path / "one")
    assert found["sample"].to_pylist()[:401] == [*range(1, 401), 1]
    samples = codes_of(found).reshape(903, 400, -1)
    x = table_run.table(whole(folder)).inputs()
    posterior = table_run.model.encode(np.asarray(x))
    deviations = np.sqrt(posterior.variance)
    off = (samples.mean(axis=1) - np.asarray(posterior.mean)) / (deviations / 20)
    assert np.abs(off).max() < 6
    assert not np.allclose(samples[0, :, 0], samples[300, :, 0])
    np.testing.assert_allclose(samples.std(axis=1).mean(), deviations.mean(), rtol=0.02)


def test_a_column_may_be_what_folders_say(table_run, tmp_path):
    table = people(90, seed=5)
    kinds, smokes = ["cat", "dog", "zebra"], ["true", "__HIVE_DEFAULT_PARTITION__", "false"]
    for i in range(3):
        below = tmp_path / "data" / f"kind={kinds[i]}" / f"smokes={smokes[i]}" / f"day={i}"
        below.mkdir(parents=True)
        pyarrow.parquet.write_table(
            table.slice(30 * i, 30).drop_columns(["kind", "smokes"]), below / "x.parquet"
        )
    outcome = bulk.process(table_run, tmp_path / "data", tmp_path / "out", "embed")
    assert outcome.unknown == {"kind": 30}
    columns = {"kind": np.repeat(kinds, 30).tolist(), "smokes": [True] * 30 + [None] * 30 + [False] * 30}
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    expected = tasks.embed(table_run.model, table_run.table(table).inputs())
    np.testing.assert_allclose(codes_of(written(tmp_path / "out")), expected, rtol=0, atol=1e-5)


def test_a_file_without_rows_becomes_one_with_the_same_columns(table_run, folder, tmp_path):
    pyarrow.parquet.write_table(people(0), folder / "none.parquet")
    for verb in ("embed", "score"):
        outcome = bulk.process(
            table_run, folder, tmp_path / verb, verb, {"rate": 0.1} if verb == "score" else {}
        )
        types = [pyarrow.parquet.read_schema(tmp_path / verb / name) for name in ("none.parquet", FILES[0])]
        assert types[0].equals(types[1])
        assert (outcome.parts, outcome.items) == (4, 903)


def test_what_is_there_stays_and_what_is_missing_or_damaged_is_done_again(table_run, folder, tmp_path):
    out = tmp_path / "out"
    bulk.process(table_run, folder, out, "score")
    before = bytes_of(out)
    torn = out / FILES[0]
    content = bytearray(torn.read_bytes())
    content[len(content) // 2] ^= 1
    torn.write_bytes(content)
    (out / FILES[2]).unlink()
    kept = (out / FILES[1]).stat().st_mtime_ns
    with (out / PROGRESS).open("a") as file:
        file.write('{"part": {"name": "day=')  # killed while it wrote this
    (out / ".partial-123-a.parquet").write_text("killed")
    pyarrow.parquet.write_table(people(20, seed=9), folder / "new.parquet")
    said = []
    outcome = bulk.process(
        table_run, folder, out, "score", began=lambda found, count: said.append((found.kept, count))
    )
    assert said == [(1, 4)]
    assert (outcome.parts, outcome.kept, outcome.items, len(outcome.strangest)) == (4, 1, 923, 10)
    after = bytes_of(out)
    assert after.pop("new.parquet")
    assert (after, (out / FILES[1]).stat().st_mtime_ns) == (before, kept)
    assert bulk.process(table_run, folder, out, "score").strangest == outcome.strangest
    assert sorted(each.name for each in out.iterdir()) == [PROGRESS, "day=1", "day=2", "new.parquet"]


def test_another_model_setting_or_source_is_refused_and_nothing_lost(
    table_run, conditional, folder, tmp_path
):
    out = tmp_path / "out"
    settings = {"rate": 0.1, "num_samples": 4}
    bulk.process(table_run, folder, out, "score", settings)
    before = bytes_of(out), (out / PROGRESS).read_bytes()

    def refused(message, run=table_run, verb="score", options=settings, error=DataError):
        with pytest.raises(error, match=message):
            bulk.process(run, folder, out, verb, options)
        assert (bytes_of(out), (out / PROGRESS).read_bytes()) == before

    refused("holds the results of another model", run=conditional)
    refused("holds the results of `vae score`", verb="embed", options={})
    refused("num_samples was 4 and is 5", options=settings | {"num_samples": 5})
    with locked(out):
        refused("Another process is writing in", error=RunBusyError)
    os.utime(folder / FILES[1], (1, 1))
    refused(f"{FILES[1]} has changed since its results")
    (folder / FILES[1]).unlink()
    refused(f"holds the results of {FILES[1]}, which is not there any more")
    (out / PROGRESS).write_text("{}\n")
    before = bytes_of(out), (out / PROGRESS).read_bytes()
    refused("was written by another release")
    (out / PROGRESS).unlink()
    with pytest.raises(InvalidArgumentError, match="holds other files, such as day=1"):
        bulk.process(table_run, folder, out, "score")


def test_codes_do_not_depend_on_the_calibration_and_scores_do(table_run, folder, tmp_path):
    shutil.copytree(table_run.folder, tmp_path / "run")
    for verb in ("embed", "score"):
        bulk.process(runs.Run(tmp_path / "run"), folder, tmp_path / verb, verb)
    runs.Run(tmp_path / "run").calibrate()
    for verb in ("embed", "score"):  # with the same data it is the same
        assert bulk.process(runs.Run(tmp_path / "run"), folder, tmp_path / verb, verb).kept == 3
    ordinary = runs.Run(tmp_path / "run").items(folder / FILES[0])
    runs.Run(tmp_path / "run").calibrate(ordinary)
    assert bulk.process(runs.Run(tmp_path / "run"), folder, tmp_path / "embed", "embed").kept == 3
    with pytest.raises(DataError, match="results of another model"):
        bulk.process(runs.Run(tmp_path / "run"), folder, tmp_path / "score", "score")


def test_the_one_file_that_is_unlike_is_named_and_nothing_done_is_lost(table_run, tmp_path):
    source, out = tmp_path / "data", tmp_path / "out"
    source.mkdir()
    for number in range(9):
        pyarrow.parquet.write_table(people(20, seed=number), source / f"{number}.parquet")
    good = (source / "6.parquet").read_bytes()
    table = people(20, seed=6)
    texts = table.set_column(1, "height", pa.array(["tall"] * 20))
    pyarrow.parquet.write_table(texts, source / "6.parquet")
    with pytest.raises(DataError, match=r"6\.parquet: The column 'height' is no real"):
        bulk.process(table_run, source, out, "embed")
    done = bytes_of(out)
    assert sorted(done) == [f"{number}.parquet" for number in range(6)]
    for broken, message in (
        (table.drop_columns(["age"]), r"6\.parquet has other columns .* missing: age"),
        (table.append_column("x", [[1] * 20]), r"6\.parquet has other columns .* not known: x"),
    ):
        pyarrow.parquet.write_table(broken, source / "6.parquet")
        with pytest.raises(DataError, match=message):
            bulk.process(table_run, source, out, "embed")
    (source / "6.parquet").write_bytes(good[:100])
    with pytest.raises(DataError, match=r"6\.parquet cannot be read as a table"):
        bulk.process(table_run, source, out, "embed")
    assert bytes_of(out) == done
    (source / "6.parquet").write_bytes(good)
    outcome = bulk.process(table_run, source, out, "embed")
    assert (outcome.kept, outcome.parts, outcome.items) == (6, 9, 180)


def test_what_cannot_be_done_is_said(table_run, folder, tmp_path, monkeypatch):
    def refused(message, *arguments, source=folder, verb="embed", **options):
        with pytest.raises(KerasVaeError, match=message):
            bulk.process(table_run, source, tmp_path / "out", verb, *arguments, **options)

    refused("Unknown engine 'rey'", engine="rey")
    refused("Unknown verb 'embbed'", verb="embbed")
    refused("--workers goes with --engine ray", workers=2)
    refused("is no folder with Parquet files", source=tmp_path / "none")
    monkeypatch.setitem(sys.modules, "ray", None)
    refused(r"pip install 'keras-vae\[ray\]'", engine="ray")
    (folder / "x.png").touch()
    refused("holds Parquet files, such as .*parquet, and images, such as x.png")
    (folder / "x.png").unlink()
    shutil.copy(folder / FILES[0], folder / "day=1" / "b.snappy.part-0001.parquet")
    monkeypatch.setattr(parts, "MOST_ROWS", 120)
    refused(r"two files would both become day=1/b\.snappy\.part-0001\.parquet")
    assert not (tmp_path / "out").exists()


def test_progress_is_told_in_rows_of_all(table_run, folder, tmp_path):
    told = []
    with tasks.reporting(lambda done, total: told.append((done, total))):
        bulk.process(table_run, folder, tmp_path / "out", "embed")
    assert told == [(300, 903), (601, 903), (903, 903)]


def test_a_process_that_is_killed_in_the_middle_goes_on(table_run, tmp_path):
    """And ends with the same bytes as one that was not."""
    source = tmp_path / "data"
    source.mkdir()
    for number in range(40):
        pyarrow.parquet.write_table(people(5000, seed=number % 4), source / f"{number:02}.parquet")
    command = [
        sys.executable,
        "-m",
        "keras_vae",
        "score",
        table_run.folder,
        source,
        "--out",
        tmp_path / "out",
    ]
    killed = subprocess.Popen(command)
    while not (tmp_path / "out" / "01.parquet").exists():
        assert killed.poll() is None
        time.sleep(0.02)
    time.sleep(0.1)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    for path in sorted(source.iterdir())[6:]:  # which makes the rest short
        path.unlink()
        (tmp_path / "out" / path.name).unlink(missing_ok=True)
    lines = (tmp_path / "out" / PROGRESS).read_text().splitlines(keepends=True)
    done = [line for line in lines[1:] if line.endswith("\n")]
    assert 1 <= len(done) < 6, "it was killed too late"
    again = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    said = json.loads(again.stdout)
    assert (said["parts"], said["kept"], said["items"]) == (6, len(done), 30_000)
    assert f"{len(done)} of 6 parts are in" in again.stderr
    settings = json.loads(lines[0])["options"]
    outcome = bulk.process(table_run, source, tmp_path / "other", "score", settings)
    assert said["strangest"] == outcome.strangest
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "other")
