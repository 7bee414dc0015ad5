"""The pictures of a run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_vae import plots, tasks
from keras_vae.conditions import Category
from keras_vae.data import Dataset, Inspection, TableData, inspect, spread, take
from keras_vae.runs.table_pictures import columns, table_figures
from keras_vae.runs.written import written
from keras_vae.vae import VAE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_ROWS, _COLUMNS = 20, 10
_SHOWN = 60
_MOST_EXAMPLES = 1000


def draw_pictures(
    folder: Path, model: VAE, data: Dataset, history: dict[str, list[float]], seed: int
) -> list[Path]:
    """Draw what a person looks at first, and say where it lies.

    Args:
        folder: where to; it is made.
        model: the trained model.
        data: what it was trained on.
        history: the columns of `history.csv`.
        seed: of the samples.
    """
    figures = {"data": inspection(data), "training": plots.plot_history(history)}
    if isinstance(data, TableData):
        figures |= table_figures(model, data, seed)
    else:
        figures |= {
            "samples": samples(model, data.value_range, 64, seed),
            "reconstructions": reconstructions(model, data),
            "interpolation": interpolation(model, data),
            "traversal": traversal(model, data),
        }
    figures["latent_space"] = latent_space(model, data)
    paths: list[Path] = []
    folder.mkdir(exist_ok=True)
    for name, figure in figures.items():
        paths.append(folder / f"{name}.png")
        with written(paths[-1]) as partial:
            figure.savefig(partial)
    return paths


def inspection(data: Dataset) -> "Figure":
    """What the data hold: a contact sheet with a histogram, or a histogram of each column."""
    if isinstance(data, TableData):
        return columns(data)
    found = inspect(data, suggest=False)
    assert isinstance(found, Inspection)
    shown = data.x_train[spread(len(data.x_train), _SHOWN)]
    return plots.plot_inspection(shown, data.value_range, found.histogram, found.value_range)


def samples(model: VAE, value_range: Any, count: int, seed: int) -> "Figure":
    """`count` samples of the prior, decoded.

    For a model with a category: a row for each of its values, with the same latents in each row.
    """
    categories = [
        (name, each)
        for name, each in (model.conditions.columns if model.conditions else {}).items()
        if isinstance(each, Category)
    ]
    if not categories:
        return plots.plot_images(tasks.sample(model, count, seed), value_range)
    name, category = categories[0]
    titles = category.names or [f"{name} {value}" for value in range(category.num_categories)]
    rows = {
        title: tasks.sample(model, _COLUMNS, seed, {name: value})
        for value, title in enumerate(titles[:_MOST_ROWS])
    }
    return plots.plot_rows(rows, value_range)


def reconstructions(model: VAE, data: Dataset, count: int = 10) -> "Figure":
    """Test images, spread over the test set, above their reconstructions."""
    rows = spread(len(data.x_test), count)
    reconstructed = tasks.reconstruct(model, take(data.inputs("test", model.condition_names), rows))
    return plots.plot_reconstructions(data.x_test[rows], reconstructed, data.value_range)


def interpolation(model: VAE, data: Dataset, steps: int = 10) -> "Figure":
    """The first test image turning into the last, both ways."""
    inputs = data.inputs("test", model.condition_names)
    ends = take(inputs, 0), take(inputs, -1)
    frames = {
        method: tasks.interpolate_inputs(model, *ends, steps, method) for method in ("linear", "spherical")
    }
    return plots.plot_rows(frames, data.value_range)


def traversal(model: VAE, data: Dataset, count: int = 10) -> "Figure":
    """What the `count` most informative units do, by 1,000 test images at most."""
    rows = spread(len(data.x_test), _MOST_EXAMPLES)
    found = tasks.traverse(model, take(data.inputs("test", model.condition_names), rows), num_units=count)
    return plots.plot_traversal(
        found.frames, found.units, found.active, found.values, data.value_range, found.kl
    )


def latent_space(model: VAE, data: Dataset) -> "Figure":
    """The map of the test examples and, for images in two latent units, the decoded grid beside it."""
    plane = tasks.latent_map(model, data.inputs("test", model.condition_names))
    has_grid = model.latent_dim == 2 and not isinstance(data, TableData)
    grid = tasks.latent_grid(model) if has_grid else None
    return plots.plot_latent_space(
        plane.points,
        data.y_test,
        plane.axes,
        grid,
        data.value_range,
        data.label_names,
        data.label_title,
    )
