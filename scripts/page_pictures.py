"""Take the documentation's pictures of the pages of a run.

    python scripts/page_pictures.py runs/mnist

The run should be of images, trained with `--frames`; `make browser` installs what drives Chromium.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from keras_vae.data import write_images
from keras_vae.explorer import Page, Workspace
from keras_vae.exporting import endpoints_of
from keras_vae.exporting.full_precision import in_float32
from keras_vae.exporting.html import write_page
from keras_vae.exporting.onnx_file import to_onnx
from keras_vae.exporting.page_description import describe
from keras_vae.runs import Run

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = {"width": 1280, "height": 800}


def main(folder):
    run = Run(folder)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as started:
        workspace = Workspace(Path(temporary) / "runs")
        name = workspace.add(folder)
        workspace.opened(name).prepared.wait("scores")
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--hide-scrollbars"]
        )

        def take(picture, view, act=None, scheme="light", **given):
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)
            query = "&".join(f"{key}={value}" for key, value in {"run": name, **given}.items())
            page.goto(f"{served.address}#/{view}?{query}")
            page.wait_for_selector(f"main[data-ready={view}]")
            if act:
                act(page)
            page.wait_for_timeout(800)
            _shoot(page, picture)
            page.close()

        with Page(workspace, port=0) as served:
            take("explore-map", "map", _point, "dark", pictures="on", pins="i11,i207,i1500")
            take(
                "explore-sliders",
                "sliders",
                lambda page: page.fill("input[type=number]", "62") or page.keyboard.press("Enter"),
            )
            take("explore-morph", "morph", **{"from": 8, "to": 61, "at": 0.45})
            take("explore-yours", "yours", _draw)
            take(
                "explore-odd",
                "odd",
                lambda page: page.wait_for_selector("[data-shown]"),
                show="where",
                rate=0.001,
            )
            take("explore-watch", "watch", lambda page: page.wait_for_selector(".samples img"))
            photos = Path(temporary) / "digits"
            _folder(run, photos)
            take("explore-train", "train", lambda page: _drop(page, photos))
        page = browser.new_page(viewport=SIZE, color_scheme="dark")
        page.goto(_exported(run, Path(temporary) / "page.html"))
        page.check("text=Pictures on the map")
        page.wait_for_selector("[data-backdrop=ready]")
        page.mouse.move(820, 620)
        page.wait_for_timeout(300)
        _shoot(page, "exported-page")
        page = browser.new_page(viewport={"width": 1100, "height": 1500})
        page.goto(run.report.absolute().as_uri())
        _shoot(page, "report")
        browser.close()


def _exported(run, path):
    model = in_float32(run.model)
    (decode,) = endpoints_of(model, run.description["data"]["dtype"], ["decode"])
    write_page(path, to_onnx(decode).SerializeToString(), describe(run, model, run.data()))
    return path.as_uri()


def _shoot(page, name):
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as taken:
        taken.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT).save(path, optimize=True)
    print(path, path.stat().st_size // 1024, "kB")


def _point(page):
    page.wait_for_selector("[data-atlas=ready]")
    page.wait_for_selector(".pin >> nth=2")
    page.mouse.move(520, 430)
    page.wait_for_selector('.hover [data-from="model"]')


def _draw(page):
    box = page.locator(".pad").bounding_box()
    strokes = [(80, 66), (205, 66), (160, 140), (115, 225)]
    page.mouse.move(box["x"] + strokes[0][0], box["y"] + strokes[0][1])
    page.mouse.down()
    for x, y in strokes[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=8)
    page.mouse.up()
    page.wait_for_selector("[data-examined]")


def _folder(run, folder):
    data = run.data()
    for label in range(3):
        chosen = data.x_test[data.y_test == label][:80]
        write_images(folder / f"digit {label}", chosen, str(chosen.dtype), data.value_range)


def _drop(page, folder):
    page.set_input_files("#folder", folder)
    page.wait_for_selector("[data-inspected]")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
