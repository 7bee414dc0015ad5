"""What the page shows of a model of images."""

import math
from html import escape

import numpy as np

from keras_vae import tasks
from keras_vae.conditions import Category
from keras_vae.data import Dataset, spread, take
from keras_vae.data.chosen import choose
from keras_vae.errors import InvalidArgumentError
from keras_vae.plots.raster import heat, picture
from keras_vae.report.section import Section, extremes
from keras_vae.vae import VAE

_SAMPLES, _COLUMNS, _UNITS = 64, 10, 16
_MOST_EXAMPLES = 2000


def sections(model: VAE, data: Dataset, seed: int) -> list[Section]:
    """Samples, reconstructions, interpolations, traversals, and what is likely and what is not."""
    return [
        _samples(model, data, seed),
        _reconstructions(model, data),
        _interpolations(model, data),
        _traversals(model, data),
        _extremes(model, data, seed),
    ]


def frechet_of(model: VAE, data: Dataset, seed: int) -> tasks.Frechet | None:
    """How far samples are from test images; `None` for images too small, or too few, to say."""
    rows = spread(len(data.x_test), _MOST_EXAMPLES)
    x_test = choose(data.inputs("test", model.condition_names), rows)
    try:
        return tasks.frechet(model, x_test, data.x_train, data.value_range, seed)
    except InvalidArgumentError:
        return None


def _samples(model: VAE, data: Dataset, seed: int) -> Section:
    conditions = model.conditions.columns if model.conditions else {}
    category = next(((name, each) for name, each in conditions.items() if isinstance(each, Category)), None)
    if category is None:
        side = math.isqrt(_SAMPLES)
        drawn = tasks.sample(model, _SAMPLES, seed)
        cells = drawn.reshape(side // 2, 2 * side, *drawn.shape[1:])
        return Section(
            "Samples",
            picture(cells, data.value_range, f"{_SAMPLES} images drawn from the model"),
            "Images that the model makes up: codes from its prior, decoded.",
        )
    name, kind = category
    values = range(min(kind.num_categories, 20))
    rows = np.stack([tasks.sample(model, _COLUMNS, seed, {name: value}) for value in values])
    titles = kind.names or [str(value) for value in values]
    return Section(
        "Samples",
        picture(rows, data.value_range, f"images drawn from the model, a row for each {name}"),
        f"Images that the model makes up, a row for each {name}: {', '.join(titles[: len(values)])}. "
        "The same codes in each row.",
    )


def _reconstructions(model: VAE, data: Dataset) -> Section:
    rows = spread(len(data.x_test), _COLUMNS)
    originals = np.asarray(take(data.x_test, rows), "float32")
    found = tasks.reconstruct(model, take(data.inputs("test", model.condition_names), rows))
    low, high = data.value_range
    errors = np.abs(found - originals).mean(axis=-1) / (high - low)
    rmse = np.sqrt(np.mean(np.square(found - originals), axis=(1, 2, 3)))
    numbers = "".join(f"<span>{each:.3g}</span>" for each in rmse)
    content = (
        picture(originals[None], data.value_range, "test images")
        + picture(found[None], data.value_range, "what the model makes of them")
        + heat(errors[None], "where the two differ")
        + f'<p class="under" style="--columns:{_COLUMNS}">{numbers}</p>'
    )
    text = (
        "Test images above, what comes of them through the model below, then where the two differ, and by "
        f"how much: the root of the mean squared error, of {high - low:g}."
    )
    return Section("Reconstructions", content, text)


def _interpolations(model: VAE, data: Dataset, pairs: int = 4) -> Section:
    inputs = data.inputs("test", model.condition_names)
    ends = spread(len(data.x_test), 2 * pairs)
    paths = [
        tasks.interpolate_inputs(model, take(inputs, int(a)), take(inputs, int(b)), _COLUMNS, "spherical")
        for a, b in zip(ends[:pairs], ends[-pairs:], strict=True)
    ]
    text = (
        "Each row begins with the reconstruction of one test image and ends with that of another; between "
        "them the codes move along an arc."
    )
    if model.condition_names:
        text += " Conditions in which the two differ are left unknown."
    return Section(
        "From one to another",
        picture(np.stack(paths), data.value_range, f"{len(paths)} test images turning into others"),
        text,
    )


def _traversals(model: VAE, data: Dataset) -> Section:
    rows = spread(len(data.x_test), _MOST_EXAMPLES)
    found = tasks.traverse(model, take(data.inputs("test", model.condition_names), rows), num_units=_UNITS)
    by = found.variance_of_means if found.kl is None else found.kl
    what, unit = ("variance of its codes", "") if found.kl is None else ("KL", " nats")
    names = "".join(
        f"<li{'' if alive else ' class=dead'}>z{int(number) + 1}: {value:.2f}{unit}"
        f"{'' if alive else ', dead'}</li>"
        for number, value, alive in zip(found.units, by, found.active, strict=True)
    )
    drawn = picture(found.frames, data.value_range, "a row for each latent unit, moved from low to high")
    return Section(
        "What each latent does",
        f'<div class="rows">{drawn}<ol style="--rows:{len(found.units)}">{names}</ol></div>',
        "One unit is moved at a time, the others stay at the mean. The first row is the unit with the "
        f"greatest {what}.",
    )


def _extremes(model: VAE, data: Dataset, seed: int) -> Section:
    looked_at, ends = extremes(model, data, _COLUMNS, seed)
    content = ""
    for title, (rows, bounds) in ends.items():
        images = np.asarray(take(data.x_test, rows), "float32")
        numbers = "".join(f"<span>{each:.0f}</span>" for each in bounds)
        content += (
            f"<h3>{escape(title)}</h3>"
            + picture(images[None], data.value_range, f"{title.lower()} test images")
            + f'<p class="under" style="--columns:{len(rows)}">{numbers}</p>'
        )
    text = f"Of {looked_at:,} test images, by the bound of each. Those with little in them are likely."
    return Section("The usual and the odd", content, text)
