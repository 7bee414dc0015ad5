"""The documentation is run: its Python, its table of commands, its links."""

import re
import shlex
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.samples import people, photographs

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
# The page of trackers and the Hub needs both: tests/test_tracking_page.py.
WITH_PYTHON = [page for page in PAGES if "```python" in page.read_text() and page.name != "tracking.md"]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a table and photographs, in which pages are run; and fewer digits and shapes."""
    from keras_vae.data import SOURCES, write_table

    monkeypatch.setitem(SOURCES, "shapes", lambda: few_shapes(600, 250))
    monkeypatch.setitem(SOURCES, "mnist-5k", few_digits)
    monkeypatch.chdir(tmp_path)
    write_table("people.csv", people(300))
    write_table("people.parquet", people(300))
    for day in (1, 2):
        Path(f"events/day={day}").mkdir(parents=True)
        write_table(f"events/day={day}/a.parquet", people(200, seed=day))
    photographs(tmp_path / "photos")


@cache
def few_shapes(num_train, num_test):
    """The first images of the built-in data set."""
    from keras_vae.data import shapes

    whole = shapes()
    counts = {"train": num_train, "test": num_test}
    arrays = {
        f"{name}_{split}": getattr(whole, f"{name}_{split}")[:count]
        for name in "xy"
        for split, count in counts.items()
    }
    columns = {
        f"columns_{split}": {
            name: each[:count] for name, each in getattr(whole, f"columns_{split}").items()
        }
        for split, count in counts.items()
    }
    return replace(whole, **arrays, **columns)


@cache
def few_digits():
    """A tenth of the built-in digits for training, and all for testing."""
    from keras_vae.data.sources import mnist_5k

    whole = mnist_5k()
    return replace(whole, x_train=whole.x_train[::10], y_train=whole.y_train[::10])


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.name)
def test_the_python_on_a_page_runs(page):
    namespace = {"__name__": "page"}
    for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
        exec(compile(block.replace("epochs=30", "epochs=1"), page.name, "exec"), namespace)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    "page",
    [
        "anomalies.md",
        "disentanglement.md",
        "embedding.md",
        "evaluating.md",
        "exporting.md",
        "generating.md",
        "large-data.md",
        "your-images.md",
        "your-table.md",
    ],
)
def test_the_commands_on_a_page_run(page, monkeypatch, capfd):
    """As they stand, but for one epoch of training."""
    from keras_vae.cli import main
    from keras_vae.recipes import RECIPES

    for name, recipe in RECIPES.items():
        monkeypatch.setitem(RECIPES, name, replace(recipe, epochs=1, most_steps=None))
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert lines
    for line in lines:
        monkeypatch.setattr(sys, "argv", shlex.split(line, comments=True))
        with pytest.raises(SystemExit) as stopped:
            main()
        assert not stopped.value.code, (line, capfd.readouterr().err)
    printed = capfd.readouterr().out
    if page == "your-images.md":
        assert "temple/notes.png: " in printed
        assert "temple/torn.jpg: " in printed
    elif page == "disentanglement.md":
        assert "250 test examples" in printed
        assert '"factors": [\n    "position_x",\n    "position_y"\n  ]' in printed
    elif page == "anomalies.md":
        assert Path("where.png").read_bytes().startswith(b"\x89PNG")
        assert Path("columns.csv").read_text().count("\n") == 1 + 300
    elif page == "embedding.md":
        assert Path("codes.csv").read_text().count("\n") == 1 + 450 + 500
        assert np.load("samples.npy").shape == (198, 10, 16)
    elif page == "evaluating.md":
        assert "in nats, of 500 test examples, binarised (sampled, seed 0); mass" in printed
        assert "of as many training images" in printed
    elif page == "exporting.md":
        assert Path("runs/digits/exported/digits.html").stat().st_size > 100_000
        assert Path("encoder/model/saved_model.pb").is_file()
    elif page == "large-data.md":
        assert "of 400 items are called anomalies" in printed
        assert sorted(each.as_posix() for each in Path("codes").rglob("*.parquet")) == [
            "codes/day=1/a.parquet",
            "codes/day=2/a.parquet",
        ]
    elif page == "generating.md":
        assert '"dead": ' in printed
        assert Path("units.csv").read_text().count("\n") == 1 + 3 * 5
    else:
        from keras_vae.data import read_table

        assert len(read_table("new-people.csv").matrix) == 1000
        assert {each.name for each in read_table("filled.csv").schema.columns} == {*people(1).column_names}


def test_the_page_of_the_command_is_what_help_prints():
    result = subprocess.run(
        [sys.executable, ROOT / "scripts" / "command_reference.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == (ROOT / "docs" / "command.md").read_text(), (
        "run: python scripts/command_reference.py > docs/command.md"
    )


def test_the_table_of_choices_is_what_the_results_say():
    script = [sys.executable, ROOT / "benchmarks" / "choices.py", "table"]
    result = subprocess.run(script, capture_output=True, text=True, check=True)
    assert result.stdout == (ROOT / "docs" / "choices-table.md").read_text(), (
        "run: python benchmarks/choices.py table > docs/choices-table.md"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page):
    text = re.sub(r"^````.*?^````$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_the_documented_commands_exist():
    from typer.main import get_command

    from keras_vae.cli.app import app

    commands = set(get_command(app).commands)
    for page in PAGES:
        for line in re.findall(r"^vae ([a-z-]+)", page.read_text(), re.MULTILINE):
            assert line in commands, (page.name, line)


def test_every_make_target_that_is_documented_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"\bmake ([a-z-]+)[` ]", page.read_text())) - {"it"} <= targets, page.name
