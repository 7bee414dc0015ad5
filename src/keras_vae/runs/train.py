"""Train a recipe on a data set into a run folder."""

import contextlib
import dataclasses
import math
import platform
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import keras
from keras import tree

from keras_vae import recipes, specs, tasks
from keras_vae.callbacks import Schedule
from keras_vae.data import Batches, Dataset, TableData
from keras_vae.errors import InvalidArgumentError, TrainingDivergedError
from keras_vae.runs.figures import measured
from keras_vae.runs.folder import (
    DESCRIPTION,
    HISTORY,
    METRICS,
    MODEL,
    PICTURES,
    Run,
    claim,
    ordinary_examples,
    write_json,
)
from keras_vae.runs.history import HistoryWriter
from keras_vae.runs.pictures import draw_pictures
from keras_vae.runs.precision import resolve_precision
from keras_vae.vae import VAE

_VALIDATION_BATCH = 500


@dataclasses.dataclass(frozen=True)
class Settings:
    """How to train. What is `None` is the recipe's own.

    Args:
        recipe: the name of a recipe.
        latent_dim: the number of latent units.
        beta: the weight of the KL; the objective's own default where one is named.
        likelihood: the name of a likelihood, as in `"normal:scale=0.1"`.
        posterior: likewise; so the next two.
        prior: as in `"mixture_of_normals:num_components=50"`.
        objective: as in `"iwae:num_samples=50"`.
        conditions: columns of the data, as in `("label", "age=real")`; none by default.
        schedules: weights of the objective and how they move, as in `("beta:start=0,epochs=10",)`; the
            options are those of `callbacks.Schedule`.
        epochs: passes over the training data.
        batch_size: examples a step.
        learning_rate: of Adam.
        seed: of the initial weights, the order of the data and the samples of z.
        precision: "auto", "float32" or "bfloat16".

    Raises:
        UnknownNameError: if there is no such recipe or precision.
        InvalidArgumentError: if a number is out of its range.

    Example:
        >>> Settings(latent_dim=10).resolved().epochs
        30
    """

    recipe: str = "article"
    latent_dim: int | None = None
    beta: float | None = None
    likelihood: str | None = None
    posterior: str | None = None
    prior: str | None = None
    objective: str | None = None
    conditions: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    seed: int = 0
    precision: str = "auto"

    def resolved(self, num_train: int | None = None) -> "Settings":
        """The same with the recipe's own settings filled in, which may depend on `num_train`, checked."""
        recipe = recipes.get(self.recipe)
        if num_train is not None:
            recipe = recipe.sized_for(num_train, self.batch_size)
        own = {
            field.name: getattr(recipe, field.name)
            for field in dataclasses.fields(self)
            if getattr(self, field.name) is None
        }
        if self.objective is not None:
            own.pop("beta", None)
        filled = dataclasses.replace(self, **own)
        for name, least in (("latent_dim", 1), ("epochs", 1), ("batch_size", 1), ("seed", 0)):
            if getattr(filled, name) < least:
                raise InvalidArgumentError(
                    f"{name} must be at least {least}. Received: {name}={getattr(filled, name)}"
                )
        rate = filled.learning_rate
        if rate is None or not (math.isfinite(rate) and rate > 0):
            raise InvalidArgumentError(
                f"learning_rate must be a positive number. Received: learning_rate={rate}"
            )
        return filled


def train(
    data: Dataset,
    folder: str | Path,
    settings: Settings | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Run:
    """Train, measure, draw, and write it all into `folder`.

    Everything is checked before the folder is made. It then holds `model.keras` (the whole model),
    `run.json`, `history.csv`, `metrics.json` and `pictures/`.

    Args:
        data: what to train and test on.
        folder: a new or an empty folder.
        settings: how to train.
        callbacks: more Keras callbacks.

    Returns:
        The finished run.

    Raises:
        RunExistsError: if the folder holds something.
        TrainingDivergedError: if the loss becomes NaN or infinite.
        KerasVaeError: for settings or data that do not fit.
    """
    folder = Path(folder)
    settings = (settings or Settings()).resolved(len(data.x_train))
    policy = resolve_precision(settings.precision)
    with dtype_policy(policy):
        model = _build(data, settings)
        schedules = _schedules(model, settings)
        claim(folder)
        started = time.perf_counter()
        data = data.conditioned_on(settings.conditions)
        description = _describe(data, settings, policy)
        write_json(folder / DESCRIPTION, description)
        _fit(model, data, folder, settings, [*schedules, *callbacks])
    x_test = data.inputs("test", model.condition_names)
    tasks.calibrate(model, ordinary_examples(data, model.condition_names))
    model.save(folder / MODEL)
    run = Run(folder)
    metrics = {
        **measured(model, data, seed=settings.seed),
        "diagnosis": dataclasses.asdict(tasks.diagnose(model, x_test)),
    }
    write_json(folder / METRICS, metrics)
    draw_pictures(folder / PICTURES, model, data, run.history, settings.seed)
    description["seconds"] = round(time.perf_counter() - started, 2)
    write_json(folder / DESCRIPTION, description)
    return run


@contextlib.contextmanager
def dtype_policy(policy: str) -> Iterator[None]:
    """Keras's global dtype policy set to `policy`, and put back afterwards."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _build(data: Dataset, settings: Settings) -> VAE:
    model = recipes.get(settings.recipe).model(
        data,
        latent_dim=settings.latent_dim,
        beta=settings.beta,
        likelihood=settings.likelihood,
        posterior=settings.posterior,
        prior=settings.prior,
        objective=settings.objective,
        conditions=settings.conditions,
        seed=settings.seed,
    )
    model.compile(optimizer=keras.optimizers.Adam(settings.learning_rate))
    x_train = data.conditioned_on(settings.conditions).inputs("train", model.condition_names)
    model.build(tree.map_structure(lambda each: (None, *each.shape[1:]), x_train))
    return model


def _schedules(model: VAE, settings: Settings) -> list[Schedule]:
    schedules = []
    for text in settings.schedules:
        weight, _, options = text.partition(":")
        schedule = specs.make(Schedule, f"schedule {weight!r}", options, weight=weight)
        schedule.variable_of(model.objective)
        schedules.append(schedule)
    return schedules


def _fit(
    model: VAE,
    data: Dataset,
    folder: Path,
    settings: Settings,
    callbacks: Sequence[keras.callbacks.Callback],
) -> None:
    names = model.condition_names
    history = model.fit(
        Batches(data.inputs("train", names), settings.batch_size, settings.seed),  # type: ignore[arg-type]
        validation_data=Batches(data.inputs("test", names), _VALIDATION_BATCH, shuffle=False),
        epochs=settings.epochs,
        shuffle=False,  # Batches does it; Keras would shuffle again, from Python's global generator
        verbose=0,
        callbacks=[HistoryWriter(folder / HISTORY), keras.callbacks.TerminateOnNaN(), *callbacks],
    )
    loss = history.history["loss"][-1]
    if not math.isfinite(loss):
        raise TrainingDivergedError(
            f"The loss became {loss} in epoch {len(history.epoch)}, and no model was saved. Lower the "
            f"learning rate (it was {settings.learning_rate:g}), or use --precision float32. The "
            f"figures up to there are in {folder / HISTORY}."
        )


def _describe(data: Dataset, settings: Settings, policy: str) -> dict[str, Any]:
    backend = keras.config.backend()
    return {
        "settings": dataclasses.asdict(settings),
        "data": {
            "name": data.name,
            "kind": "table" if isinstance(data, TableData) else "images",
            "fingerprint": data.fingerprint,
            "num_train": len(data.x_train),
            "num_test": len(data.x_test),
            "reading": dict(data.reading),
            "columns": sorted(data.columns("train")),
            "event_shape": list(data.event_shape),
            "dtype": str(data.x_train.dtype),
            "value_range": list(data.value_range),
        },
        "dtype_policy": policy,
        "versions": {
            "keras-vae": version("keras-vae"),
            "keras": keras.version(),
            backend: _backend_version(backend),
            "numpy": version("numpy"),
            "python": platform.python_version(),
        },
    }


def _backend_version(backend: str) -> str:
    for distribution in (backend, f"{backend}-cpu"):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return "unknown"
