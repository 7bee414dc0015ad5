"""Data as a person might have them: a table of people, and a folder of photographs."""

import csv

import numpy as np
import pyarrow as pa
from PIL import Image

KINDS = ("cat", "dog", "guinea pig", "none")
#: The columns of `people`.
PEOPLE = ["age", "height", "weight", "income", "visits", "kind", "smokes", "born"]


def people(count, seed=0):
    """A table of numbers, text, dates and truths, a fifth of all entries missing, as Arrow's.

    Columns hang together: weight with height, income and visits with age, the kind of pet with age, smoking
    with the kind of pet.
    """
    generator = np.random.default_rng(seed)
    age = generator.integers(18, 90, count)
    height = generator.normal(1.7, 0.1, count)
    kind = np.array(KINDS)[(4 * (age / 90) * generator.random(count)).astype(int)]
    days = 365 * age + generator.integers(0, 365, count)
    columns = {
        "age": age,
        "height": height.round(2),
        "weight": (22 * height**2 + generator.normal(0, 8, count) + age / 20).round(1),
        "income": np.exp(generator.normal(7.5 + age / 100, 0.6)).round(2),
        "visits": generator.poisson(1 + age / 30),
        "kind": kind,
        "smokes": generator.random(count) < 0.2 + 0.3 * (kind == "cat"),
        "born": np.datetime64("2026-01-01") - days.astype("timedelta64[D]"),
    }
    return pa.table(
        {name: pa.array(each, mask=generator.random(count) < 0.2) for name, each in columns.items()}
    )


def rows_of(path):
    """A CSV file as it is written: its names, and its rows as texts."""
    with path.open(newline="") as file:
        names, *rows = csv.reader(file)
    return names, rows


def photographs(folder, count=200, seed=0):
    """Parts of two real photographs, of many sizes and kinds; one file is torn, one no image at all."""
    from sklearn.datasets import load_sample_images

    generator = np.random.default_rng(seed)
    sources = [Image.fromarray(pixels) for pixels in load_sample_images().images]
    kinds = [("RGB", "jpg"), ("L", "png"), ("RGBA", "png"), ("P", "gif"), ("RGB", "webp"), ("CMYK", "tiff")]
    folder.mkdir(parents=True)
    for number in range(count - 2):
        width, height = generator.integers(40, 160, 2)
        source = sources[number % 2]
        left, top = (int(generator.integers(0, most)) for most in (640 - width, 427 - height))
        mode, ending = kinds[number % len(kinds)]
        part = source.crop((left, top, left + int(width), top + int(height))).convert(mode)
        below = folder / ("temple", "flower")[number % 2]
        below.mkdir(exist_ok=True)
        part.save(below / f"{number:03}.{ending}")
    (folder / "temple" / "notes.png").write_text("no image")
    whole = (folder / "temple" / "000.jpg").read_bytes()
    (folder / "temple" / "torn.jpg").write_bytes(whole[: len(whole) // 3])
    return folder
