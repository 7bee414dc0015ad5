"""Fixtures for pages in Chromium, driven by Playwright: `make test-browser`.

They are no conftest.py of their own: two files of that name cannot both be searched for doctests.
"""

import os
import shutil

import pytest

_QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium():
    """A browser; tests are skipped by name where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="make test-browser installs Playwright")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium: install it, or name it in CHROMIUM")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox", *_QUIET])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Open an address in a window of its own; what goes wrong there, and what it asks for, is kept."""
    contexts = []

    def visit(address, width=1280, scheme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.requested, page.wrong = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("console", lambda said: page.wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def audit():
    """The serious findings of axe on a page."""
    axe = pytest.importorskip(
        "axe_core_python.sync_playwright", reason="make test-browser installs axe"
    ).Axe()

    def audit(page):
        found = axe.run(page)["violations"]
        return [
            (each["id"], each["nodes"][0]["html"])
            for each in found
            if each["impact"] in ("serious", "critical")
        ]

    return audit
