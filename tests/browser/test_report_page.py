"""The report as a reader has it: every width, light and dark, nothing from elsewhere, and for everybody."""

import pytest


@pytest.fixture
def report(blobs_run):
    return (blobs_run.folder / "report.html").as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280, 3840])
def test_it_fits_and_is_accessible(report, visit, audit, width, scheme):
    page = visit(report, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert audit(page) == []
    assert page.wrong == []


def test_nothing_is_asked_for_but_the_page(report, visit):
    page = visit(report)
    assert [each for each in page.requested if not each.startswith("data:")] == [report]
    assert page.evaluate("[...document.images].every(each => each.naturalWidth > 0)")


def test_pictures_are_enlarged_sharply(report, visit):
    page = visit(report)
    shown, own = page.evaluate(
        "[document.images[0].getBoundingClientRect().width, document.images[0].naturalWidth]"
    )
    assert shown > own
    assert (
        page.locator("img").first.evaluate("each => getComputedStyle(each).imageRendering") == "pixelated"
    )


def test_it_prints_on_white(report, visit):
    page = visit(report, scheme="dark")
    page.emulate_media(media="print")
    assert (
        page.locator("body").evaluate("each => getComputedStyle(each).backgroundColor")
        == "rgb(255, 255, 255)"
    )
