"""Each view of the explorer as a person uses it: pointer, keyboard, files, addresses."""

import io
import re
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_vae.explorer import Page, Workspace

VIEWS = ("map", "sliders", "morph", "yours", "odd", "watch", "train", "runs")


@pytest.fixture(scope="module")
def page_of(tmp_path_factory, blobs_run, conditional_run, table_run):
    """A served page with a run on images, one with conditions, and one on a table."""
    workspace = Workspace(tmp_path_factory.mktemp("explored") / "runs")
    names = [workspace.add(each.folder) for each in (blobs_run, conditional_run, table_run)]
    for name in names:
        workspace.opened(name).prepared.wait("scores")
    with Page(workspace, port=0) as page:
        page.workspace = workspace
        yield page


@pytest.fixture
def see(page_of, visit):
    """Open a view, and wait until it is there; nothing may go wrong, and nothing may be asked elsewhere."""
    seen = []

    def see(address, **options):
        page = visit(f"{page_of.address}#/{address}", **options)
        page.wait_for_selector("main[data-ready]", timeout=60_000)
        seen.append(page)
        return page

    yield see
    for page in seen:
        assert page.wrong == []
        assert {each for each in page.requested if not _is_here(each, page_of.address)} == set()


def _is_here(address, own):
    return address.startswith((own, "data:", "blob:"))


def _pixels(page, selector):
    """What a canvas shows, as an array."""
    return np.array(
        page.locator(selector).first.evaluate(
            "each => [...each.getContext('2d').getImageData(0, 0, each.width, each.height).data]"
        )
    )


@pytest.mark.parametrize("run", ["blobs", "run"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_fits_and_is_accessible(see, audit, view, run):
    page = see(f"{view}?run={run}&show=where")
    page.wait_for_timeout(300)
    for width in (360, 1280, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark") if run == "blobs" else ("dark",):
            page.emulate_media(color_scheme=scheme)
            assert audit(page) == [], (width, scheme)


def test_hovering_decodes_first_from_the_grid_and_then_by_the_model(see):
    page = see("map?run=blobs")
    page.wait_for_selector("main[data-atlas=ready]")
    box = page.locator("canvas.points").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.wait_for_selector('.hover canvas[data-from="model"]')
    before = _pixels(page, ".hover canvas")
    assert before.reshape(-1, 4)[:, :3].std() > 0
    page.mouse.move(box["x"] + 600, box["y"] + 200)
    page.wait_for_selector('.hover canvas[data-from="model"]')
    _until(page, "document.querySelector('main').view.times.length >= 2")
    assert not np.array_equal(_pixels(page, ".hover canvas"), before)


def test_a_click_pins_and_the_address_keeps_it(see):
    page = see("map?run=blobs")
    box = page.locator("canvas.points").bounding_box()
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.wait_for_selector(".pin")
    item = page.evaluate(
        "(view => view.scatter.toBox([view.scatter.points[6], view.scatter.points[7]]))"
        "(document.querySelector('main').view)"
    )
    page.mouse.click(box["x"] + item[0], box["y"] + item[1])
    page.wait_for_selector(".pin >> text=/item \\d+/")
    pins = re.search(r"pins=([^&]*)", page.evaluate("location.hash"))[1]
    assert re.fullmatch(r"-?[\d.]+:-?[\d.]+,i\d+", pins)
    again = see(page.evaluate("location.hash").removeprefix("#/"))
    again.wait_for_selector(".pin >> nth=1")
    again.locator(".pin .close").first.click()
    again.locator(".pin .close").first.click()
    assert again.locator(".pin").count() == 0
    assert "pins=" not in again.evaluate("location.hash")


def test_the_map_is_moved_by_wheel_drag_and_keys(see):
    page = see("map?run=blobs")
    scale = "document.querySelector('main').view.scatter.scale[0]"
    middle = "document.querySelector('main').view.scatter.middle[0]"
    box = page.locator("canvas.points").bounding_box()
    before = page.evaluate(scale)
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.wheel(0, -300)
    _until(page, f"{scale} > {1.2 * before}")
    was = page.evaluate(middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 320, box["y"] + 240, steps=4)
    page.mouse.up()
    assert page.evaluate(middle) < was
    assert page.locator(".pin").count() == 0
    page.focus("canvas.points")
    page.keyboard.press("0")
    assert page.evaluate(scale) == pytest.approx(before)
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector(".cursor")
    page.keyboard.press("Enter")
    page.wait_for_selector(".pin")


def test_colours_and_classes(see):
    page = see("map?run=blobs")
    page.wait_for_selector(".class >> nth=3")
    before = _pixels(page, "canvas.points")
    page.locator(".class").first.click()
    page.wait_for_timeout(200)
    assert (_pixels(page, "canvas.points") > 0).sum() < (before > 0).sum()
    for colour in ("bound", "score", "p_value"):
        page.select_option("aside select >> nth=0", colour)
        page.wait_for_selector(f"main[data-colour={colour}]")
        assert f"colour={colour}" in page.evaluate("location.hash")
    assert page.locator(".scale").is_visible()


def test_a_slider_decodes(see):
    page = see("sliders?run=blobs")
    page.wait_for_selector("main[data-decoded]")
    before = _pixels(page, ".shown canvas")
    slider = page.locator("input[type=range]").first
    slider.focus()
    for _ in range(3):
        page.keyboard.press("PageUp")
    _until(
        page,
        "document.querySelector('main').dataset.decoded === "
        "new URLSearchParams(location.hash.split('?')[1]).get('code').split(',')"
        ".map(each => Number(each).toFixed(3)).join(',')",
    )
    assert not np.array_equal(_pixels(page, ".shown canvas"), before)


def test_sliders_are_randomised_reset_and_snapped(see):
    page = see("sliders?run=blobs")
    page.wait_for_selector("main[data-decoded]")
    mean = page.get_attribute("main", "data-decoded")
    page.click("text=Randomise")
    _until(page, f"document.querySelector('main').dataset.decoded !== '{mean}'")
    page.click("text=Reset")
    _until(page, f"document.querySelector('main').dataset.decoded === '{mean}'")
    page.fill("input[type=number]", "4")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=item 4")
    _until(page, f"document.querySelector('main').dataset.decoded !== '{mean}'")


def test_conditions_are_chosen(see):
    page = see("sliders?run=conditional")
    page.wait_for_selector("main[data-decoded]")
    before = _pixels(page, ".shown canvas")
    page.select_option(".conditions select", "3")
    page.wait_for_timeout(500)
    first = _pixels(page, ".shown canvas")
    assert not np.array_equal(first, before)
    again = see(page.evaluate("location.hash").removeprefix("#/"))
    again.wait_for_selector("main[data-decoded]")
    np.testing.assert_array_equal(_pixels(again, ".shown canvas"), first)


def test_a_morph_is_dragged_and_saved(see):
    page = see("morph?run=blobs&from=1&to=2&at=0")
    page.wait_for_selector('main[data-path="1-2-spherical"]')
    start = _pixels(page, ".way figure canvas")
    page.locator("input[type=range]").focus()
    page.keyboard.press("End")
    end = _pixels(page, ".way figure canvas")
    assert not np.array_equal(start, end)
    for kind, name in (("GIF", ".gif"), ("PNG strip", ".png")):
        with page.expect_download() as waited:
            page.click(f"text=Save {kind}")
        assert waited.value.suggested_filename.endswith(name)
        with Image.open(waited.value.path()) as kept:
            assert kept.size[0] >= 224
            assert getattr(kept, "n_frames", 1) == (1 if name == ".png" else kept.n_frames)
            if name == ".gif":
                assert kept.n_frames > 5
    page.select_option(".buttons select", "linear")
    page.wait_for_selector('main[data-path="1-2-linear"]')
    page.locator(".offered button").first.click()
    _until(page, "!document.querySelector('main').dataset.path.startsWith('1-2')")
    page.click("text=Play")
    page.click("text=Stop")


def test_a_dropped_image_is_reconstructed(see, blobs, tmp_path):
    Image.fromarray(blobs.x_train[3, ..., 0]).save(tmp_path / "mine.png")
    page = see("yours?run=blobs")
    with (tmp_path / "mine.png").open("rb") as file:
        _drop(page, ".drop", "mine.png", file.read())
    page.wait_for_selector("main[data-examined]")
    assert page.locator(".four canvas").count() == 4
    np.testing.assert_array_equal(
        _pixels(page, ".four canvas").reshape(12, 12, 4)[..., 0], blobs.x_train[3, ..., 0]
    )
    assert page.locator(".near").count() == 8
    assert "ordinary test examples" in page.inner_text(".result")


def test_a_drawing_is_reconstructed(see):
    page = see("yours?run=blobs")
    box = page.locator(".pad").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 110, box["y"] + 100, steps=5)
    page.mouse.up()
    page.wait_for_selector("main[data-examined]")
    assert _pixels(page, ".four canvas").reshape(12, 12, 4)[..., 0].max() > 150


def test_what_is_no_image_is_said(see):
    page = see("yours?run=blobs")
    _drop(page, ".drop", "letter.txt", b"dear all")
    page.wait_for_selector(".result .trouble")
    assert "image" in page.inner_text(".result .trouble")
    page.wrong.clear()  # the browser notes that a request was refused


def test_a_row_of_ones_own(see):
    page = see("yours?run=run")
    page.click("text=Fill in any item")
    page.wait_for_selector("main[data-examined]")
    assert page.locator(".result table").first.locator("tr").count() > 5


def test_the_odd_ones(see):
    page = see("odd?run=blobs&rate=0.05")
    page.wait_for_selector("main[data-shown]")
    scores = [float(each) for each in page.locator(".card b").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
    few = page.locator(".flagged").count()
    page.locator("#rate").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    assert page.locator(".flagged").count() > few
    assert "rate=0.5" in page.evaluate("location.hash")
    page.select_option("select >> nth=-1", "where")
    page.wait_for_selector(".stack canvas >> nth=1")


def test_a_folder_is_dropped_trained_watched_and_explored(see, page_of, blobs, tmp_path):
    for i, image in enumerate(blobs.x_train):
        folder = tmp_path / "squares" / str(blobs.y_train[i])
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[..., 0]).save(folder / f"{i}.png")
    page = see("train")
    page.set_input_files("#folder", tmp_path / "squares")
    page.wait_for_selector("main[data-inspected=images]", timeout=60_000)
    assert "12×12" in page.inner_text(".facts")
    page.select_option("form select", "dense")
    page.locator("form input").nth(1).fill("2")
    page.click("form button[type=submit]")
    page.wait_for_selector('main[data-epochs="2"]', timeout=120_000)
    page.wait_for_selector("main[data-state=finished]", timeout=60_000)
    page.wait_for_selector(".charts svg >> nth=2")
    page.click("text=Explore it")
    page.wait_for_selector("main[data-ready=map]", timeout=60_000)
    assert (page_of.workspace.folder_of("squares-1") / "report.html").is_file()


def test_a_table_is_dropped_and_looked_at(see, table_run):
    page = see("train")
    source = Path(table_run.description["data"]["name"])
    _drop(page, ".drop", source.name, source.read_bytes())
    page.wait_for_selector("main[data-inspected=table]", timeout=60_000)
    assert "born (date)" in page.inner_text(".facts")


def test_a_run_that_is_none_is_said(see):
    page = see("runs")
    page.goto(page.url.partition("#")[0] + "#/map?run=nobody")
    page.wait_for_selector(".trouble")
    assert page.inner_text(".trouble") == "There is no run 'nobody' here."
    page.wrong.clear()


def test_runs_are_chosen(see):
    page = see("runs")
    page.click("th >> text=conditional")
    page.wait_for_selector("main[data-ready=map]")
    page.select_option("#runs", "blobs")
    _until(page, "location.hash.includes('run=blobs')")
    page.wait_for_selector("main[data-ready=map]")


def _until(page, what, seconds=30):
    """As `wait_for_function`, which the page's own policy forbids: it evaluates texts."""
    end = time.monotonic() + seconds
    while not page.evaluate(what):
        assert time.monotonic() < end, what
        page.wait_for_timeout(30)


def _drop(page, selector, name, content):
    """As a person drops a file."""
    kept = io.BytesIO(content).getvalue()
    transfer = page.evaluate_handle(
        "([name, bytes]) => { const all = new DataTransfer();"
        " all.items.add(new File([new Uint8Array(bytes)], name)); return all; }",
        [name, list(kept)],
    )
    page.dispatch_event(selector, "drop", {"dataTransfer": transfer})
