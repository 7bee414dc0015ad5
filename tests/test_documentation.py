"""The documentation is run: its Python, its table of commands, its links."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
WITH_PYTHON = [page for page in PAGES if "```python" in page.read_text()]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.name)
def test_the_python_on_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "page"}
    for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
        exec(compile(block.replace("epochs=30", "epochs=1"), page.name, "exec"), namespace)


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
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
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
