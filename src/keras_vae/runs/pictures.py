"""The pictures of a run."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_vae import plots, tasks
from keras_vae.conditions import Category
from keras_vae.data import Dataset, spread, take
from keras_vae.vae import VAE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_ROWS, _COLUMNS = 20, 10


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
    folder.mkdir(exist_ok=True)
    figures = {
        "samples": samples(model, data.value_range, 64, seed),
        "reconstructions": reconstructions(model, data),
        "interpolation": interpolation(model, data),
        "latent_space": latent_space(model, data),
        "training": plots.plot_history(history),
    }
    paths = []
    for name, figure in figures.items():
        path = folder / f"{name}.png"
        figure.savefig(path)
        paths.append(path)
    return paths


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


def latent_space(model: VAE, data: Dataset) -> "Figure":
    """The map of the test images and, for two latent units, the decoded grid beside it."""
    plane = tasks.latent_map(model, data.inputs("test", model.condition_names))
    grid = tasks.latent_grid(model) if model.latent_dim == 2 else None
    return plots.plot_latent_space(
        plane.points, data.y_test, plane.axes, grid, data.value_range, data.label_names
    )
