"""docs/tracking.md is run, against a stand-in for the Hub; and the card on it is one that is written."""

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from keras_vae import runs
from keras_vae.recipes import RECIPES

pytestmark = [
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy"),
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]
PAGE = Path(__file__).parents[1] / "docs" / "tracking.md"


def blocks(kind):
    return re.findall(rf"^(`{{3,}}){kind}\n(.*?)^\1$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def likeness(card):
    """What cards have in common: headings, and the first words of tables' rows and of the front's lines."""
    return re.findall(r"^(#+ [^:\n]*|\| [a-zA-Z() ]+ \||[a-z_-]+:)", card, re.MULTILINE)


def test_what_is_on_the_page_runs(hub, vae, monkeypatch):
    for package in ("tensorboard", "mlflow", "sqlalchemy", "wandb"):
        pytest.importorskip(package)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(RECIPES, "dense", replace(RECIPES["dense"], epochs=1, most_steps=None))
    for _, block in blocks("console"):
        for line in block.splitlines():
            command, *arguments = shlex.split(line, comments=True)
            if command == "vae":
                code, _, err = vae(*arguments)
                assert not code, (line, err)
    for _, block in blocks("python"):
        exec(compile(block.replace("epochs=30", "epochs=1"), PAGE.name, "exec"), {"__name__": "page"})
    assert list(Path("runs/digits/tensorboard").iterdir())
    assert list(Path("logs/first").iterdir())
    assert Path("mlflow.db").is_file()
    assert "model.keras" in hub.files("ada/digits")


def test_the_card_on_the_page_is_like_one_that_is_written(hub, blobs_run):
    runs.push(blobs_run, "hf://ada/digits", license="apache-2.0")
    ((_, shown),) = blocks("markdown")
    assert len(likeness(shown)) > 30
    assert likeness(shown) == likeness(hub.files("ada/digits")["README.md"].decode())
