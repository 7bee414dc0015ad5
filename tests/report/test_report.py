"""The page of a run: whole, self-contained, for eyes and for screen readers, and true."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from keras_vae import runs
from keras_vae.plots.raster import picture
from keras_vae.plots.svg import bars, line_chart, scatter
from keras_vae.report import sentences

VOID = {"meta", "img"}
IMAGES = ["Training", "Samples", "Reconstructions", "From one to another", "What each latent does",
          "The usual and the odd", "The latent map", "How it was made"]  # fmt: skip


class Page(HTMLParser):
    """Its headings, its elements with their attributes, and whether each is closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.headings, self.elements, self._open = [], [], []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] == "h2":
            self.headings.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(blobs_run):
    return (blobs_run.folder / "report.html").read_text("utf-8")


def test_a_training_ends_with_the_page(page, blobs_run):
    assert Page(page).headings == [f"Verdict: {blobs_run.metrics['diagnosis']['state']}", *IMAGES]
    assert f"{blobs_run.metrics['test']['elbo']:.1f} nats" in page
    assert "trained on 96 images of 12 × 12 × 1" in page
    assert blobs_run.metrics["diagnosis"]["verdict"].split(":")[0] in page
    assert len(page) < 5e6


def test_the_page_needs_nothing_else(page):
    found = Page(page)
    assert not found.all("script")
    assert not found.all("link")
    assert all(each["src"].startswith("data:image/") for each in found.all("img"))
    assert "http" not in re.sub(r"base64,[^\"]*", "", page)
    assert "url(" not in page


def test_what_is_seen_is_also_said(page):
    found = Page(page)
    assert len(found.all("img")) == 8
    assert all(each["alt"] for each in found.all("img"))
    assert all(each["role"] == "img" and each["aria-label"] for each in found.all("svg"))
    names = [each["aria-labelledby"] for each in found.all("section")]
    assert len(set(names)) == len(names)
    assert {each["id"] for each in found.all("h2")} == set(names)
    assert found.all("html")[0]["lang"] == "en"


def test_a_table_has_marginals_and_rows(table_run):
    text = (table_run.folder / "report.html").read_text("utf-8")
    found = Page(text)
    assert "Data and samples" in found.headings
    assert "Reconstructions" not in found.headings
    columns = [each.name for each in table_run.schema.columns]
    assert all(f"{name} · 0." in text or f"{name} · 1." in text for name in columns)
    assert len(found.all("table")) == 2


def test_the_command_writes_it_again(vae, blobs_run, tmp_path, page):
    target = tmp_path / "there" / "page.html"
    assert vae("report", blobs_run.folder, "--out", target) == (0, f"Wrote {target}\n", "")
    assert Page(target.read_text("utf-8")).headings == Page(page).headings
    code, out, err = vae("report", blobs_run.folder, "--out", tmp_path / "page.pdf")
    assert (code, out) == (2, "")
    assert "files end in .html" in err
    code, _, err = vae("report", tmp_path / "none")
    assert (code, "No run folder" in err) == (2, True)


def test_names_do_not_break_the_page(blobs_run, blobs_npz, tmp_path):
    folder = tmp_path / "<b>&run"
    folder.mkdir()
    for name in ("model.keras", "run.json", "history.csv", "metrics.json"):
        (folder / name).write_bytes((blobs_run.folder / name).read_bytes())
    run = runs.Run(folder)
    text = runs.write_report(run, run.data(blobs_npz)).read_text("utf-8")
    assert not Page(text).all("b")
    assert "<title>&lt;b&gt;&amp;run: " in text


def metrics(gap, elbo=-100.0, error=0.1):
    figures = {"elbo": elbo, "elbo_standard_error": error}
    return {"diagnosis": {"verdict": "Healthy."}, "gap": gap, "test": figures, "train": figures}


@pytest.mark.parametrize(
    ("gap", "said"),
    [(0.1, "within what so few"), (1.0, "holds for"), (8.0, "a little"), (30.0, "much was")],
)
def test_the_gap_is_put_into_words(gap, said):
    assert said in sentences.verdict(metrics(gap), {"val_loss": [1.0]})[1]


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([9, 8, 7, 6, 5, 4], "still fell by 1.0 nats"),
        ([9, 5, 4, 6, 7, 8, 9], "lowest after epoch 3 of 7"),
        ([9, 5, 4, 4, 4, 4, 4], "had settled after 7 epochs"),
    ],
)
def test_the_end_of_the_training_is_put_into_words(losses, said):
    assert said in sentences.verdict(metrics(1.0), {"val_loss": [float(each) for each in losses]})[2]


def test_pictures_are_the_pixels_they_show():
    images = np.arange(2 * 3 * 4 * 5, dtype="float32").reshape(2, 3, 4, 5, 1)
    data = re.search(r"base64,([^\"]+)", picture(images, (0, 119), "six")).group(1)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    assert pixels.shape == (2 * 4 + 2, 3 * 5 + 4, 4)
    np.testing.assert_allclose(pixels[6:10, 14:, 0], images[1, 2, :, :, 0] * 255 / 119, atol=0.5)
    assert (pixels[4:6, :, 3] == 0).all()


def test_large_pictures_stay_small_files():
    noise = np.random.default_rng(0).integers(0, 256, (4, 4, 256, 256, 3))
    text = picture(noise, (0, 255), "noise")
    assert "data:image/webp;base64," in text
    assert len(text) < 600_000
    width = int(re.search(r'width="(\d+)"', text).group(1))
    image = Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", text).group(1))))
    assert image.width == width


def test_charts_hold_every_point():
    chart = line_chart({"a<b": [5.0, 3.0, float("nan"), 2.0]}, "epoch", "x")
    assert "a&lt;b" in chart
    assert len(re.search(r'points="([^"]*)"', chart).group(1).split()) == 3
    drawn = scatter(np.random.default_rng(0).normal(size=(50, 2)), np.arange(50) % 3, ("x", "y"), "dots")
    assert drawn.count('<path class="dots') == 3
    assert len(re.findall(r"M[\d.]+,[\d.]+h0", drawn)) == 50
    assert bars({"data": [0.5, 0.5], "samples": [1.0, 0.0]}, ["yes", "no"], "shares").count("<rect") == 4
