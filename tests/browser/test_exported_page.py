"""The exported page as a person has it: a file in a browser, without a server."""

import base64
import csv

import numpy as np
import pytest
from PIL import Image

from keras_vae import recipes, tasks
from keras_vae.exporting.html import read
from keras_vae.exporting.inlining import inlined
from keras_vae.exporting.page_graph import page_graph
from keras_vae.plots.canvas import pixels_of
from tests.decoders import decoder_onnx, page_of

ENTRY = """import { Network, floats64 } from "./network.js";
globalThis.computed = (graph, weights, given) => [...new Network(graph, floats64(weights)).run(given)];
"""
VIEW = "document.querySelector('main').view"


@pytest.fixture(scope="module")
def pages(tmp_path_factory, blobs_run, conditional_run, table_run):
    """Addresses of pages: of images, of images by label and shift, and of a table."""
    folder = tmp_path_factory.mktemp("pages")
    runs = {"blobs": blobs_run, "conditional": conditional_run, "table": table_run}
    return {name: page_of(run, folder / f"{name}.html") for name, run in runs.items()}


@pytest.fixture
def see(pages, visit):
    """Open a page; nothing may go wrong there, and nothing may be asked for but the file."""
    seen = []

    def see(name, **options):
        page = visit(pages.get(name, name), **options)
        page.wait_for_selector("main[data-ready]", timeout=20_000)
        seen.append(page)
        return page

    yield see
    for page in seen:
        assert page.wrong == []
        assert {each.partition("#")[0] for each in page.requested if not each.startswith("blob:")} == {
            page.url
        }


def _code(page):
    page.wait_for_timeout(50)
    return [float(each) for each in page.get_attribute("main", "data-code").split(",")]


def _decoded(page, code, **given):
    numbers = page.evaluate(
        f"([code, given]) => Array.from({VIEW}.decoder.decode(code, given))",
        [list(map(float, code)), given],
    )
    return np.array(numbers)


@pytest.mark.parametrize(
    ("name", "conditions"),
    [("blobs", {}), ("conditional", {}), ("conditional", {"label": 2, "shift": 1.5}), ("table", {})],
)
def test_it_decodes_what_keras_decodes(see, blobs_run, conditional_run, table_run, name, conditions):
    model = {"blobs": blobs_run, "conditional": conditional_run, "table": table_run}[name].model
    codes = np.random.default_rng(5).normal(size=(20, model.latent_dim)).astype("float32")
    wanted = tasks.decode(model, codes, conditions)
    found = _decoded(see(name), codes.ravel(), **conditions).reshape(wanted.shape)
    scale = 255.0 if wanted.ndim == 4 else np.abs(wanted).max(axis=0)
    assert (np.abs(found - wanted) / scale).max() < 1e-5


@pytest.mark.parametrize(
    ("recipe", "options"),
    [
        ("conv", {"conditions": ("label",)}),
        ("residual", {}),
        ("dense", {"likelihood": "discretized_logistic_mixture:num_components=3"}),
        ("dense", {"likelihood": "continuous_bernoulli"}),
        ("dense", {"likelihood": "zero_inflated_negative_binomial"}),
    ],
)
def test_every_recipe_is_decoded(chromium, blobs, recipe, options):
    model = recipes.get(recipe).model(blobs, latent_dim=3, **options)
    model.build(
        {"x": (None, 12, 12, 1), "label": (None,)} if options.get("conditions") else (None, 12, 12, 1)
    )
    for weight in model.trainable_variables:  # biases that are zero would be left out
        wave = 0.05 * np.sin(np.arange(np.prod(weight.shape)))
        weight.assign(weight + wave.reshape(weight.shape))
    codes = np.random.default_rng(1).normal(size=(4, 3)).astype("float32")
    columns = {"label": np.array([0, 3, -1, 1], "int32")} if model.conditions else {}
    graph, weights = page_graph(decoder_onnx(model))
    given = {"latents": codes.ravel().tolist()} | {name: each.tolist() for name, each in columns.items()}
    entry = "exporting/page/entry.js"
    page = chromium.new_page()
    page.add_script_tag(content=inlined(entry, lambda path: ENTRY if path == entry else read(path)))
    found = page.evaluate(
        "([graph, weights, given]) => computed(graph, weights, given)",
        [graph, base64.b64encode(weights).decode(), given],
    )
    page.close()
    wanted = tasks.decode(model, codes, columns)
    assert np.ptp(wanted) > 0
    assert np.abs(np.array(found).reshape(wanted.shape) - wanted).max() < 1e-5 * max(
        255.0, np.abs(wanted).max()
    )


def test_the_picture_is_what_keras_makes_of_the_place_under_the_pointer(see, blobs_run):
    page = see("blobs")
    box = page.locator("canvas.points").bounding_box()
    before = _code(page)
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
    code = np.array([_code(page)], "float32")
    assert not np.allclose(code, before, atol=0.01)
    shown = page.locator(".look canvas").evaluate(
        "each => [...each.getContext('2d').getImageData(0, 0, each.width, each.height).data]"
    )
    wanted = pixels_of(tasks.decode(blobs_run.model, code), (0, 255))[0, ..., 0]
    assert np.abs(np.array(shown).reshape(12, 12, 4)[..., 0] - wanted.astype(int)).max() <= 1


def test_a_place_is_held_and_left(see):
    page = see("blobs")
    box = page.locator("canvas.points").bounding_box()
    page.mouse.click(box["x"] + 80, box["y"] + 120)
    held = _code(page)
    page.mouse.move(box["x"] + 200, box["y"] + 300)
    assert _code(page) != held
    page.mouse.move(box["x"] - 100, box["y"] + 120)
    assert _code(page) == held


def test_it_is_played_with_keys_alone(see):
    page = see("blobs")
    page.focus("canvas.points")
    start = _code(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    moved = _code(page)
    assert moved[0] > start[0]
    assert moved[1] > start[1]
    page.keyboard.press("Escape")
    assert _code(page) == start
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    held = _code(page)
    assert held[0] < start[0]
    page.locator("aside input[type=range]").first.focus()
    page.keyboard.press("PageUp")
    assert _code(page) != held
    page.locator("text=Reset").press("Enter")
    assert _code(page) == start
    page.locator("text=Sample").press("Enter")
    assert _code(page) != start


def test_it_is_touched(pages, chromium):
    context = chromium.new_context(has_touch=True, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(pages["blobs"])
    page.wait_for_selector("main[data-ready=page]")
    page.locator("canvas.points").scroll_into_view_if_needed()
    before = _code(page)
    box = page.locator("canvas.points").bounding_box()
    page.touchscreen.tap(box["x"] + 60, box["y"] + 90)
    assert _code(page) != before
    context.close()


def test_a_morph_goes_from_pin_to_pin(see):
    page = see("blobs")
    page.locator("text=Sample").click()
    first = _code(page)
    page.click("text=Pin A here")
    page.locator("text=Sample").click()
    second = _code(page)
    page.click("text=Pin B here")
    page.locator(".between input").focus()
    page.keyboard.press("Home")
    assert _code(page) == pytest.approx(first, abs=1e-3)
    page.keyboard.press("End")
    assert _code(page) == pytest.approx(second, abs=1e-3)
    page.click("text=Play")
    page.wait_for_timeout(150)
    assert _code(page) != second
    page.click("text=Stop")


def test_conditions_are_chosen(see, conditional_run):
    page = see("conditional")
    page.select_option(".conditions select", "3")
    page.fill(".conditions input", "2")
    page.keyboard.press("Enter")
    code = np.array([_code(page)], "float32")
    wanted = tasks.decode(conditional_run.model, code, {"label": 3, "shift": 2.0}).ravel()
    found = np.array(page.evaluate(f"Array.from({VIEW}.decode({VIEW}.seen))"))
    assert np.abs(found - wanted).max() < 0.05  # the code is read in four decimals


def test_rows_are_written_as_the_schema_writes_them(see, table_run):
    schema = table_run.schema
    rows = np.array(table_run.data().x_test[:40], "float64")
    spread = np.random.default_rng(0).normal(0, 1, rows.shape) * np.nanstd(rows, axis=0)
    matrix = np.concatenate([rows, rows + spread, 1e4 * spread]).astype("float32")
    page = see("table")
    found = page.evaluate(
        "rows => rows.map((row) => { const view = "
        + VIEW
        + "; view.look.put(row.map((each) => each ?? NaN));"
        " return [...view.look.element.querySelectorAll('td')].map((cell) => cell.textContent); })",
        [[None if np.isnan(each) else float(each) for each in row] for row in matrix],
    )
    assert found == [[text or "–" for text in row] for row in schema.texts(matrix)]


def test_what_is_seen_is_kept_as_a_file(see, table_run):
    with (page := see("blobs")).expect_download() as waited:
        page.click("text=Save PNG")
    with Image.open(waited.value.path()) as kept:
        assert kept.size[0] >= 448
        assert kept.size[0] % 12 == 0
    with (page := see("table")).expect_download() as waited:
        page.click("text=Save CSV")
    with waited.value.path().open(newline="") as file:
        names, row = csv.reader(file)
    assert names == table_run.schema.names
    assert row == page.locator(".look td").all_inner_texts()


def test_pictures_lie_on_the_map(see):
    page = see("blobs")
    page.check("text=Pictures on the map")
    page.wait_for_selector("[data-backdrop=ready]", timeout=20_000)
    sheet = page.evaluate(
        f"{VIEW}.map.scatter.backdrop.getContext('2d').getImageData(0, 0, 40, 40).data.some(Boolean)"
    )
    assert sheet


def test_codes_stay_out_of_a_page_without_them(see, blobs_run, tmp_path):
    page = see(page_of(blobs_run, tmp_path / "bare.html", with_codes=False))
    assert page.evaluate(f"{VIEW}.codes.length") == 0
    assert page.locator(".class").count() == 0
    assert page.is_checked("text=Pictures on the map")


def test_a_page_that_computes_something_else_shows_nothing(see, blobs_run, tmp_path):
    from keras_vae.exporting.page_description import describe

    checks = describe(blobs_run, blobs_run.model, blobs_run.data())["checks"]
    decoded = np.frombuffer(base64.b64decode(checks["decoded"]), "<f4").copy()
    decoded[7] += 0.1  # of 255
    checks["decoded"] = base64.b64encode(decoded.tobytes()).decode()
    page = see(page_of(blobs_run, tmp_path / "other.html", checks=checks))
    assert page.get_attribute("main", "data-ready") == "refused"
    assert "than Keras did" in page.inner_text(".trouble")
    assert page.locator("canvas").count() == 0


@pytest.mark.parametrize("name", ["conditional", "table"])
def test_it_fits_and_is_accessible(see, audit, name):
    page = see(name)
    for width in (360, 1280, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(60)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark") if name == "conditional" else ("dark",):
            page.emulate_media(color_scheme=scheme)
            assert audit(page) == [], (width, scheme)
