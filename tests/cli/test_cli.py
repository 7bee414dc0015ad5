"""The command, as a person meets it: in a process of its own where that matters, else in this one."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from keras_vae.cli.app import app
from keras_vae.data.image_file import read_image

COMMANDS = (
    "inspect", "train", "evaluate", "compare", "disentangle", "embed", "score", "sample", "reconstruct",
    "impute", "interpolate", "traverse", "map", "grid", "curves",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_s_help_has_an_example(command):
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"Example: vae {command}" in result.output
    assert "--json" in result.output


def test_help_answers_at_once_without_keras():
    program = Path(sys.executable).with_name("vae")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert all(command in result.stdout for command in COMMANDS)
    # Time on the processor: a clock on the wall also measures what else the machine is doing.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.3
    check = "import sys; sys.argv = ['vae']; import keras_vae.cli; assert 'keras' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_version(vae):
    assert vae("--version") == (0, "keras-vae 0.1.0\n", "")


def test_a_whole_session(vae, blobs_npz, tmp_path):
    run = tmp_path / "a run"
    code, out, err = vae(
        "train", blobs_npz, "--recipe", "article", "--epochs", 2, "--batch-size", 32, "--out", run
    )
    assert code == 0
    assert "test ELBO" in out
    assert "samples.png" in out
    assert [line.split()[1] for line in err.splitlines() if line.startswith("epoch")] == ["1/2", "2/2"]

    code, out, _ = vae("evaluate", run, "--json", "--num-samples", 5)
    figures = json.loads(out)
    assert code == 0
    assert figures["test"]["num_samples"] == 5
    assert figures["test"]["elbo"] == pytest.approx(
        json.loads((run / "metrics.json").read_text())["test"]["elbo"]
    )

    for arguments in (
        ("sample", run, "-n", 9),
        ("reconstruct", run, blobs_npz, "-n", 4),
        ("interpolate", run, "--from", 0, "--to", 5, "--steps", 4),
        ("interpolate", run, "--from", "0.5,-1.5", "--to", "0,0", "--method", "linear"),
        ("map", run),
        ("grid", run, "--size", 4),
        ("curves", run),
    ):
        picture = tmp_path / "out" / f"{arguments[0]}.png"
        code, out, _ = vae(*arguments, "--out", picture)
        assert (code, out) == (0, f"Wrote {picture}\n")
        assert picture.read_bytes().startswith(b"\x89PNG")
        picture.unlink()
        assert json.loads(vae(*arguments, "--out", picture, "--json")[1]) == {"file": str(picture)}

    array = tmp_path / "samples.npy"
    assert vae("sample", run, "-n", 3, "--out", array, "--quiet") == (0, "", "")
    assert np.load(array).shape == (3, 12, 12, 1)
    assert vae("interpolate", run, "--steps", 4, "--out", array)[0] == 0
    assert np.load(array).shape == (2, 4, 12, 12, 1)


def test_a_conditional_run_is_asked_by_name(vae, conditional_run, tmp_path):
    run, array = conditional_run.folder, tmp_path / "out.npy"
    made = {}
    for label in (0, 3):
        assert vae("sample", run, "-n", 8, "--condition", f"label={label}", "--out", array)[0] == 0
        made[label] = np.load(array).mean((0, 3))
    assert made[0][:6, :6].mean() > 2 * made[3][:6, :6].mean()
    for arguments in (
        ("grid", run, "--size", 3, "--condition", "label=2", "--condition", "shift=1.5"),
        ("interpolate", run, "--from", 0, "--to", 4, "--condition", "shift=unknown"),
        ("reconstruct", run, "-n", 4),
        ("map", run),
    ):
        assert vae(*arguments, "--out", tmp_path / "out.png")[0] == 0
    _, out, _ = vae("evaluate", run, "--json")
    found, expected = json.loads(out)["test"], conditional_run.metrics["test"]
    assert found["protocol"] == expected["protocol"]
    assert found | {"protocol": None} == pytest.approx(expected | {"protocol": None})


def test_a_run_is_conditional_and_scheduled_by_options(vae, blobs_npz, tmp_path):
    options = ("--condition", "label", "--condition", "shift=real", "--prior", "conditional_normal")
    schedules = ("--schedule", "beta:cycles=2,epochs=2", "--schedule", "capacity:end=3,epochs=2")
    train = ("train", blobs_npz, "--recipe", "dense", "--objective", "elbo:beta=2,capacity=0")
    code, _, err = vae(*train, *options, *schedules, "--epochs", 2, "--quiet", "--out", tmp_path / "run")
    assert (code, err) == (0, "")
    settings = json.loads((tmp_path / "run" / "run.json").read_text())["settings"]
    assert settings["conditions"] == ["label", "shift=real"]
    assert settings["schedules"] == ["beta:cycles=2,epochs=2", "capacity:end=3,epochs=2"]


def test_the_default_places_are_printed(vae, blobs_npz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train = ("train", blobs_npz, "--epochs", 1, "--precision", "float32", "--json", "--quiet")
    figures = [json.loads(vae(*train)[1]) for _ in range(2)]
    assert [each["run"] for each in figures] == ["runs/blobs-conv-1", "runs/blobs-conv-2"]
    assert figures[0]["test"]["elbo"] == figures[1]["test"]["elbo"]
    code, out, _ = vae("sample", "runs/blobs-conv-1", "-n", 4, "--seed", 7)
    assert (code, out) == (0, "Wrote runs/blobs-conv-1/pictures/sample-4-seed7.png\n")


def test_bad_input_gets_one_message_and_exit_code_2(vae, blobs_npz, blobs_run, conditional_run, tmp_path):
    run, conditional = blobs_run.folder, conditional_run.folder
    out = tmp_path / "untouched"
    floats = np.random.default_rng(0).normal(size=(4, 12, 12))
    np.savez(tmp_path / "f.npz", x_train=floats, y_train=range(4), x_test=floats, y_test=range(4))
    np.savez(tmp_path / "n.npz", x_train=floats * np.nan, y_train=range(4), x_test=floats, y_test=range(4))
    np.savez(tmp_path / "l.npz", x_train=floats, y_train=range(3), x_test=floats, y_test=range(4))
    cases = {
        ("train", "mnist5k"): "Did you mean 'mnist-5k'",
        ("train", tmp_path / "none.npz"): "No data file",
        ("train", tmp_path / "f.npz"): "bernoulli likelihood is defined on [0, 1]",
        ("train", tmp_path / "n.npz"): "NaN or infinity in 4 of 4",
        ("train", tmp_path / "l.npz"): "4 images and y_train 3 labels",
        ("train", blobs_npz, "--recipe", "artcle"): "Did you mean 'article'",
        ("train", blobs_npz, "--likelihood", "normol"): "Did you mean 'normal'",
        ("train", blobs_npz, "--likelihood", "normal:scale=-1"): "positive number",
        ("train", blobs_npz, "--latent-dim", 0): "latent_dim must be at least 1",
        ("train", blobs_npz, "--beta", -1): "beta",
        ("train", blobs_npz, "--beta", "much"): "Invalid value for '--beta'",
        ("train", blobs_npz, "--precision", "half"): "Unknown precision",
        ("train", blobs_npz, "--condition", "colour"): "Unknown column 'colour'",
        ("train", blobs_npz, "--prior", "conditional_normal"): "Give conditions=",
        ("train", blobs_npz, "--schedule", "capacity:end=3"): "no weight 'capacity'",
        ("sample", run, "--condition", "label=1"): "has no conditions",
        ("sample", conditional, "--condition", "label=4"): "integer from 0 to 3, or unknown",
        ("sample", conditional, "--condition", "shift=left"): "Expected a number",
        ("sample", conditional, "--condition", "label"): "written NAME=VALUE",
        ("grid", conditional, "--condition", "lable=1"): "Did you mean 'label'",
        ("sample", tmp_path): "no finished run",
        ("sample", tmp_path / "nowhere"): "No run folder",
        ("sample", run, "-n", 0): "num_samples=0",
        ("sample", run, "--out", "samples.gif"): "files end in .png",
        ("inspect", blobs_npz, "--out", "sheet"): "files end in .png",
        ("inspect", blobs_npz, "--out", "sheet.npy"): "files end in .png",
        ("sample", run, "--out", "/proc/none/samples.png"): "cannot be written",
        ("reconstruct", run, "mnist-5k"): "trained on (12, 12, 1)",
        ("reconstruct", run, "-n", 0): "at least 1",
        ("interpolate", run, "--from", 999): "no test example 999",
        ("interpolate", run, "--from", "seven"): "neither the number of a test example nor a latent point",
        ("interpolate", run, "--from", "1,2,3"): "2 numbers",
        ("interpolate", run, "--steps", 1): "at least its 2 ends",
        ("interpolate", run, "--method", "cubic"): "Unknown method",
        ("evaluate", run, "--num-samples", -3): "num_samples=-3",
        ("grid", run, "--size", 0): "at least one cell",
    }
    for arguments, message in cases.items():
        target = ("--out", out) if arguments[0] == "train" else ()
        code, printed, err = vae(*arguments, *target)
        assert code == 2, arguments
        assert message in " ".join(err.split()), (arguments, err)
        assert "Traceback" not in err
        assert printed == ""
        assert not out.exists(), arguments
    code, _, err = vae("train", blobs_npz, "--out", run)
    assert (code, "is not empty" in err) == (2, True)


@pytest.mark.parametrize("asked", [None, "jax"])
def test_a_missing_back_end_is_named_with_its_cure(asked, tmp_path):
    """A Python in which no back end can be found."""
    program = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name in ("tensorflow", "jax", "torch") else find(name)
sys.argv = ["vae", "train"]
from keras_vae.cli import main
main()
"""
    environment = {key: value for key, value in os.environ.items() if key != "KERAS_BACKEND"}
    if asked:
        environment["KERAS_BACKEND"] = asked
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, cwd=tmp_path
    )
    assert result.returncode == 2
    assert "pip install 'keras-vae[tensorflow-cpu]'" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "runs").exists()


def test_ctrl_c_stops_after_the_step_and_says_how_to_go_on(blobs_npz, tmp_path, vae):
    import signal

    program = Path(sys.executable).with_name("vae")
    process = subprocess.Popen(
        [
            program,
            "train",
            blobs_npz,
            "--recipe",
            "dense",
            "--epochs",
            "9",
            "--batch-size",
            "4",
            "--out",
            tmp_path / "run",
        ],
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background jobs, and what they start, ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for line in process.stderr:
        if line.startswith("epoch 2/"):
            process.send_signal(signal.SIGINT)
            break
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    command = f"vae train {blobs_npz} --recipe dense --epochs 9 --batch-size 4 --out {tmp_path / 'run'}"
    last = err.splitlines()[-1]
    assert re.fullmatch(
        rf"vae: Stopped after .*; all that was done is kept\. Go on with: {re.escape(command)} --resume",
        last,
    )
    assert vae("evaluate", tmp_path / "run")[0] == 2
    again = vae(*command.split()[1:])
    assert again[0] == 2
    assert f"did not come to its end. Go on with: {command} --resume" in again[2]
    other = vae(*command.replace("epochs 9", "epochs 10").split()[1:], "--resume")
    assert other[0] == 2
    assert "begun otherwise: epochs was 9, and is 10" in other[2]
    code, _, err = vae(*command.split()[1:], "--resume")
    assert code == 0
    assert "epoch 9/9" in err
    assert "epoch 1/9" not in err
    assert not (tmp_path / "run" / "checkpoints").exists()
    assert vae(*command.split()[1:], "--resume")[2].endswith("there is nothing to go on with.\n")


@pytest.fixture
def photographs(tmp_path):
    """80 pictures of two kinds and three sizes, a broken one, and a text file called .png."""
    from PIL import Image, ImageDraw

    generator = np.random.default_rng(0)
    folder = tmp_path / "my pictures"
    for number in range(80):
        kind, size = ("round", "square")[number % 2], [(40, 30), (32, 32), (50, 50)][number % 3]
        image = Image.new("RGB", size, (20, 30, 60))
        left, top = generator.integers(2, 12, 2)
        box = (left, top, left + 14, top + 14)
        draw = ImageDraw.Draw(image)
        (draw.ellipse if number % 2 else draw.rectangle)(box, fill=(230, 180, int(left) * 10))
        (folder / kind).mkdir(parents=True, exist_ok=True)
        image.convert(["RGB", "L", "RGBA"][number % 3]).save(folder / kind / f"{number}.png")
    (folder / "round" / "list.png").write_text("no image")
    whole = (folder / "round" / "0.png").read_bytes()
    (folder / "round" / "torn.png").write_bytes(whole[:100])
    return folder


def test_a_folder_of_pictures_is_inspected_trained_on_and_asked(vae, photographs, tmp_path):
    code, out, _ = vae("inspect", photographs, "--size", 16, "--json", "--out", tmp_path / "sheet.png")
    found = json.loads(out)
    assert code == 0
    assert found["event_shape"] == [16, 16, 3]
    assert found["classes"] == {"round": 40, "square": 40}
    assert sorted(found["unreadable"]) == ["round/list.png", "round/torn.png"]
    assert found["settings"]["likelihood"].startswith("normal")
    assert all(each["reason"] for each in found["suggestions"])
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    code, out, _ = vae("inspect", photographs)
    assert "round (40), square (40)" in out
    assert "list.png: " in out

    run = tmp_path / "run"
    train = ("train", photographs, "--size", 16, "--likelihood", found["settings"]["likelihood"])
    options = ("--recipe", "conv", "--latent-dim", 2, "--condition", "label", "--epochs", 2)
    code, out, _ = vae(*train, *options, "--batch-size", 16, "--precision", "float32", "--out", run)
    assert code == 0
    assert "list.png" in out
    assert "torn.png" in out
    array = tmp_path / "out.npy"
    assert vae("sample", run, "-n", 3, "--condition", "label=round", "--out", array)[0] == 0
    assert np.load(array).shape == (3, 16, 16, 3)
    assert vae("reconstruct", run, "-n", 2, "--out", array)[0] == 0
    assert vae("evaluate", run, photographs)[0] == 0
    assert vae("sample", run, "-n", 5, "--out", tmp_path / "made")[0] == 0
    assert sorted(path.name for path in (tmp_path / "made").iterdir())[-1] == "0004.png"
    assert read_image(tmp_path / "made" / "0004.png", is_color=True).shape == (16, 16, 3)
    code, _, err = vae("sample", run, "--condition", "label=oval")
    assert (code, "Known: round, square, unknown" in err) == (2, True)


def test_folders_that_cannot_be_trained_on_are_refused(vae, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    assert "holds no image files" in vae("train", folder)[2]
    for number in range(40):
        (folder / f"{number}.png").write_text("no image")
    code, out, err = vae("train", folder, "--out", tmp_path / "run")
    assert (code, out) == (2, "")
    assert "0 images that can be read" in err
    assert vae("inspect", "mnist-5k", "--size", "64")[0] == 2
    assert vae("inspect", folder, "--size", "big")[0] == 2
    assert not (tmp_path / "run").exists()


def test_a_command_loads_keras_without_what_it_does_not_use():
    """In a third less time. What was not looked at is there for whoever imports it."""
    code = """
import sys
sys.argv = ["vae"]
from keras_vae.cli.loading import waiting
with waiting("loading", quiet=True):
    import keras
print(*sorted({"keras", "pandas", "sklearn", "matplotlib.pyplot"} & set(sys.modules)))
import pandas, sklearn, matplotlib.pyplot
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["keras"]
