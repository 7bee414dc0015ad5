"""How quick the explorer is, in a real browser, and what it bears.

    python benchmarks/explorer.py hover RUN --data mnist.npz     (10,000 items; 300 moves of the pointer)
    python benchmarks/explorer.py frames RUN --data mnist.npz    (50,000 items, the map moved)
    python benchmarks/explorer.py crowd RUN --data mnist.npz     (50 clients for a minute)

`hover` is the time from the browser's own stamp of the pointer's move to the drawn answer of the model; a
cell of the precomputed grid comes within the move itself. `frames` counts what Chromium drew as the map
moved in each frame; `make test-browser` installs what both need.
"""

import argparse
import contextlib
import json
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "explorer.json"
MOVES, PAUSE, FRAMES, CLIENTS, SECONDS = 300, 120, 240, 50, 60


@contextlib.contextmanager
def served(run, data, limit, until="scored"):
    """The command in a process of its own, as a person has it: its address, and the run's name there."""
    with tempfile.TemporaryDirectory() as folder:
        options = [str(data)] if data else []
        options += ["--limit", str(limit), "--port", "0", "--no-browser", "--quiet"]
        command = [sys.executable, "-m", "keras_vae", "explore", str(run.absolute()), *options]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
            address = process.stdout.readline().partition("#")[0]
            name = run.absolute().name
            while not (state := got(f"{address}api/runs/{name}")).get(until):
                if state["failure"]:
                    raise SystemExit(state["failure"])
                time.sleep(0.5)
            try:
                yield address, name
            finally:
                process.send_signal(signal.SIGINT)


def got(address):
    with urllib.request.urlopen(address, timeout=60) as answer:
        return json.load(answer)


def in_browser(address, name, work):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.goto(f"{address}#/map?run={name}")
        opened.wait_for_selector("main[data-atlas=ready][data-colour]", timeout=120_000)
        try:
            return work(opened)
        finally:
            browser.close()


def hover(run, data):
    def work(page):
        box = page.locator("canvas.points").bounding_box()
        generator = random.Random(0)
        for _ in range(MOVES + 20):
            x, y = (generator.uniform(0.1, 0.9) * box[side] for side in ("width", "height"))
            page.mouse.move(box["x"] + x, box["y"] + y)
            page.wait_for_timeout(PAUSE)
        return page.evaluate("document.querySelector('main').view.times")[20:]

    with served(run, data, 10_000) as (address, name):
        times = in_browser(address, name, work)
    p50, p90, p99 = np.percentile(times, (50, 90, 99)).round(1).tolist()
    return {"moves": len(times), "p50_ms": p50, "p90_ms": p90, "p99_ms": p99}


def frames(run, data):
    script = """(count) => new Promise((resolve) => {
        const { scatter } = document.querySelector('main').view;
        const began = performance.now();
        let done = 0;
        const step = () => {
            if (done === count) resolve([performance.now() - began, scatter.times.slice(-count)]);
            else {
                scatter.pan(3 * Math.cos(done / 20), 2);
                scatter.zoom(done % 60 < 30 ? 1.02 : 1 / 1.02);
                done += 1;
                requestAnimationFrame(step);
            }
        };
        requestAnimationFrame(step);
    })"""

    def work(page):
        found = {}
        for width, height in ((1280, 900), (1920, 1080), (3840, 2160)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(500)
            took, drawing = page.evaluate(script, FRAMES)
            found[f"{width}x{height}"] = {
                "frames_per_second": round(1000 * FRAMES / took, 1),
                "drawing_ms": round(statistics.median(drawing), 1),
            }
        points = page.evaluate("document.querySelector('main').view.scatter.points.length / 2")
        return {"items": points, **found}

    with served(run, data, 50_000, "about") as (address, name):
        return in_browser(address, name, work)


def crowd(run, data):
    times, errors = [], []
    with served(run, data, 10_000) as (address, name):
        api = f"{address}api/runs/{name}/"
        end = time.monotonic() + SECONDS

        def client(number):
            generator = random.Random(number)
            while time.monotonic() < end:
                what = generator.choice(["place", "place", "place", "gallery", "items", "points"])
                point = {"point": [generator.gauss(0, 1), generator.gauss(0, 1)]}
                chosen = {"items": [generator.randrange(500) for _ in range(8)]}
                body = {"place": point, "gallery": chosen}.get(what)
                path = f"items/{generator.randrange(500)}" if what == "items" else what
                headers = {"content-type": "application/json"}
                asked = urllib.request.Request(
                    api + path, json.dumps(body).encode() if body else None, headers if body else {}
                )
                began = time.perf_counter()
                try:
                    with urllib.request.urlopen(asked, timeout=60) as answer:
                        answer.read()
                    times.append(time.perf_counter() - began)
                except OSError as error:
                    errors.append(str(error))

        clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
        for each in clients:
            each.start()
        for each in clients:
            each.join()
    p50, p99 = (1000 * np.percentile(times, (50, 99))).round(1).tolist()
    return {
        "clients": CLIENTS,
        "seconds": SECONDS,
        "answers": len(times),
        "errors": len(errors),
        "first_errors": errors[:3],
        "p50_ms": p50,
        "p99_ms": p99,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["hover", "frames", "crowd"])
    parser.add_argument("run", type=Path)
    parser.add_argument("--data")
    asked = parser.parse_args()
    figures = globals()[asked.what](asked.run, asked.data)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**known, asked.what: figures}, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
